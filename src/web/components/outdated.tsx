import type { JSX } from "preact";
import { commonText } from "../i18n/common-text.ts";
import { isOutdated } from "../lib/session.ts";
import { Button } from "./button.tsx";
import { Notice } from "./toast.tsx";

/** Says that the server was updated after the page was opened. Reloading is the visitor's decision: they may be typing. */
export function Outdated(): JSX.Element {
  const { t } = commonText;
  return (
    <div role="status">
      {isOutdated.value && (
        <Notice
          tone="warn"
          action={<Button onClick={() => location.reload()}>{t("action.reload")}</Button>}
        >
          {t("app.outdated")}
        </Notice>
      )}
    </div>
  );
}
