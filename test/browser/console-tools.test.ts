import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it, onTestFinished } from "vitest";
import { until } from "../../src/core/store.ts";
import { addAccount } from "../support/app-accounts.ts";
import { tempDir } from "../support/temp-dir.ts";
import { openBrowser, signIn, startSite, untilPicture } from "./support/browser.ts";

const openMenu = (page: Page, name: string): Promise<void> =>
  page.click(`.toolbar button[aria-haspopup]:has-text("${name}")`);
const choose = (page: Page, name: string): Promise<void> =>
  page.click(`[role^=menuitem]:has-text("${name}")`);

/** Controls that a screen reader could not tell apart. */
const NAMELESS = `[...document.querySelectorAll("button, a, input, select, textarea, [role=img], canvas")]
  .filter((it) => !(it.ariaLabel || it.textContent.trim() || it.labels?.length || it.title || it.closest("[aria-label]")))
  .map((it) => it.outerHTML)`;

describe("power", () => {
  it("asks before the reset button, and shows the light", async () => {
    const [app, { page }] = await Promise.all([startSite(), openBrowser()]);
    await signIn(page, app.url);
    await openMenu(page, "Power");
    await page.waitForSelector(".menu .title:has-text('The computer is on')");
    await choose(page, "Press the reset button");
    await page.click("dialog button:has-text('Cancel')");
    expect(app.platform.target.state.value.phase).toBe("running");
    await openMenu(page, "Power");
    await choose(page, "Press the reset button");
    await page.click("dialog button.danger");
    await until(app.platform.target.state, ({ phase }) => phase !== "running");
    await until(app.platform.target.state, ({ phase }) => phase === "running");
  });
});

