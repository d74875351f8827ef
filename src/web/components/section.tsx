import type { ComponentChildren, JSX } from "preact";
import { Button } from "./button.tsx";
import { ProblemNotice } from "./problem-notice.tsx";
import { commonText } from "../i18n/common-text.ts";
import type { Resource } from "../lib/resource.ts";

export interface SectionProps<T> {
  readonly title: string;
  readonly intro: string;
  readonly resource: Resource<T>;
  readonly addTitle?: string | undefined;
  readonly onAdd?: (() => void) | undefined;
  readonly children: (value: T) => ComponentChildren;
}

/** A part of the administration: what it is about, a button for more of it, and what there is. */
export function Section<T>(props: SectionProps<T>): JSX.Element {
  const { title, intro, resource, addTitle, onAdd, children } = props;
  const value = resource.value.value;
  const problem = resource.problem.value;
  return (
    <section class="stack" aria-label={title}>
      <div class="row wrap">
        <div class="grow">
          <h2>{title}</h2>
          <p class="muted">{intro}</p>
        </div>
        {onAdd !== undefined && addTitle !== undefined && (
          <Button kind="primary" icon="plus" onClick={onAdd}>
            {addTitle}
          </Button>
        )}
      </div>
      <ProblemNotice problem={problem} onRetry={resource.reload} />
      {value === undefined
        ? problem === "" && <p class="muted">{commonText.t("loading")}</p>
        : children(value)}
    </section>
  );
}
