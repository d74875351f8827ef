import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateSync } from "otplib";
import type { Page } from "playwright-core";
import { describe, expect, it, onTestFinished } from "vitest";
import { until } from "../../src/core/store.ts";
import { OWNER } from "../support/create-test-app.ts";
import type { TestApp, TestAppOptions } from "../support/create-test-app.ts";
import { openBrowser, signIn, startSite, untilPicture } from "./support/browser.ts";
import type { BrowserOptions, BrowserPage } from "./support/browser.ts";

interface Open extends BrowserPage {
  readonly app: TestApp;
}

/** The console, signed in, with its picture. */
async function openConsole(
  options: BrowserOptions & { readonly app?: TestAppOptions } = {},
): Promise<Open> {
  const [app, browser] = await Promise.all([startSite(options.app), openBrowser(options)]);
  await signIn(browser.page, app.url);
  await untilPicture(browser.page);
  return { app, ...browser };
}

/** What is on the simulated computer's screen, once the text is there and every key is up. */
async function screenWith({ platform }: TestApp, text: string): Promise<string> {
  const { lines } = await until(
    platform.target.state,
    (state) =>
      state.lines.join("\n").includes(text) && state.keys.length === 0 && state.modifiers === 0,
  );
  return lines.join("\n");
}

const openMenu = (page: Page, name: string): Promise<void> =>
  page.click(`.toolbar button[aria-haspopup]:has-text("${name}")`);

const choose = (page: Page, name: string): Promise<void> =>
  page.click(`[role^=menuitem]:has-text("${name}")`);

const PIXELS = 'document.querySelector("canvas").toDataURL("image/png")';

/** Waits until the picture is another one than now. */
async function untilItMoves(page: Page): Promise<void> {
  const pixels = (): Promise<string> => page.evaluate<string>(PIXELS);
  const before = await pixels();
  await expect.poll(pixels).not.toBe(before);
}

describe("signing in", () => {
  it("shows the way in to everybody else, says what is wrong, and leads to the console", async () => {
    const [app, browser] = await Promise.all([startSite(), openBrowser()]);
    const { page, problems, foreignRequests, screenshot } = browser;
    await page.goto(app.url);
    await page.waitForSelector("form");
    expect(new URL(page.url()).pathname).toBe("/console");
    await screenshot("sign-in");
    await page.fill("input[autocomplete=username]", OWNER.user);
    await page.fill("input[type=password]", "wrong");
    await page.keyboard.press("Enter");
    expect(await page.textContent("[role=alert]")).toContain("Check them");
    await screenshot("sign-in-wrong");
    await page.fill("input[type=password]", OWNER.password);
    await page.keyboard.press("Enter");
    await untilPicture(page);
    await page.click("button[aria-haspopup=menu][aria-label='Menu of admin']");
    await choose(page, "Sign out");
    await page.waitForSelector("form");
    expect(problems).toEqual([]);
    expect(foreignRequests).toEqual([]);
  });

  it("takes a one-time code", async () => {
    const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    const dataDir = mkdtempSync(join(tmpdir(), "farhand-totp-"));
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    writeFileSync(join(dataDir, "totp.secret"), secret, { mode: 0o600 });
    const [app, { page }] = await Promise.all([startSite({ dataDir }), openBrowser()]);
    await page.goto(app.url);
    await page.fill("input[autocomplete=username]", OWNER.user);
    await page.fill("input[type=password]", OWNER.password);
    await page.keyboard.press("Enter");
    expect(await page.textContent("[role=alert]")).toContain("one-time code");
    await page.fill("input[autocomplete=one-time-code]", generateSync({ secret }));
    await page.keyboard.press("Enter");
    await untilPicture(page);
  });
});