describe("media", () => {
  it("uploads an image, connects it, ejects it and deletes it", async () => {
    const [app, { page, screenshot, problems }] = await Promise.all([startSite(), openBrowser()]);
    const file = join(tempDir(), "rescue.iso");
    writeFileSync(file, Buffer.alloc(3 * 1024 * 1024, 7));
    await signIn(page, app.url);
    await page.click(".toolbar button:has-text('Media')");
    await page.setInputFiles("input[type=file]", file);
    await page.waitForSelector(".upload:has-text('Uploaded')");
    await page.waitForSelector(".image:has-text('rescue.iso')");
    await page.click(".image button:has-text('Connect')");
    const { disk } = await until(app.platform.target.state, (state) => state.disk !== null);
    expect(disk).toMatchObject({ cdrom: true, sizeBytes: 3 * 1024 * 1024 });
    await page.waitForSelector(".card:has-text('rescue.iso')");
    await screenshot("media");
    await page.click(".card button:has-text('Eject')");
    await until(app.platform.target.state, (state) => state.disk === null);
    await page.click(".image button[aria-haspopup]");
    await screenshot("media-menu");
    await choose(page, "Delete the image");
    await page.click("dialog button.danger");
    await page.waitForSelector(".image", { state: "detached" });
    expect(problems).toEqual([]);
  });

  /** Files as people drop them on the page: first held over it, then let go. */
  async function dropFiles(page: Page, files: Readonly<Record<string, number>>): Promise<void> {
    const transfer = await page.evaluateHandle(`(() => {
      const data = new DataTransfer();
      for (const [name, size] of Object.entries(${JSON.stringify(files)})) {
        data.items.add(new File([new Uint8Array(size).fill(7)], name));
      }
      return data;
    })()`);
    await page.dispatchEvent(".stage", "dragover", { dataTransfer: transfer });
    await page.waitForSelector(".drop-veil:has-text('Drop to upload')");
    await page.dispatchEvent(".stage", "drop", { dataTransfer: transfer });
    await page.waitForSelector(".drop-veil", { state: "detached" });
  }

  it("takes files that are dropped on the picture, with progress and speed, one after the other", async () => {
    const [app, { page, context, screenshot, problems }] = await Promise.all([
      startSite(),
      openBrowser(),
    ]);
    await signIn(page, app.url);
    await untilPicture(page);
    const session = await context.newCDPSession(page);
    const uploadThroughput = (bytesPerSecond: number): Promise<unknown> =>
      session.send("Network.emulateNetworkConditions", {
        offline: false,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: bytesPerSecond,
      });
    await uploadThroughput(1024 * 1024);
    await dropFiles(page, { "large.iso": 24 * 1024 * 1024, "small.img": 4096 });
    const large = page.locator(".upload:has-text('large.iso')");
    const figures = /[\d.]+ MB \/ 24\.0 MB · [\d.]+ [KM]B\/s · \d+s/;
    await large.filter({ hasText: figures }).waitFor();
    await expect
      .poll(async () => Number(await large.locator("progress").getAttribute("value")))
      .toBeGreaterThan(0);
    await page.waitForSelector(".upload:has-text('small.img'):has-text('Waiting')");
    await screenshot("upload");
    await until(app.device.msd.state, ({ storage }) => storage?.uploading?.name === "large.iso");
    await large.locator("button[title='Cancel the upload']").click();
    await uploadThroughput(-1);
    await large.waitFor({ state: "detached" });
    await page.waitForSelector(".upload:has-text('small.img'):has-text('Uploaded')");
    const { storage } = await until(
      app.device.msd.state,
      (state) => state.storage?.uploading === null && "small.img" in state.storage.images,
    );
    expect(storage?.images).toMatchObject({ "small.img": { sizeBytes: 4096, complete: true } });
    expect(Object.keys(storage?.images ?? {})).toEqual(["small.img"]);
    expect(new URL(page.url()).pathname).toBe("/console");
    expect(problems).toEqual([]);
  });

  it("fetches an image from an address, and lets an upload be cancelled", async () => {
    const size = 400_000;
    const site = createServer((request, response) => {
      response.writeHead(200, { "Content-Length": size });
      // The second one never ends.
      if (request.url === "/whole.img") response.end(Buffer.alloc(size, 1));
      else response.write(Buffer.alloc(1000, 1));
    });
    await new Promise<void>((resolve) => {
      site.listen(0, "127.0.0.1", resolve);
    });
    onTestFinished(() => {
      site.closeAllConnections();
      site.close();
    });
    const address = site.address();
    const port = typeof address === "object" ? address?.port : 0;
    const config = { device: { msd: { remote: { allowPrivate: true } } } };
    const [app, { page }] = await Promise.all([startSite({ config }), openBrowser()]);
    await signIn(page, app.url);
    await page.click(".toolbar button:has-text('Media')");
    await page.fill("input[type=url]", `http://127.0.0.1:${port}/whole.img`);
    await page.click("button:has-text('Fetch')");
    await page.waitForSelector(".image:has-text('whole.img')");
    await page.fill("input[type=url]", `http://127.0.0.1:${port}/endless.img`);
    await page.click("button:has-text('Fetch')");
    const upload = page.locator(".upload:has-text('endless.img')");
    await upload.locator("progress").waitFor();
    await until(app.device.msd.state, ({ storage }) => storage?.uploading !== null);
    await upload.locator("button[title='Cancel the upload']").click();
    await upload.waitFor({ state: "detached" });
    const { storage } = await until(
      app.device.msd.state,
      (state) => state.storage?.uploading === null && !("endless.img" in state.storage.images),
    );
    expect(Object.keys(storage?.images ?? {})).toEqual(["whole.img"]);
  });
});

describe("switches", () => {
  it("draws the panel that the owner describes, and uses it", async () => {
    const gpio = {
      drivers: { noop: { type: "noop" } },
      scheme: {
        fan: { driver: "noop", pin: "1", mode: "output" },
        door: { driver: "noop", pin: "2", mode: "output", switch: false },
      },
      view: {
        header: { title: "Rack" },
        table: [["#Fan", "fan"], [], ["#Door", "door|confirm|Open"]],
      },
    };
    const config = { device: { gpio } };
    const [app, { page, screenshot }] = await Promise.all([startSite({ config }), openBrowser()]);
    await signIn(page, app.url);
    await page.click(".toolbar button:has-text('Switches')");
    await page.click(".gpio-row:has-text('Fan') input");
    await until(app.device.gpio.state, ({ outputs }) => outputs["fan"]?.state === true);
    await screenshot("switches");
    await page.click("button:has-text('Open')");
    await page.click("dialog button:has-text('Yes')");
    const { outputs } = await until(
      app.device.gpio.state,
      (state) => state.outputs["door"]?.busy === true,
    );
    expect(outputs["fan"]?.state).toBe(true);
  });
});

