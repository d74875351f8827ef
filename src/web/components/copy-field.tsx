import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Button } from "./button.tsx";
import { toast } from "./toast.tsx";
import { commonText } from "../i18n/common-text.ts";

/** A text that is to be taken elsewhere. */
export function CopyField({
  label,
  text,
}: {
  readonly label: string;
  readonly text: string;
}): JSX.Element {
  const isCopied = useSignal(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      isCopied.value = true;
    } catch {
      // Without encryption browsers allow it to nobody.
      toast(commonText.t("said.copyFailed"), "warn");
    }
  };
  return (
    <div class="copy-field">
      <span class="label">{label}</span>
      <div class="row">
        <code class="grow">{text}</code>
        <Button icon={isCopied.value ? "check" : "copy"} onClick={() => void copy()}>
          {commonText.t(isCopied.value ? "action.copied" : "action.copy")}
        </Button>
      </div>
    </div>
  );
}
