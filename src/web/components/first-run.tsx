import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { SetupView } from "../../protocol/native/settings.ts";
import { commonText } from "../i18n/common-text.ts";
import { ask } from "../lib/native-api.ts";
import { followLink, path } from "../lib/router.ts";
import { may } from "../lib/session.ts";
import { shape } from "../lib/shape.ts";
import { Notice } from "./toast.tsx";

const isSetup = shape<SetupView>("hasFirstPassword", "mustChangePassword");

/** Reminds the owner of a new machine, on every page but the one where it is done, and says why only looking is allowed. */
export function FirstRun({ page }: { readonly page: "console" | "fleet" }): JSX.Element | null {
  const { t } = commonText;
  const text = useSignal<"first.must" | "first.text" | undefined>(undefined);
  useEffect(() => {
    ask("GET", "/native/setup", isSetup).then(
      ({ hasFirstPassword, mustChangePassword }) => {
        if (mustChangePassword) text.value = "first.must";
        else if (hasFirstPassword && may("admin")) text.value = "first.text";
      },
      () => {
        // A reminder that fails is none.
      },
    );
  }, []);
  const href = `/${page}/settings`;
  if (text.value === undefined || path.value.startsWith(href)) return null;
  return (
    <Notice
      tone="warn"
      action={
        <a class="button primary" href={href} onClick={followLink}>
          {t("first.go")}
        </a>
      }
    >
      {t(text.value)}
    </Notice>
  );
}
