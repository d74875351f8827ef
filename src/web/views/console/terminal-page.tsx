import type { JSX } from "preact";
import { Button } from "../../components/button.tsx";
import { Shell } from "../../components/terminal/shell.tsx";
import { Notice } from "../../components/toast.tsx";
import { commonText } from "../../i18n/common-text.ts";
import { terminalEndedText } from "../../i18n/terminal-ends-text.ts";
import { ttydLink } from "./ttyd-link.ts";

/** A shell of the device. */
export function TerminalPage(): JSX.Element {
  return (
    <main class="tool-page" id="content" tabIndex={-1}>
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
    </main>
  );
}
