import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { until } from "../../src/core/store.ts";
import type { TestApp } from "../support/create-test-app.ts";
import { openBrowser, signIn, startSite, untilPicture } from "./support/browser.ts";
import { settingsFile } from "./support/settings-file.ts";
import { faultsOf, focused, walk } from "./support/walk.ts";

const GPIO = {
  drivers: { noop: { type: "noop" } },
  scheme: { fan: { driver: "noop", pin: "1", mode: "output" } },
  view: { header: { title: "Rack" }, table: [["#Fan", "fan"]] },
};

async function openConsole(): Promise<{ readonly app: TestApp; readonly page: Page }> {
  const [app, { page }] = await Promise.all([
    startSite({ config: { device: { gpio: GPIO } } }),
    openBrowser(),
  ]);
  await signIn(page, app.url);
  await untilPicture(page);
  return { app, page };
}

/** The documented way out of the picture. */
async function leavePicture(page: Page): Promise<void> {
  for (const key of ["Control", "Shift", "Alt"]) await page.keyboard.down(key);
  for (const key of ["Control", "Shift", "Alt"]) await page.keyboard.up(key);
  await page.waitForSelector(".toolbar button:focus");
}

const menuItem = (page: Page, text: string): Promise<unknown> =>
  page.waitForSelector(`[role^=menuitem]:focus:has-text("${text}")`);

describe("the console with the keyboard alone", () => {
  it("tells how to leave the picture, which has every key, and leads there and back", async () => {
    const { app, page } = await openConsole();
    const screen = await focused(page);
    expect(screen).toMatchObject({ role: "application", name: "Screen of the computer" });
    expect(screen.description).toContain("Control, Shift and Alt together");
    expect(screen.isSeen).toBe(true);
    await page.waitForSelector(".status-bar kbd:has-text('Ctrl + Shift + Alt')");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Escape");
    // They went to the computer, not to the page.
    await page.waitForSelector(".stage:focus");
    await leavePicture(page);
    await until(
      app.platform.target.state,
      ({ keys, modifiers }) => keys.length === 0 && modifiers === 0,
    );
    expect(await page.locator(".status-bar kbd").count()).toBe(0);
    const stops = await walk(page, ({ role }) => role === "application");
    expect(faultsOf(stops)).toEqual([]);
    expect(stops.map(({ name }) => name)).toEqual([
      "Keyboard",
      "Mouse",
      "Media",
      "Switches",
      "Picture",
      "Health",
      "Log and terminal",
      "Menu of admin",
      "Screen of the computer",
    ]);
  });

  it("says it over the picture where there are no bars, and brings the bars back", async () => {
    const { page } = await openConsole();
    await leavePicture(page);
    for (let step = 0; step < 5; step += 1) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.waitForSelector("[role^=menuitem]:focus");
    while ((await page.locator("[role^=menuitem]:focus:has-text('Fill the tab')").count()) === 0) {
      await page.keyboard.press("ArrowDown");
    }
    await page.keyboard.press("Enter");
    await page.waitForSelector(".topbar", { state: "hidden" });
    await page.focus(".stage");
    await page.waitForSelector(".leave-sign:has-text('Ctrl + Shift + Alt')");
    await leavePicture(page);
    expect(await page.isVisible(".topbar")).toBe(true);
  });

  it("opens each panel with its focus inside, and Escape gives it back to its button", async () => {
    const { page } = await openConsole();
    for (const name of ["Media", "Switches", "Health"]) {
      await page.focus(`.toolbar button:has-text("${name}")`);
      await page.keyboard.press("Enter");
      await page.waitForSelector(".side-panel:focus");
      const inside = await walk(page, ({ role }) => role === "contentinfo", 40);
      expect(faultsOf(inside)).toEqual([]);
      await page.focus(".side-panel");
      await page.keyboard.press("Escape");
      await page.waitForSelector(`.toolbar button:focus:has-text("${name}")`);
      expect(await page.locator(".side-panel").count()).toBe(0);
    }
  });

  it("opens menus and dialogs, keeps the focus in them, and gives it back", async () => {
    const { page } = await openConsole();
    await leavePicture(page);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await menuItem(page, "Paste as typing");
    await page.keyboard.press("End");
    await menuItem(page, "Reset");
    await page.keyboard.press("ArrowDown");
    await menuItem(page, "Paste as typing");
    await page.keyboard.press("Escape");
    await page.waitForSelector(".toolbar button:focus:has-text('Keyboard')");
    await page.keyboard.press("Enter");
    await menuItem(page, "Paste as typing");
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog textarea:focus");
    const inside = await walk(page, ({ name }) => name === "Text to type", 12);
    expect(faultsOf(inside)).toEqual([]);
    expect(inside.map(({ name }) => name)).not.toContain("Menu of admin");
    await page.keyboard.press("Escape");
    await page.waitForSelector(".toolbar button:focus:has-text('Keyboard')");
  });
});

describe("the settings with the keyboard alone", () => {
  const FILE =
    "roles: [device]\nagent:\n  uplinks:\n    - { protocol: komari, url: https://a.example, token: t }\n";

  it("leads through each page in order: every stop has a name and is seen", async () => {
    const { settings } = await settingsFile(FILE);
    const [app, { page }] = await Promise.all([startSite({ settings }), openBrowser()]);
    await signIn(page, app.url);
    for (const area of ["", "switches", "accounts", "tokens", "pairing", "certificate"]) {
      await page.goto(`${app.url}/console/settings/${area}`);
      await page.waitForSelector(".side-nav section, .side-nav form");
      const stops = await walk(page);
      expect([area, faultsOf(stops)]).toEqual([area, []]);
      expect(stops[0]?.name).toBe("Skip to the content");
      // Nothing is called like something else on the page.
      const names = stops.map(({ role, name }) => `${role} ${name}`);
      expect([area, new Set(names).size]).toEqual([area, names.length]);
    }
  });

  it("leads through the whole configuration, and past it with one step", async () => {
    const { settings } = await settingsFile(FILE);
    const [app, { page }] = await Promise.all([startSite({ settings }), openBrowser()]);
    await signIn(page, `${app.url}/console/settings/configuration`);
    await page.waitForSelector(".settings-bar");
    await page.fill("input[type=search]", "agent.");
    const stops = await walk(page);
    expect(faultsOf(stops)).toEqual([]);
    const names = stops.map(({ name }) => name);
    expect(names).toContain("komari · https://a.example");
    expect(names).toContain("Add : agent.interfaces.include");
    await page.evaluate("document.activeElement.blur(); scrollTo(0, 0)");
    await page.focus(".skip");
    await page.keyboard.press("Enter");
    await page.waitForSelector("main:focus");
  });
});