describe("log and terminal", () => {
  it("follows the log and filters it", async () => {
    const [app, { page, screenshot, problems }] = await Promise.all([startSite(), openBrowser()]);
    await signIn(page, `${app.url}/console/log`);
    await page.waitForSelector(".log div:has-text('Signed in')");
    await screenshot("log");
    await page.fill("input[type=search]", "signed in");
    await page.waitForSelector(".log > div:not(:text-matches('signed in', 'i'))", {
      state: "detached",
    });
    expect(problems).toEqual([]);
  });

  it("opens a shell without loosening the page's policy", async () => {
    const config = { device: { terminal: { enabled: true, command: ["/bin/sh"] } } };
    const [app, { page, screenshot, problems }] = await Promise.all([
      startSite({ config }),
      openBrowser(),
    ]);
    await signIn(page, `${app.url}/console/terminal`);
    await page.waitForSelector(".xterm-screen");
    await page.waitForSelector(".xterm-rows:has-text('#'), .xterm-rows:has-text('$')");
    await page.keyboard.type("echo $((6 * 7))x\n");
    await page.waitForSelector(".xterm-rows:has-text('42x')");
    await screenshot("terminal");
    await page.keyboard.type("exit\n");
    await page.waitForSelector("text=The terminal has ended: The shell has ended.");
    expect(await page.locator(".xterm-rows").textContent()).not.toContain("has ended");
    expect(problems).toEqual([]);
  });
});

describe("others", () => {
  it("are shown, with a clear sign while they type", async () => {
    const [app, { page, screenshot }] = await Promise.all([startSite(), openBrowser()]);
    await signIn(page, app.url);
    await untilPicture(page);
    const other = await app.ws("/api/ws?stream=0");
    await page.waitForSelector("button[title='2 connected']");
    other.send("key", { key: "KeyA", state: true });
    other.send("key", { key: "KeyA", state: false });
    expect(await page.textContent(".typing-sign span")).toBe("admin is typing");
    await screenshot("somebody-types");
  });

  it("are shown, too, when a program types for them; one's own pasting is no sign", async () => {
    const [app, { page }] = await Promise.all([startSite(), openBrowser()]);
    await signIn(page, app.url);
    await untilPicture(page);
    const sign = page.locator(".typing-sign span");
    await openMenu(page, "Keyboard");
    await choose(page, "Paste");
    await page.fill("dialog textarea", "mine");
    await page.click("dialog footer button.primary");
    await until(app.platform.target.state, ({ lines }) => lines.join("").includes("mine"));
    await page.waitForSelector("dialog", { state: "detached" });
    expect(await sign.count()).toBe(0);
    const headers = await addAccount(app, "robot", "operator");
    await app.call("POST", "/api/hid/print", { headers, body: "theirs" });
    await page.waitForSelector(".typing-sign:has-text('robot is typing')");
    expect(await page.locator("button[title='2 connected']").count()).toBe(0);
    await sign.waitFor({ state: "detached" });
  });
});

describe("the connection", () => {
  it("shows that it is lost, comes back by itself, and leads to the way in when signed out", async () => {
    const [app, { page, context, screenshot }] = await Promise.all([startSite(), openBrowser()]);
    await signIn(page, app.url);
    await untilPicture(page);
    await context.setOffline(true);
    for (const client of app.app.server.websocketServer.clients) client.terminate();
    await page.waitForSelector(".video-notice:has-text('Connection lost')");
    await screenshot("connection-lost");
    await context.setOffline(false);
    await untilPicture(page);
    // Elsewhere, with the same session.
    const cookies = await context.cookies();
    const token = cookies.find(({ name }) => name === "auth_token")?.value ?? "";
    const { status } = await app.call("POST", "/api/auth/logout", {
      headers: { Cookie: `auth_token=${token}` },
    });
    expect(status).toBe(200);
    await page.waitForSelector("h1:has-text('Sign in')");
  });
});

