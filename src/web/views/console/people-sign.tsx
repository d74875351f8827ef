import type { JSX } from "preact";
import { Button } from "../../components/button.tsx";
import { consoleText } from "../../i18n/console-text.ts";
import { panel } from "./console-settings.ts";
import { people } from "./device-state.ts";

/** How many are here; shown when it is not only you. */
export function PeopleButton(): JSX.Element | null {
  const { t } = consoleText;
  const count = people.value.filter(({ isVisitor }) => !isVisitor).length;
  if (count < 2) return null;
  return (
    <Button
      kind="ghost"
      icon="users"
      label={t("people.count", { n: count })}
      pressed={panel.value === "people"}
      onClick={() => {
        panel.value = panel.value === "people" ? undefined : "people";
      }}
    >
      {String(count)}
    </Button>
  );
}

/** A clear sign over the picture while somebody else types. */
export function TypingSign(): JSX.Element {
  const { t } = consoleText;
  const names = people.value
    .filter(({ isTyping, isYou }) => isTyping && !isYou)
    .map(({ user }) => user);
  return (
    <div class="typing-sign" role="status" aria-live="polite">
      {names.length > 0 && (
        <span>{t("people.isTyping", { names: [...new Set(names)].join(", ") })}</span>
      )}
    </div>
  );
}
