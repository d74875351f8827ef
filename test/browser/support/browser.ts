import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, onTestFinished } from "vitest";
import { createTestApp, OWNER } from "../../support/create-test-app.ts";
import type { TestApp, TestAppOptions } from "../../support/create-test-app.ts";
import { REPOSITORY } from "../../support/source-tree.ts";

/** Where Debian puts it. */
const CHROMIUM = "/usr/bin/chromium";
/** Of the last run, for people to look at. */
const SCREENSHOTS = join(REPOSITORY, "test", "browser", "screenshots");
/** A build elsewhere, while working. */
export const WEB_ROOT = process.env["FARHAND_TEST_WEB_ROOT"] ?? join(REPOSITORY, "dist", "web");

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface BrowserOptions {
  readonly width?: number;
  readonly height?: number;
  /** A phone: touch, and its own idea of how large the page is. */
  readonly isPhone?: boolean;
  readonly locale?: string;
  readonly isDark?: boolean;
  /** The format of the picture that it begins with; MJPEG by default. */
  readonly video?: "auto" | "jpeg";
}

/** A page of a fresh browser, and what went wrong in it. */
export interface BrowserPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Uncaught errors, and requests that the page's policy refused. */
  readonly problems: readonly string[];
  /** Addresses that the page asked, without this site. */
  readonly foreignRequests: readonly string[];
  screenshot(name: string): Promise<void>;
}

function watchPage(page: Page): Pick<BrowserPage, "problems" | "foreignRequests"> {
  const problems: string[] = [];
  const foreignRequests: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) problems.push(message.text());
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!/^(https?:\/\/127\.0\.0\.1|data:|blob:)/.test(url)) foreignRequests.push(url);
  });
  return { problems, foreignRequests };
}

let running: Promise<Browser> | undefined;

/** One browser for a file, which ends with it; every test has a profile of its own. */
function sharedBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) throw new Error(`${CHROMIUM} is missing: apt install chromium`);
  running ??= chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
  return running;
}

afterAll(async () => {
  await (await running)?.close();
});

/** Opens a page in a fresh profile; the end of the test closes it. */
export async function openBrowser(options: BrowserOptions = {}): Promise<BrowserPage> {
  const { width = 1280, height = 800, isPhone = false, locale = "en-US", isDark = false } = options;
  const browser = await sharedBrowser();
  const context = await browser.newContext({
    viewport: { width, height },
    hasTouch: isPhone,
    isMobile: isPhone,
    locale,
    colorScheme: isDark ? "dark" : "light",
  });
  onTestFinished(() => context.close());
  // Decoding H.264 without a graphics card would keep the machine busy.
  const format = options.video ?? "jpeg";
  await context.addInitScript(`localStorage["farhand.console.video"] ??= "${format}"`);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  return {
    page,
    context,
    ...watchPage(page),
    async screenshot(name) {
      mkdirSync(SCREENSHOTS, { recursive: true });
      await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
    },
  };
}

/** The app with its pages; `webRoot` takes others. */
export function startSite(options: TestAppOptions = {}): Promise<TestApp> {
  if (!existsSync(WEB_ROOT)) throw new Error(`There is no ${WEB_ROOT}: run npm run build`);
  return createTestApp({ webRoot: WEB_ROOT, ...options });
}

export async function signIn(
  page: Page,
  url: string,
  code = "",
  password: string = OWNER.password,
): Promise<void> {
  await page.goto(url);
  await page.fill("input[autocomplete=username]", OWNER.user);
  await page.fill("input[type=password]", password);
  if (code !== "") await page.fill("input[autocomplete=one-time-code]", code);
  await page.click("button[type=submit]");
  await page.waitForSelector(".shell");
}

/** Waits until the screen of the computer is on the page. */
export async function untilPicture(page: Page): Promise<void> {
  await page.waitForSelector(".stage canvas:not(.stale)");
}