describe("accounts that may only watch", () => {
  it("see the picture, and nothing that they could not use", async () => {
    const [app, { page }] = await Promise.all([startSite(), openBrowser()]);
    await addAccount(app, "guest", "viewer");
    await page.goto(app.url);
    await page.fill("input[autocomplete=username]", "guest");
    await page.fill("input[type=password]", "pass of guest");
    await page.keyboard.press("Enter");
    await untilPicture(page);
    await page.waitForSelector(".status-bar:has-text('Watching only')");
    expect(await page.$(".toolbar button:has-text('Keyboard')")).toBeNull();
    await page.click(".stage");
    await page.keyboard.type("abc");
    await openMenu(page, "Power");
    expect(await page.isDisabled(".menu button:has-text('Press the power button')")).toBe(true);
    expect(app.platform.target.state.value.lines.join("")).toBe("");
  });
});

describe("people without a mouse", () => {
  it("reach everything with the keyboard, and every control has a name", async () => {
    const [app, { page }] = await Promise.all([startSite(), openBrowser()]);
    await page.goto(app.url);
    await page.waitForSelector("input:focus");
    await page.keyboard.type("admin");
    await page.keyboard.press("Tab");
    await page.keyboard.type("correct horse");
    await page.keyboard.press("Enter");
    await untilPicture(page);
    await page.waitForSelector(".stage:focus");
    for (const key of ["Control", "Shift", "Alt"]) await page.keyboard.down(key);
    for (const key of ["Control", "Shift", "Alt"]) await page.keyboard.up(key);
    await page.waitForSelector(".toolbar button:focus");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.waitForSelector("[role=menuitem]:focus:has-text('Paste')");
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog textarea:focus");
    await page.keyboard.type("typed without a mouse");
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "detached" });
    await page.waitForSelector(".toolbar button:focus");
    for (let step = 0; step < 2; step += 1) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".side-panel:focus:has-text('Media')");
    const nameless = await page.evaluate<readonly string[]>(NAMELESS);
    expect(nameless).toEqual([]);
    await page.keyboard.press("Escape");
    await page.waitForSelector(".toolbar button:focus:has-text('Media')");
  });
});

describe("every page", () => {
  it("speaks the browser's language, and another one when asked", async () => {
    const [app, { page, screenshot }] = await Promise.all([
      startSite(),
      openBrowser({ locale: "zh-CN" }),
    ]);
    await page.goto(app.url);
    await page.waitForSelector("h1:has-text('登录')");
    await signIn(page, app.url);
    await untilPicture(page);
    await page.click(".toolbar button:has-text('运行状况')");
    await screenshot("chinese");
    await page.click("button[aria-haspopup=menu][aria-label*='admin']");
    await choose(page, "English");
    await page.waitForSelector(".toolbar button:has-text('Health')");
    expect(await page.getAttribute("html", "lang")).toBe("en");
    await page.reload();
    await page.waitForSelector(".toolbar button:has-text('Health')");
  });

  it("follows the system's theme, and another one when asked", async () => {
    const [app, { page, screenshot }] = await Promise.all([
      startSite(),
      openBrowser({ isDark: true }),
    ]);
    await signIn(page, app.url);
    await untilPicture(page);
    expect(await page.getAttribute("html", "data-theme")).toBe("dark");
    await page.click(".toolbar button:has-text('Media')");
    await screenshot("dark");
    await page.click("button[aria-haspopup=menu][aria-label*='admin']");
    await choose(page, "Light");
    await page.waitForSelector("html[data-theme=light]");
  });

  it("fits a phone: the picture on top, buttons of a mouse below it", async () => {
    const [app, { page, screenshot }] = await Promise.all([
      startSite(),
      openBrowser({ width: 390, height: 844, isPhone: true }),
    ]);
    await signIn(page, app.url);
    await untilPicture(page);
    await screenshot("phone");
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await page.tap(".stage");
    await until(app.platform.target.state, ({ pointer }) => Math.abs(pointer.x - 960) < 12);
    await page.tap(".touch-bar button:has-text('Drag')");
    await until(app.platform.target.state, ({ buttons }) => buttons === 1);
    await page.tap(".touch-bar button:has-text('Drag')");
    await until(app.platform.target.state, ({ buttons }) => buttons === 0);
    await page.tap(".touch-bar button[title='On-screen keyboard']");
    await screenshot("phone-keyboard");
    await page.tap(".toolbar button[title^='Media']");
    await screenshot("phone-media");
  });
});
