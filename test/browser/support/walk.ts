import type { CDPSession, Page } from "playwright-core";

/** Where the focus was, as a screen reader tells it and as people see it. */
export interface Stop {
  readonly role: string;
  readonly name: string;
  readonly description: string;
  /** Something marks it, and it is in sight. */
  readonly isSeen: boolean;
}

const LOOK = `(() => {
  const element = document.activeElement;
  const { top, bottom, left, right } = element.getBoundingClientRect();
  const { outlineStyle } = getComputedStyle(element);
  const { content, borderTopWidth } = getComputedStyle(element, "::after");
  const frame = element.closest(":has(> :focus-visible)");
  const isMarked = outlineStyle !== "none" || (content !== "none" && borderTopWidth !== "0px") ||
    (frame !== null && element.classList.contains("unseen"));
  const isInside = bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
  return isMarked && isInside;
})()`;

/** Browsers go round, with or without a stop at their own bars. */
const IS_OVER = `(() => {
  const { activeElement } = document;
  const isOver = activeElement === document.body || walked.has(activeElement);
  walked.add(activeElement);
  return isOver;
})()`;

async function stopAt(page: Page, session: CDPSession): Promise<Stop> {
  const { result } = await session.send("Runtime.evaluate", {
    expression: "document.activeElement",
  });
  const { nodes } = await session.send("Accessibility.getPartialAXTree", {
    fetchRelatives: false,
    ...(result.objectId === undefined ? {} : { objectId: result.objectId }),
  });
  const [node] = nodes;
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return {
    role: text(node?.role?.value),
    name: text(node?.name?.value),
    description: text(node?.description?.value),
    isSeen: await page.evaluate<boolean>(LOOK),
  };
}

/** What has the focus now. */
export async function focused(page: Page): Promise<Stop> {
  const session = await page.context().newCDPSession(page);
  return stopAt(page, session);
}

/** Presses Tab until everything was reached, or `isEnd` says so; gives up after `most` stops. */
export async function walk(
  page: Page,
  isEnd: (stop: Stop) => boolean = () => false,
  most = 300,
): Promise<readonly Stop[]> {
  const session = await page.context().newCDPSession(page);
  const stops: Stop[] = [];
  await page.evaluate("globalThis.walked = new WeakSet()");
  for (let count = 0; count < most; count += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate<boolean>(IS_OVER)) return stops;
    const stop = await stopAt(page, session);
    stops.push(stop);
    if (isEnd(stop)) return stops;
  }
  throw new Error(`The focus does not come to an end: ${stops.at(-1)?.name ?? ""}`);
}

/** Stops that a screen reader could not name, or that nobody sees. */
export const faultsOf = (stops: readonly Stop[]): readonly Stop[] =>
  stops.filter(({ name, isSeen }) => name === "" || !isSeen);
