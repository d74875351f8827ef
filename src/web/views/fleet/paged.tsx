import { useSignal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { ProblemNotice } from "../../components/problem-notice.tsx";
import { commonText } from "../../i18n/common-text.ts";
import { sentenceOf } from "../../lib/api.ts";
import type { Shape } from "../../lib/shape.ts";
import { ask } from "./fleet-api.ts";

/** A list that the hub tells page by page, newest first. */
export interface Paged<Item> {
  /** Undefined until the first page is there. */
  readonly items: ReadonlySignal<readonly Item[] | undefined>;
  readonly hasMore: boolean;
  /** Why the last page did not come; empty when it did. */
  readonly problem: ReadonlySignal<string>;
  readonly more: () => Promise<void>;
}

export function usePaged<Item, Page extends { readonly before: number | null }>(
  path: string,
  expected: Shape<Page>,
  itemsOf: (page: Page) => readonly Item[],
): Paged<Item> {
  const items = useSignal<readonly Item[] | undefined>(undefined);
  const before = useSignal<number | null>(null);
  const problem = useSignal("");
  const more = async (): Promise<void> => {
    try {
      const query = before.peek() === null ? {} : { before: before.peek() ?? 0 };
      const page = await ask("GET", path, expected, { query });
      items.value = [...(items.peek() ?? []), ...itemsOf(page)];
      before.value = page.before;
      problem.value = "";
    } catch (error) {
      problem.value = sentenceOf(error);
    }
  };
  useEffect(() => {
    void more();
  }, []);
  return { items, hasMore: before.value !== null, problem, more };
}

/** What stands below such a list: why it ends here, or the way on. */
export function PagedEnd<Item>({
  list,
  title,
}: {
  readonly list: Paged<Item>;
  readonly title: string;
}): JSX.Element | null {
  if (list.problem.value !== "") {
    return <ProblemNotice problem={list.problem.value} onRetry={list.more} />;
  }
  if (list.items.value === undefined) return <p class="muted">{commonText.t("loading")}</p>;
  return list.hasMore ? <Button onClick={() => void list.more()}>{title}</Button> : null;
}
