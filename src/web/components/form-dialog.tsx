import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { Notice } from "./toast.tsx";
import { commonText } from "../i18n/common-text.ts";
import { sentenceOf } from "../lib/api.ts";

export interface FormDialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly wide?: boolean;
  /** More buttons, before the one that saves. */
  readonly actions?: ComponentChildren;
  readonly saveTitle?: string | undefined;
  /** Rejects with what is to be said; the dialog stays open then, with everything that was typed. */
  readonly onSave: () => Promise<unknown>;
  readonly onClose: () => void;
}

export function FormDialog(props: FormDialogProps): JSX.Element {
  const { title, children, wide = false, actions, saveTitle, onSave, onClose } = props;
  const id = useId();
  const isBusy = useSignal(false);
  const problem = useSignal("");
  const save = async (): Promise<void> => {
    isBusy.value = true;
    problem.value = "";
    try {
      await onSave();
      onClose();
    } catch (error) {
      problem.value = sentenceOf(error);
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <Dialog
      title={title}
      wide={wide}
      onClose={onClose}
      actions={
        <>
          {actions}
          <Button onClick={onClose}>{commonText.t("action.cancel")}</Button>
          <SubmitButton form={id} busy={isBusy.value}>
            {saveTitle ?? commonText.t("action.save")}
          </SubmitButton>
        </>
      }
    >
      <form
        id={id}
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy.value) void save();
        }}
      >
        {children}
      </form>
      {problem.value !== "" && <Notice tone="bad">{problem.value}</Notice>}
    </Dialog>
  );
}

function SubmitButton({
  form,
  busy,
  children,
}: {
  readonly form: string;
  readonly busy: boolean;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <button type="submit" form={form} class="button primary" disabled={busy} aria-busy={busy}>
      {children}
    </button>
  );
}