describe("the picture", () => {
  it("moves, and says how large and how quick it is", async () => {
    const { page, screenshot, problems } = await openConsole({ video: "auto" });
    await untilItMoves(page);
    await page.waitForSelector(".status-bar .figure:text-matches('[1-9]\\d* fps')");
    await page.waitForSelector(".status-bar:has-text('H.264')");
    expect(await page.textContent(".status-bar")).toContain("1280×720");
    await screenshot("console");
    expect(problems).toEqual([]);
  });

  it("works without H.264, too", async () => {
    const { page, problems } = await openConsole({ video: "auto" });
    await openMenu(page, "Picture");
    await choose(page, "MJPEG");
    await page.waitForSelector(".status-bar:has-text('MJPEG')");
    await untilPicture(page);
    await untilItMoves(page);
    expect(problems).toEqual([]);
  });

  it("fills the tab and the screen, with the bars in reach", async () => {
    const { page, screenshot } = await openConsole();
    await openMenu(page, "Picture");
    await choose(page, "Fill the tab");
    await page.waitForSelector(".topbar", { state: "hidden" });
    await screenshot("full-tab");
    await page.click(".handle");
    await page.waitForSelector(".topbar");
    await page.click(".stage");
    await page.waitForSelector(".topbar", { state: "hidden" });
    await page.click(".handle");
    await openMenu(page, "Picture");
    await choose(page, "Fill the tab");
    await openMenu(page, "Picture");
    await choose(page, "Full screen");
    await expect.poll(() => page.evaluate("document.fullscreenElement !== null")).toBe(true);
    await page.waitForSelector(".topbar", { state: "hidden" });
    await page.click(".handle");
    await openMenu(page, "Picture");
    await choose(page, "Leave the full screen");
    await expect.poll(() => page.evaluate("document.fullscreenElement !== null")).toBe(false);
  });

  it("tells in a sentence that the computer is off, and switches it on", async () => {
    const { app, page, screenshot } = await openConsole();
    await openMenu(page, "Power");
    await choose(page, "Hold the power button");
    await screenshot("power-question");
    await page.click("dialog button.danger");
    await page.waitForSelector(".video-notice:has-text('The computer is off')");
    await screenshot("computer-off");
    await page.waitForSelector(".video-notice button:not(:disabled)");
    await page.focus(".video-notice button");
    await page.keyboard.press("Enter");
    const { phase } = await until(app.platform.target.state, ({ power }) => power);
    expect(phase).toBe("booting");
    await untilPicture(page);
  });
});

