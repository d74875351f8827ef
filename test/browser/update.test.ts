// A page that stays open while the server is updated.
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Page, WebSocketRoute } from "playwright-core";
import { describe, expect, it } from "vitest";
import { tempDir } from "../support/temp-dir.ts";
import { openBrowser, signIn, startSite, WEB_ROOT } from "./support/browser.ts";
import type { BrowserOptions } from "./support/browser.ts";

const PAGES = ["console.html", "fleet.html"];
const OWN = readFileSync(join(WEB_ROOT, "build-id"), "utf8");

/** The pages as they are after an update: the same parts, of another build. */
function update(root: string, build: string): void {
  for (const name of PAGES) {
    const html = readFileSync(join(WEB_ROOT, name), "utf8").replace(OWN, build);
    writeFileSync(join(root, name), html);
    writeFileSync(join(root, `${name}.gz`), gzipSync(html));
    writeFileSync(join(root, `${name}.br`), brotliCompressSync(html));
  }
  writeFileSync(join(root, "build-id"), build);
}

/** Connections of the page to the server, which break when the server is restarted. */
async function socketsOf(page: Page): Promise<{ breakAll: () => Promise<void> }> {
  const open = new Set<WebSocketRoute>();
  await page.routeWebSocket(/\/(?:api\/ws|native\/fleet\/live)/, (socket) => {
    socket.connectToServer();
    open.add(socket);
  });
  return {
    async breakAll() {
      const sockets = [...open];
      open.clear();
      await Promise.all(sockets.map((socket) => socket.close()));
    },
  };
}

async function openPage(path: string, options: BrowserOptions = {}) {
  const root = tempDir();
  symlinkSync(join(WEB_ROOT, "assets"), join(root, "assets"));
  update(root, OWN);
  const app = await startSite({ config: { roles: ["device", "hub"] }, webRoot: root });
  const browser = await openBrowser(options);
  const { breakAll } = await socketsOf(browser.page);
  await signIn(browser.page, `${app.url}${path}`);
  return { ...browser, root, breakAll };
}

describe("a page that was opened before an update", () => {
  it("says so on the fleet, keeps what is being typed, and reloads when it is told to", async () => {
    const { page, root, breakAll, problems, screenshot } = await openPage("/fleet");
    await page.waitForSelector(".node-card");
    await page.fill("input[type=search]", "rack");
    await breakAll();
    await page.waitForSelector("text=Connection lost");
    await page.waitForSelector("text=Connection lost", { state: "detached" });
    expect(await page.locator("text=Farhand was updated").count()).toBe(0);

    update(root, "newer");
    await breakAll();
    await page.waitForSelector('[role="status"] >> text=Farhand was updated');
    await screenshot("updated");
    expect(await page.inputValue("input[type=search]")).toBe("rack");
    await page.route(/assets\/events-/, (route) => route.fulfill({ status: 404 }));
    await page.click('nav >> text="Events"');
    await page.waitForSelector('main >> text="This is not there any more. Reload the page."');
    await page.unrouteAll();

    await page.click('[role="status"] >> text="Reload the page"');
    await page.waitForSelector(".events table");
    expect(await page.locator("text=Farhand was updated").count()).toBe(0);
    expect(problems).toEqual([]);
  });

  it("says so above the picture of the console, in Chinese", async () => {
    const { page, root, breakAll, problems } = await openPage("/console", { locale: "zh-CN" });
    await page.waitForSelector(".stage canvas");
    update(root, "newer");
    await breakAll();
    await page.waitForSelector("text=Farhand 在此页面打开之后已更新");
    await page.click('text="重新加载页面"');
    await page.waitForSelector("text=Farhand 在此页面打开之后已更新", { state: "detached" });
    expect(problems).toEqual([]);
  });
});
