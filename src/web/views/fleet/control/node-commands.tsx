import type { JSX } from "preact";
import { controlText } from "../../../i18n/fleet-control-text.ts";
import type { NodeEntry } from "../fleet-state.ts";
import { CommandDesk } from "./command-desk.tsx";
import { NodePart } from "./node-part.tsx";

/** Commands on one node. */
export function NodeCommands({ entry }: { readonly entry: NodeEntry }): JSX.Element {
  const { name } = entry.node.value;
  return (
    <NodePart entry={entry} act="command" title={controlText.t("command.titleOn", { name })}>
      <CommandDesk nodes={[entry.id]} only={entry.id} />
    </NodePart>
  );
}
