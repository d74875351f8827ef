// Names are as long as people make them, and screens as narrow as phones.
import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { addNode, openFleet } from "./support/fleet-site.ts";
import { openBrowser, signIn, startSite } from "./support/browser.ts";

const LONG = "a-name-without-any-space-that-somebody-has-chosen.example.internal.company.net";
const PHONE = { isPhone: true, width: 360, height: 740 } as const;

/** Whether all of it is between the edges of the screen. */
async function isInside(page: Page, element: Locator): Promise<boolean> {
  await element.scrollIntoViewIfNeeded();
  const box = await element.boundingBox();
  const width = page.viewportSize()?.width ?? 0;
  return box !== null && box.x >= 0 && box.x + box.width <= width;
}

const WIDTHS = `[...document.querySelectorAll("main, .table-frame, .dialog")].every(
  ({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)`;

describe("long names", () => {
  it("hide nothing on a phone: tables become lists, and titles of dialogs keep their button", async () => {
    const { app, page, problems, screenshot } = await openFleet(PHONE);
    const { uuid } = await addNode(app, LONG);
    await page.goto(`${app.url}/fleet/admin`);
    const row = page.locator("tr", { hasText: LONG });
    const remove = row.locator(`button[title="Delete: ${LONG}"]`);
    await remove.waitFor();
    expect(await isInside(page, remove)).toBe(true);
    // What is empty takes no line.
    expect(await row.locator('td[data-title="Tags"]').isVisible()).toBe(false);
    await screenshot("phone-table");
    await remove.click();
    expect(await isInside(page, page.locator('.dialog button[title="Close"]'))).toBe(true);
    await page.keyboard.press("Escape");
    for (const path of [
      "/fleet/admin/audit",
      "/fleet/events",
      "/fleet/settings/tokens",
      `/fleet/nodes/${uuid}`,
    ]) {
      await page.goto(`${app.url}${path}`);
      await page.waitForSelector(".table");
      expect([path, await page.evaluate(WIDTHS)]).toEqual([path, true]);
    }
    for (const part of ["terminal", "commands"]) {
      await page.goto(`${app.url}/fleet/nodes/${uuid}/${part}`);
      await page.waitForSelector(".node-part .notice");
      expect([part, await page.evaluate(WIDTHS)]).toEqual([part, true]);
    }
    await screenshot("phone-long-name");
    expect(problems).toEqual([]);
  });

  it("leave the buttons of a row in sight", async () => {
    const { app, page } = await openFleet();
    await addNode(app, LONG);
    await page.goto(`${app.url}/fleet/admin`);
    const remove = page.locator(`button[title="Delete: ${LONG}"]`);
    await remove.waitFor();
    expect(await page.evaluate(WIDTHS)).toBe(true);
  });
});

describe("the page of a terminal that is switched off", () => {
  it("says so, and tries nothing", async () => {
    const app = await startSite({ config: { roles: ["device"] } });
    const { page } = await openBrowser({ locale: "zh-CN" });
    const sockets: string[] = [];
    page.on("websocket", (socket) => sockets.push(new URL(socket.url()).pathname));
    await signIn(page, `${app.url}/console/terminal`);
    await page.waitForSelector("main >> text=终端已在设置中关闭。");
    expect(sockets).toEqual(["/api/ws"]);
  });
});
