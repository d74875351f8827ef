import { useSignal } from "@preact/signals";
import type { ComponentType, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { commonText } from "../i18n/common-text.ts";
import { sentenceOf } from "../lib/api.ts";
import { Button } from "./button.tsx";
import { Notice } from "./toast.tsx";

export interface LaterProps<Props extends object> {
  /** Imports the part; called once, and again when the visitor tries again. */
  readonly load: () => Promise<ComponentType<Props>>;
  readonly props: Props;
}

/** A part of the page whose script is fetched when it is opened. */
export function Later<Props extends object>({ load, props }: LaterProps<Props>): JSX.Element {
  const part = useSignal<{ readonly component: ComponentType<Props> } | undefined>(undefined);
  const problem = useSignal("");
  const fetchPart = async (): Promise<void> => {
    problem.value = "";
    try {
      part.value = { component: await load() };
    } catch (error) {
      problem.value = sentenceOf(error);
    }
  };
  useEffect(() => {
    void fetchPart();
  }, []);
  if (part.value !== undefined) {
    const Part = part.value.component;
    return <Part {...props} />;
  }
  if (problem.value === "") return <p class="muted">{commonText.t("loading")}</p>;
  return (
    <Notice
      tone="bad"
      action={<Button onClick={() => void fetchPart()}>{commonText.t("action.retry")}</Button>}
    >
      {problem.value}
    </Notice>
  );
}
