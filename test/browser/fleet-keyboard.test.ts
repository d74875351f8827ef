import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { OWNER } from "../support/create-test-app.ts";
import { openBrowser, startSite } from "./support/browser.ts";
import { addNode, openFleet } from "./support/fleet-site.ts";

/** What has the keyboard: its words, and whether a person can see that it has it. */
interface Focus {
  readonly name: string;
  readonly isVisible: boolean;
}

/** As a program of the page: this file is checked without the types of a document. */
const FOCUS = `(() => {
  const has = document.activeElement;
  const labelled = document.getElementById(has.getAttribute("aria-labelledby") ?? "");
  const words = has.getAttribute("aria-label") ?? (labelled ?? has.labels?.[0] ?? has).textContent;
  const { outlineStyle, outlineWidth } = getComputedStyle(has);
  const box = has.getBoundingClientRect();
  const isInView = box.top >= 0 && box.bottom <= innerHeight;
  const hasRing = outlineStyle !== "none" && outlineWidth !== "0px";
  return {
    name: has.id === "content" ? "content" : words.trim(),
    isVisible: has.matches("main") || (hasRing && isInView),
  };
})()`;

const focusOf = (page: Page): Promise<Focus> => page.evaluate<Focus>(FOCUS);
const focusName = async (page: Page): Promise<string> => (await focusOf(page)).name;

const MOST_STEPS = 60;

/** Steps with Tab until something has the keyboard; every step on the way has to be seen. */
async function tabTo(page: Page, name: string, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  const seen: string[] = [];
  for (let step = 0; step < MOST_STEPS; step += 1) {
    await page.keyboard.press(key);
    const focus = await focusOf(page);
    seen.push(focus.name);
    expect(focus.isVisible, `the focus on "${focus.name}" is seen`).toBe(true);
    if (focus.name === name) return;
  }
  throw new Error(`The keyboard does not reach "${name}", only ${seen.join(", ")}`);
}

describe("the fleet page by keyboard alone", () => {
  it("leads from the sign-in to a node, its commands, and back to where it was", async () => {
    const app = await startSite({ config: { roles: ["device", "hub"] } });
    await addNode(app, "rack-1");
    const { page, problems } = await openBrowser();
    await page.goto(`${app.url}/fleet`);
    await page.waitForSelector("input");
    await page.keyboard.type(OWNER.user);
    await page.keyboard.press("Tab");
    await page.keyboard.type(OWNER.password);
    await page.keyboard.press("Enter");
    await page.waitForSelector('.node-card:has-text("rack-1")');
    await expect.poll(() => focusName(page)).toBe("content");
    await tabTo(page, "rack-1");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".node-page");
    await expect.poll(() => focusName(page)).toBe("content");
    await tabTo(page, "Commands");
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=This is switched off for rack-1.");
    await tabTo(page, "Allow");
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog[open]");
    // The answer that does nothing comes first.
    expect(await focusName(page)).toBe("Cancel");
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "detached" });
    expect(await focusName(page)).toBe("Allow");
    await page.goBack();
    await page.waitForSelector(".node-page");
    await expect.poll(() => focusName(page)).toBe("Commands");
    await page.goBack();
    await page.waitForSelector(".node-card");
    await expect.poll(() => focusName(page)).toBe("rack-1");
    expect(problems).toEqual([]);
  });

  it("goes through the administration and its dialogs without losing its place", async () => {
    const { page } = await openFleet();
    await tabTo(page, "Administration", "Shift+Tab");
    await page.keyboard.press("Enter");
    await page.waitForSelector('button:has-text("Add a node")');
    expect(await focusName(page)).toBe("Administration");
    await tabTo(page, "Add a node");
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog[open]");
    expect(await focusName(page)).toBe("Name");
    await page.keyboard.type("never saved");
    // Tab stays within the dialog and its browser.
    await tabTo(page, "Save");
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "detached" });
    expect(await focusName(page)).toBe("Add a node");
    expect(await page.locator("text=never saved").count()).toBe(0);
    await tabTo(page, `Menu of ${OWNER.user}`, "Shift+Tab");
    await page.keyboard.press("Enter");
    await page.waitForSelector("[role=menu]");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Escape");
    await page.waitForSelector("[role=menu]", { state: "detached" });
    expect(await focusName(page)).toBe(`Menu of ${OWNER.user}`);
    await tabTo(page, "Nodes", "Shift+Tab");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".node-card");
    expect(await focusName(page)).toBe("Nodes");
  });

  it("reaches every card of a list that is longer than the screen, and tells how long it is", async () => {
    const { app, page } = await openFleet();
    for (let index = 1; index <= 60; index += 1) await addNode(app, `node-${index}`);
    await page.waitForSelector('.node-card[aria-setsize="61"]');
    expect(await page.locator(".node-card").count()).toBeLessThan(61);
    await page.focus("#content");
    for (const name of ["node-20", "node-40", "node-60"]) await tabTo(page, name);
    expect(await page.getAttribute('.node-card:has-text("node-60")', "aria-posinset")).toBe("61");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".node-page");
    await page.goBack();
    await expect.poll(() => focusName(page)).toBe("node-60");
  });
});
