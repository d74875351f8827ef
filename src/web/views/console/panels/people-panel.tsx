import type { JSX } from "preact";
import { Badge } from "../../../components/status.tsx";
import { consoleText } from "../../../i18n/console-text.ts";
import { formatTime } from "../../../lib/format.ts";
import { people } from "../device-state.ts";

/** Who has this device open. */
export function PeoplePanel(): JSX.Element {
  const { t } = consoleText;
  return (
    <ul class="stack">
      {people.value.map(({ id, user, isYou, isVisitor, isTyping, since }) => (
        <li key={id} class="row">
          <span class="grow cut">
            {isYou ? t("people.you", { user }) : user}
            {isVisitor && <span class="muted small"> {t("people.visitor")}</span>}
          </span>
          {isTyping && <Badge tone="warn">{t("people.typing")}</Badge>}
          <span class="muted small">{formatTime(since, "time")}</span>
        </li>
      ))}
    </ul>
  );
}
