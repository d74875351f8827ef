import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../../components/button.tsx";
import { openTerminal } from "../../../components/terminal/terminal-session.ts";
import { Notice } from "../../../components/toast.tsx";
import { controlText } from "../../../i18n/fleet-control-text.ts";
import type { NodeEntry } from "../fleet-state.ts";
import { AuditHint } from "./audit-hint.tsx";
import { NodePart } from "./node-part.tsx";
import { nodeTerminalLink } from "./node-terminal-link.ts";

interface End {
  readonly reason: string;
  readonly wasSilent: boolean;
}

function EndNotice({ end, onAgain }: { readonly end: End; readonly onAgain: () => void }) {
  const { t } = controlText;
  const { reason, wasSilent } = end;
  return (
    <Notice
      tone={wasSilent ? "warn" : "info"}
      action={
        <Button icon="refresh" autofocus onClick={onAgain}>
          {t("terminal.again")}
        </Button>
      }
    >
      <p>{reason === "" ? t("terminal.ended") : t("terminal.endedWhy", { reason })}</p>
      {wasSilent && <p class="small">{t("control.agents")}</p>}
    </Notice>
  );
}

function Shell({ uuid }: { readonly uuid: string }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [round, setRound] = useState(0);
  const [end, setEnd] = useState<End | undefined>(undefined);
  useEffect(() => {
    if (box.current === null) return undefined;
    setEnd(undefined);
    return openTerminal(box.current, {
      link: nodeTerminalLink(uuid),
      onEnd: (reason, wasSilent) => setEnd({ reason, wasSilent }),
    });
  }, [round]);
  return (
    <>
      {end !== undefined && <EndNotice end={end} onAgain={() => setRound(round + 1)} />}
      <div ref={box} class="shell-box" />
    </>
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
      <Shell key={uuid} uuid={uuid} />
    </NodePart>
  );
}
