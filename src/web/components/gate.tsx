import type { ComponentType, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { commonText } from "../i18n/common-text.ts";
import { loadSession, session, sessionProblem } from "../lib/session.ts";
import { SignIn } from "../views/sign-in.tsx";
import { Button } from "./button.tsx";
import { Notice, attempt } from "./toast.tsx";

/** Whoever has just signed in goes on in the content: the form that had the keyboard is gone. */
function useWayIn(): void {
  const wasOutside = useRef(false);
  const who = session.value;
  useEffect(() => {
    if (wasOutside.current && who && document.activeElement === document.body) {
      document.querySelector<HTMLElement>("#content")?.focus({ preventScroll: true });
    }
    wasOutside.current = who === null;
  }, [who]);
}

/** Shows the page to those who are signed in, and the way in to everybody else. */
export function Gate({ page: Page }: { readonly page: ComponentType }): JSX.Element {
  useEffect(() => {
    attempt(loadSession);
  }, []);
  useWayIn();
  if (session.value === null) return <SignIn />;
  if (session.value !== undefined) return <Page />;
  if (sessionProblem.value === "") {
    return (
      <p class="unseen" role="status">
        {commonText.t("loading")}
      </p>
    );
  }
  return (
    <div class="sign-in">
      <Notice
        tone="bad"
        action={
          <Button icon="refresh" onClick={() => attempt(loadSession)}>
            {commonText.t("action.retry")}
          </Button>
        }
      >
        {sessionProblem.value}
      </Notice>
    </div>
  );
}
