import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Button } from "../../components/button.tsx";
import { Notice, attempt } from "../../components/toast.tsx";
import { settingsText } from "../../i18n/settings-text.ts";
import { tell } from "../../lib/native-api.ts";

const ASK_EVERY_MS = 700;

/** Resolves when the server answers again; it may have another certificate or port by then, and never answer here. */
async function untilBack(): Promise<void> {
  for (;;) {
    await new Promise((resolve) => {
      setTimeout(resolve, ASK_EVERY_MS);
    });
    const answer = await fetch("/health", { cache: "no-store" }).catch(() => undefined);
    if (answer?.ok === true) return;
  }
}

/** What was saved does not run yet. */
export function RestartNotice(): JSX.Element {
  const { t } = settingsText;
  const isUnderWay = useSignal(false);
  const restart = async (): Promise<void> => {
    await tell("POST", "/native/restart");
    isUnderWay.value = true;
    await untilBack();
    location.reload();
  };
  if (isUnderWay.value) return <Notice tone="info">{t("config.restarting")}</Notice>;
  return (
    <Notice
      tone="warn"
      action={
        <Button kind="primary" onClick={() => attempt(restart)}>
          {t("config.restart")}
        </Button>
      }
    >
      {t("config.needsRestart")}
    </Notice>
  );
}
