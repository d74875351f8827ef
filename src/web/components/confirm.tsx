import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { commonText } from "../i18n/common-text.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";

export interface Question {
  readonly title: string;
  /** What will happen, and what cannot be taken back. */
  readonly text: string;
  /** The word on the button that does it. */
  readonly action: string;
  readonly isDangerous?: boolean;
}

interface Asked extends Question {
  readonly answer: (isYes: boolean) => void;
}

const asked = signal<Asked | undefined>(undefined);

/** Asks before something that cannot be taken back. Resolves with false when the visitor does not want it. */
export function confirm(question: Question): Promise<boolean> {
  asked.value?.answer(false);
  return new Promise((resolve) => {
    asked.value = {
      ...question,
      answer: (isYes) => {
        asked.value = undefined;
        resolve(isYes);
      },
    };
  });
}

/** Where the question is drawn; once on a page. */
export function ConfirmHost(): JSX.Element | null {
  const question = asked.value;
  if (question === undefined) return null;
  const { title, text, action, isDangerous = false, answer } = question;
  return (
    <Dialog
      title={title}
      onClose={() => answer(false)}
      actions={
        <>
          <Button autofocus onClick={() => answer(false)}>
            {commonText.t("action.cancel")}
          </Button>
          <Button kind={isDangerous ? "danger" : "primary"} onClick={() => answer(true)}>
            {action}
          </Button>
        </>
      }
    >
      <p>{text}</p>
    </Dialog>
  );
}