describe("typing and pointing", () => {
  it("sends what is typed to the computer, and lets go when the page loses the focus", async () => {
    const { app, page, screenshot } = await openConsole();
    await page.click(".stage");
    await page.keyboard.press("Shift+KeyH");
    await page.keyboard.type("ello from a browser");
    expect(await screenWith(app, "browser")).toBe("Hello from a browser");
    await screenshot("typed");
    await page.keyboard.down("Shift");
    await until(app.platform.target.state, ({ modifiers }) => modifiers !== 0);
    await page.click(".toolbar button:has-text('Health')");
    await until(app.platform.target.state, ({ modifiers }) => modifiers === 0);
  });

  it("passes a key on at once", async () => {
    const [app, { page, context }] = await Promise.all([startSite(), openBrowser()]);
    // From the page's first word of the event to the call that sends the frame, which nothing else comes between.
    await context.addInitScript(`
      globalThis.delays = [];
      let pressedAt;
      addEventListener("keydown", () => {
        pressedAt = performance.now();
        setTimeout(() => { pressedAt = undefined; });
      }, true);
      const send = WebSocket.prototype.send;
      WebSocket.prototype.send = function (data) {
        if (data[0] === 1 && (data[1] & 1) === 1) delays.push(performance.now() - pressedAt);
        return send.call(this, data);
      };
    `);
    await signIn(page, app.url);
    await untilPicture(page);
    for (const letter of "abcdefghijklmnopqrstuvwxyz") await page.keyboard.press(letter);
    const delays = await page.evaluate<readonly number[]>("delays");
    const sorted = [...delays].sort((a, b) => a - b);
    expect(sorted).toHaveLength(26);
    expect(delays.filter((delay) => !Number.isFinite(delay))).toEqual([]);
    expect(sorted[13]).toBeLessThan(2);
  });

  it("comes back to the page with Control, Shift and Alt", async () => {
    const { page } = await openConsole();
    await page.click(".stage");
    await page.waitForSelector(".status-bar:has-text('Keys go to the computer')");
    for (const key of ["Control", "Shift", "Alt"]) await page.keyboard.down(key);
    for (const key of ["Alt", "Shift", "Control"]) await page.keyboard.up(key);
    await page.waitForSelector(".status-bar:has-text('Click the picture to type')");
    expect(await page.$(".toolbar button:focus")).not.toBeNull();
  });

  it("points where the visitor points, clicks and turns the wheel", async () => {
    const { app, page } = await openConsole({ width: 1400, height: 700 });
    const box = await page.locator(".stage").boundingBox();
    if (box === null) throw new Error("There is no stage");
    // The picture is as high as the window, in its middle.
    const width = (box.height * 1280) / 720;
    const left = box.x + (box.width - width) / 2;
    await page.mouse.move(left + width * 0.75, box.y + box.height * 0.25);
    const { pointer } = await until(
      app.platform.target.state,
      (state) => Math.abs(state.pointer.x - 1920 * 0.75) < 4,
    );
    expect(Math.abs(pointer.y - 1080 * 0.25)).toBeLessThan(4);
    await page.mouse.down();
    await until(app.platform.target.state, ({ buttons }) => buttons === 1);
    await page.mouse.up();
    await until(app.platform.target.state, ({ buttons }) => buttons === 0);
    await page.mouse.wheel(0, 100);
    const { wheel } = await until(app.platform.target.state, (state) => state.wheel !== 0);
    expect(wheel).toBe(-1);
  });

  it("captures a relative mouse until Escape", async () => {
    const { app, page } = await openConsole();
    await openMenu(page, "Mouse");
    await choose(page, "Relative");
    await until(app.device.hid.state, ({ mouse }) => !mouse.absolute);
    await page.click(".toolbar button[aria-haspopup]:has-text('Mouse')");
    await page.waitForSelector("[role^=menuitem]:has-text('Capture the mouse')");
    await page.keyboard.press("Escape");
    const before = app.platform.target.state.value.pointer;
    await page.mouse.move(600, 400);
    await page.mouse.click(600, 400);
    await expect.poll(() => page.evaluate("document.pointerLockElement !== null")).toBe(true);
    // The first motion after the capture may be the browser's own.
    let x = 600;
    const movesOn = async (): Promise<boolean> => {
      x += 5;
      await page.mouse.move(x, 400);
      return app.platform.target.state.value.pointer.x !== before.x;
    };
    await expect.poll(movesOn).toBe(true);
    await page.keyboard.down("KeyA");
    await page.mouse.down();
    await until(app.platform.target.state, ({ buttons }) => buttons === 1);
    await page.evaluate("document.exitPointerLock()");
    await until(
      app.platform.target.state,
      ({ buttons, keys }) => buttons === 0 && keys.length === 0,
    );
  });

  it("pastes a text as typing and names what the layout cannot make", async () => {
    const { app, page, screenshot } = await openConsole();
    await openMenu(page, "Keyboard");
    await choose(page, "Paste");
    await page.fill("dialog textarea", "root\npassword 1€");
    await page.waitForSelector("dialog .notice.warn:has-text('€')");
    await screenshot("paste");
    await page.fill("dialog textarea", "root\nsecret 1");
    await page.click("dialog footer button.primary");
    expect(await screenWith(app, "secret 1")).toBe("root\nsecret 1");
    await page.waitForSelector("dialog", { state: "detached" });
  });

  it("has a keyboard on the screen with sticky modifiers", async () => {
    const { app, page, screenshot } = await openConsole();
    await openMenu(page, "Keyboard");
    await choose(page, "On-screen keyboard");
    await page.click(".osk .key:text-is('Shift') >> nth=0");
    await page.waitForSelector(".osk .key:text-is('A')");
    await screenshot("on-screen-keyboard");
    await page.click(".osk .key:text-is('A')");
    await page.click(".osk .key:text-is('b')");
    expect(await screenWith(app, "Ab")).toBe("Ab");
  });

  it("sends shortcuts, also the visitor's own", async () => {
    const { app, page } = await openConsole();
    await openMenu(page, "Keyboard");
    await choose(page, "Own shortcuts");
    await page.click("dialog input[readonly]");
    await page.keyboard.press("KeyX");
    await page.getByLabel("Name, if you like").fill("The letter");
    await page.click("dialog button.primary");
    await page.keyboard.press("Escape");
    await openMenu(page, "Keyboard");
    await choose(page, "The letter");
    expect(await screenWith(app, "x")).toBe("x");
  });
});
