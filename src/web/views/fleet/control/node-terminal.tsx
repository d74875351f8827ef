import type { JSX } from "preact";
import { Button } from "../../../components/button.tsx";
import { Shell } from "../../../components/terminal/shell.tsx";
import type { ShellEnd } from "../../../components/terminal/shell.tsx";
import { Notice } from "../../../components/toast.tsx";
import { controlText } from "../../../i18n/fleet-control-text.ts";
import { terminalEndedText } from "../../../i18n/terminal-ends-text.ts";
import type { NodeEntry } from "../fleet-state.ts";
import { AuditHint } from "./audit-hint.tsx";
import { NodePart } from "./node-part.tsx";
import { nodeTerminalLink } from "./node-terminal-link.ts";

function EndNotice({
  end,
  onAgain,
}: {
  readonly end: ShellEnd;
  readonly onAgain: () => void;
}): JSX.Element {
  const { t } = controlText;
  const { code, wasSilent } = end;
  return (
    <Notice
      tone={wasSilent ? "warn" : "info"}
      action={
        <Button icon="refresh" autofocus onClick={onAgain}>
          {t("terminal.again")}
        </Button>
      }
    >
      <p>{terminalEndedText(code)}</p>
      {wasSilent && <p class="small">{t("control.agents")}</p>}
    </Notice>
  );
}

/** A shell on a node. */
export function NodeTerminal({ entry }: { readonly entry: NodeEntry }): JSX.Element {
  const { t } = controlText;
  const { name, uuid } = entry.node.value;
  return (
    <NodePart entry={entry} act="terminal" title={t("terminal.title", { name })}>
      <p class="muted small">
        {t("terminal.leave")} <AuditHint text={t("terminal.audit")} />
      </p>
      <Shell
        key={uuid}
        link={nodeTerminalLink(uuid)}
        notice={(end, onAgain) => <EndNotice end={end} onAgain={onAgain} />}
      />
    </NodePart>
  );
}
