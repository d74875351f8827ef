import type { JSX } from "preact";
import { Button } from "../../components/button.tsx";
import { Shell } from "../../components/terminal/shell.tsx";
import { Notice } from "../../components/toast.tsx";
import { commonText } from "../../i18n/common-text.ts";
import { problemsText } from "../../i18n/problems-text.ts";
import { terminalEndedText } from "../../i18n/terminal-ends-text.ts";
import { isKnown } from "./device-events.ts";
import { info } from "./device-state.ts";
import { ttydLink } from "./ttyd-link.ts";

function Content(): JSX.Element {
  if (!isKnown.value) {
    return (
      <p class="empty" role="status">
        {commonText.t("loading")}
      </p>
    );
  }
  // Where it is off there is nothing to connect to, however often it is tried.
  if (!info.value.hasTerminal) {
    return <Notice tone="warn">{problemsText.t("TERMINAL_DISABLED")}</Notice>;
  }
  return (
    <Shell
      link={ttydLink}
      notice={({ code }, onAgain) => (
        <Notice
          action={
            <Button icon="refresh" autofocus onClick={onAgain}>
              {commonText.t("action.retry")}
            </Button>
          }
        >
          {terminalEndedText(code)}
        </Notice>
      )}
    />
  );
}

/** A shell of the device. */
export function TerminalPage(): JSX.Element {
  return (
    <main class="tool-page" id="content" tabIndex={-1}>
      <Content />
    </main>
  );
}
