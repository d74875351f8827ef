import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { Notice } from "../../components/toast.tsx";
import { commonText } from "../../i18n/common-text.ts";
import { consoleText } from "../../i18n/console-text.ts";
import { openTerminal } from "../../components/terminal/terminal-session.ts";
import { ttydLink } from "./ttyd-link.ts";

/** A shell of the device. */
export function TerminalPage(): JSX.Element {
  const { t } = consoleText;
  const box = useRef<HTMLDivElement>(null);
  const [round, setRound] = useState(0);
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    if (box.current === null) return undefined;
    setOver(false);
    return openTerminal(box.current, { link: ttydLink, onEnd: () => setOver(true) });
  }, [round]);
  return (
    <main class="tool-page" id="content" tabIndex={-1}>
      {isOver && (
        <Notice
          action={
            <Button icon="refresh" autofocus onClick={() => setRound(round + 1)}>
              {commonText.t("action.retry")}
            </Button>
          }
        >
          {t("terminal.ended")}
        </Notice>
      )}
      <div ref={box} class="shell-box" />
    </main>
  );
}
