// The fleet page with many nodes that report every second, in a real browser: what it costs to keep it open, and how
// smoothly it scrolls meanwhile.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";
import { CREDENTIALS, startDaemon } from "./daemon.ts";
import { cpuMs } from "./process-cpu.ts";
import { makeFleet, SimulatedAgents } from "./simulated-fleet.ts";
import { percentile } from "./statistics.ts";

export interface FleetPageResult {
  readonly layout: "cards" | "table";
  /** Share of one core that the process which runs, lays out and draws the page is busy, while nobody touches it. */
  readonly idleShare: number;
  /** The same while the page is scrolled from top to bottom and back. */
  readonly scrollShare: number;
  /** Pictures a second while it is scrolled; a screen of 60 Hz is simulated. */
  readonly framesPerSecond: number;
  /** Longest of all but one percent of the waits for the next picture. */
  readonly frameP99Ms: number;
}

/** Where Debian puts it. */
const CHROMIUM = "/usr/bin/chromium";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];
const SCROLL_STEP = 24;

/** Scrolls a step at each frame, there and back, and returns the waits between the frames. */
const SCROLL = `(seconds) => new Promise((done) => {
  const scroller = document.querySelector("main.page");
  const most = scroller.scrollHeight - scroller.clientHeight;
  const waits = [];
  let at = 0;
  let step = ${SCROLL_STEP};
  let last = 0;
  let end = 0;
  const next = (now) => {
    if (last > 0) waits.push(now - last);
    else end = now + seconds * 1000;
    last = now;
    if (now > end) return done(waits);
    if (at + step < 0 || at + step > most) step = -step;
    at += step;
    scroller.scrollTop = at;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
})`;

/** Processor time so far of the browser's processes that run pages; one of them has the page. */
async function rendererMs(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  return processInfo
    .filter(({ type }) => type === "renderer")
    .reduce((sum, { id }) => sum + cpuMs(id), 0);
}

async function shareDuring<T>(
  browser: Browser,
  work: () => Promise<T>,
): Promise<{ readonly share: number; readonly value: T }> {
  const startedAt = performance.now();
  const before = await rendererMs(browser);
  const value = await work();
  const busy = (await rendererMs(browser)) - before;
  return { share: busy / (performance.now() - startedAt), value };
}

async function measure(
  browser: Browser,
  page: Page,
  layout: FleetPageResult["layout"],
  seconds: number,
): Promise<FleetPageResult> {
  const button = layout === "cards" ? "Cards" : "Table";
  await page.click(`button[title="${button}"]`);
  await page.waitForSelector(layout === "cards" ? ".node-card.online" : ".node-row.online");
  await pause(3000);
  const idle = await shareDuring(browser, () => pause(seconds * 1000));
  const scroll = await shareDuring(browser, () =>
    page.evaluate<number[]>(`(${SCROLL})(${seconds})`),
  );
  const waits = scroll.value;
  const total = waits.reduce((sum, wait) => sum + wait, 0);
  return {
    layout,
    idleShare: idle.share,
    scrollShare: scroll.share,
    framesPerSecond: (waits.length * 1000) / total,
    frameP99Ms: percentile(waits, 0.99),
  };
}

async function openFleetPage(browser: Browser, port: number): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
  });
  const url = `http://127.0.0.1:${port}`;
  await context.request.post(`${url}/api/auth/login`, {
    form: { user: CREDENTIALS["X-KVMD-User"], passwd: CREDENTIALS["X-KVMD-Passwd"] },
  });
  const page = await context.newPage();
  await page.goto(`${url}/fleet`);
  return page;
}

/** Cards, then the table. Undefined when there is no browser. */
export async function fleetPage(
  agents: number,
  seconds: number,
): Promise<readonly FleetPageResult[] | undefined> {
  if (!existsSync(CHROMIUM)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "farhand-bench-page-"));
  const fleet = await makeFleet(folder, agents);
  const tokens = join(folder, "tokens");
  writeFileSync(tokens, fleet.tokens.join("\n"));
  const daemon = await startDaemon({
    dataDir: folder,
    tls: false,
    env: { FARHAND__ROLES: "hub", FARHAND__HUB__MAX_NODES: String(agents + 1) },
  });
  const load = new SimulatedAgents({ dialect: "komari", port: daemon.port, tokens, opening: 200 });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  try {
    await load.untilConnected(agents);
    const page = await openFleetPage(browser, daemon.port);
    const cards = await measure(browser, page, "cards", seconds);
    return [cards, await measure(browser, page, "table", seconds)];
  } finally {
    await browser.close();
    load.stop();
    await daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
