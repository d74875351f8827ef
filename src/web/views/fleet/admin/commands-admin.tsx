import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Section } from "../../../components/section.tsx";
import { adminText } from "../../../i18n/fleet-admin-text.ts";
import { controlText } from "../../../i18n/fleet-control-text.ts";
import { useResource } from "../../../lib/resource.ts";
import { CommandDesk } from "../control/command-desk.tsx";
import { FLEET } from "../fleet-api.ts";
import { fleet } from "../fleet-link.ts";
import { SHAPES } from "../shapes.ts";
import { NodePicker } from "./node-picker.tsx";

/** Where it runs: among the nodes that allow it. */
function Where({
  allowed,
  chosen,
  onChange,
}: {
  readonly allowed: ReadonlySet<number>;
  readonly chosen: readonly number[];
  readonly onChange: (chosen: number[]) => void;
}): JSX.Element {
  const { t } = controlText;
  if (allowed.size === 0) return <p class="empty card">{t("command.nodesNone")}</p>;
  const all = fleet().entries.value.length;
  return (
    <fieldset class="stack">
      <legend class="label">{t("command.nodes")}</legend>
      <p class="muted small">{t("command.nodesHint", { count: allowed.size, all })}</p>
      <NodePicker among={allowed} chosen={chosen} onChange={onChange} />
    </fieldset>
  );
}

/** Commands on several nodes at once. */
export function CommandsAdmin(): JSX.Element {
  const allowedNodes = useResource(`${FLEET}/permissions`, SHAPES.allowedNodes);
  const chosen = useSignal<readonly number[]>([]);
  return (
    <Section
      title={adminText.t("area.commands")}
      intro={adminText.t("commands.intro")}
      resource={allowedNodes}
    >
      {(nodes) => {
        const allowed = new Set(nodes.filter(({ command }) => command).map(({ node }) => node));
        return (
          <>
            <Where
              allowed={allowed}
              chosen={chosen.value}
              onChange={(ids) => {
                chosen.value = ids;
              }}
            />
            <CommandDesk nodes={chosen.value.filter((id) => allowed.has(id))} />
          </>
        );
      }}
    </Section>
  );
}
