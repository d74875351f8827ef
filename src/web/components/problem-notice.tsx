import type { JSX } from "preact";
import { commonText } from "../i18n/common-text.ts";
import { Button } from "./button.tsx";
import { Notice } from "./toast.tsx";

/** Why something could not be read, with the way to try again; nothing when it could. */
export function ProblemNotice({
  problem,
  onRetry,
}: {
  readonly problem: string;
  readonly onRetry: () => Promise<void>;
}): JSX.Element | null {
  if (problem === "") return null;
  return (
    <Notice
      tone="bad"
      action={<Button onClick={() => void onRetry()}>{commonText.t("action.retry")}</Button>}
    >
      {problem}
    </Notice>
  );
}
