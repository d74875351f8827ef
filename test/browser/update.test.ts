// A page that stays open while the server is updated.
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { OWNER } from "../support/create-test-app.ts";
import type { TestApp } from "../support/create-test-app.ts";
import { tempDir } from "../support/temp-dir.ts";
import { openBrowser, signIn, startSite, WEB_ROOT } from "./support/browser.ts";
import type { BrowserOptions } from "./support/browser.ts";

const OWN = readFileSync(join(WEB_ROOT, "build-id"), "utf8");

/** The pages as another build of the same parts. */
function pagesOf(build: string): string {
  const root = tempDir();
  symlinkSync(join(WEB_ROOT, "assets"), join(root, "assets"));
  for (const name of ["console.html", "fleet.html"]) {
    const html = readFileSync(join(WEB_ROOT, name), "utf8").replace(OWN, build);
    writeFileSync(join(root, name), html);
    writeFileSync(join(root, `${name}.gz`), gzipSync(html));
    writeFileSync(join(root, `${name}.br`), brotliCompressSync(html));
  }
  writeFileSync(join(root, "build-id"), build);
  return root;
}

const startBuild = (build: string, port: number): Promise<TestApp> =>
  startSite({ config: { roles: ["device", "hub"], http: { port } }, webRoot: pagesOf(build) });

/** A page, and a server that can be another one from one moment to the next. */
async function openPage(path: string, options: BrowserOptions = {}) {
  let app = await startBuild(OWN, 0);
  const port = Number(new URL(app.url).port);
  const browser = await openBrowser(options);
  await signIn(browser.page, `${app.url}${path}`);
  return {
    ...browser,
    async update(build: string) {
      await app.close();
      app = await startBuild(build, port);
    },
  };
}

async function signInAgain(page: Page): Promise<void> {
  await page.fill("input[autocomplete=username]", OWNER.user);
  await page.fill("input[type=password]", OWNER.password);
  await page.click("button[type=submit]");
  await page.waitForSelector(".shell");
}

describe("a page that was opened before an update", () => {
  it("says so on the fleet, also where a part of it is gone, and reloads when it is told to", async () => {
    const { page, update, problems, screenshot } = await openPage("/fleet");
    await page.waitForSelector(".node-card");
    await update("newer");
    await page.waitForSelector('form [role="status"] >> text=Farhand was updated');
    await signInAgain(page);
    await page.waitForSelector('.shell > [role="status"] >> text=Farhand was updated');
    await page.fill("input[type=search]", "rack");
    await screenshot("updated");
    await page.route(/assets\/events-/, (route) => route.fulfill({ status: 404 }));
    await page.click('nav >> text="Events"');
    await page.waitForSelector('main >> text="This is not there any more. Reload the page."');
    await page.unrouteAll();
    await page.goBack();
    await page.waitForSelector("input[type=search]");

    await page.click('[role="status"] >> text="Reload the page"');
    await page.waitForSelector(".node-card");
    expect(await page.locator("text=Farhand was updated").count()).toBe(0);
    expect(problems).toEqual([]);
  });

  it("says so on the console, in Chinese, and keeps what is being typed", async () => {
    const { page, update, problems } = await openPage("/console", { locale: "zh-CN" });
    await page.waitForSelector(".stage canvas");
    await update("newer");
    await page.fill("input[autocomplete=username]", "adm");
    await page.waitForSelector("text=Farhand 在此页面打开之后已更新");
    expect(await page.inputValue("input[autocomplete=username]")).toBe("adm");
    await page.click('text="重新加载页面"');
    await page.waitForSelector("text=Farhand 在此页面打开之后已更新", { state: "detached" });
    expect(problems).toEqual([]);
  });

  it("says nothing after a restart of the same build", async () => {
    const { page, update } = await openPage("/fleet");
    await page.waitForSelector(".node-card");
    await update(OWN);
    await page.waitForSelector("input[type=password]");
    await signInAgain(page);
    await page.waitForSelector(".node-card");
    expect(await page.locator("text=Farhand was updated").count()).toBe(0);
  });
});
