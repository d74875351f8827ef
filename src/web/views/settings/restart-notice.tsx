import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Button } from "../../components/button.tsx";
import type { RestartView, TakeOverView } from "../../../protocol/native/settings.ts";
import { Notice, attempt, toast } from "../../components/toast.tsx";
import { settingsText } from "../../i18n/settings-text.ts";
import { failureText } from "../../lib/api.ts";
import { formatList } from "../../lib/format.ts";
import { ask } from "../../lib/native-api.ts";
import { SHAPES } from "./shapes.ts";

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

function namesOf(parts: Exclude<RestartView, "everything">): string {
  return formatList(parts.map((part) => settingsText.t(`part.${part}`)));
}

/** Part by part; none: the program itself was just starting or ending. */
function failuresText({ failures }: TakeOverView): string {
  const { t } = settingsText;
  if (failures.length === 0) return t("config.notNow");
  const reasons = failures.map(({ parts, code, message }) =>
    t("config.failure", { parts: namesOf(parts), problem: failureText(code, message) }),
  );
  return t("config.notTakenOver", { problem: reasons.join(" ") });
}

interface RestartNoticeProps {
  readonly restarts: RestartView;
  /** Reads the settings again. */
  readonly reload: () => Promise<void>;
}

/** What was saved does not run yet; nothing when it does. */
export function RestartNotice({ restarts, reload }: RestartNoticeProps): JSX.Element | null {
  const { t } = settingsText;
  const phase = useSignal<"idle" | "busy" | "away">("idle");
  const takeOver = async (): Promise<void> => {
    const taken = await ask("POST", "/native/restart", SHAPES.takeOver);
    const { restarted } = taken;
    if (restarted === "everything") {
      phase.value = "away";
      await untilBack();
      location.reload();
      return;
    }
    if (taken.problem !== null) toast(failuresText(taken), "bad");
    else toast(t("config.takenOver", { parts: namesOf(restarted) }), "ok");
    await reload();
  };
  const onClick = (): void => {
    phase.value = "busy";
    attempt(() =>
      takeOver().finally(() => {
        phase.value = "idle";
      }),
    );
  };
  if (phase.value === "away") return <Notice tone="info">{t("config.restarting")}</Notice>;
  if (restarts.length === 0) return null;
  return (
    <Notice
      tone="warn"
      action={
        <Button kind="primary" busy={phase.value === "busy"} onClick={onClick}>
          {t("config.restart")}
        </Button>
      }
    >
      {restarts === "everything"
        ? t("config.needsRestart")
        : t("config.needsParts", { parts: namesOf(restarts) })}
    </Notice>
  );
}
