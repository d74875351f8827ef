import type { Page, Locator } from "playwright-core";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { OWNER_HEADERS } from "../../support/create-test-app.ts";
import type { TestApp, TestAppOptions } from "../../support/create-test-app.ts";
import { wireReport } from "../../support/komari-agent-app.ts";
import { openBrowser, signIn, startSite } from "./browser.ts";
import type { BrowserOptions, BrowserPage } from "./browser.ts";

export interface OpenFleet extends BrowserPage {
  readonly app: TestApp;
}

/** The fleet, signed in. */
export async function openFleet(
  options: BrowserOptions = {},
  more: TestAppOptions = {},
): Promise<OpenFleet> {
  const app = await startSite({ config: { roles: ["device", "hub"] }, ...more });
  const browser = await openBrowser(options);
  await signIn(browser.page, `${app.url}/fleet`);
  await browser.page.waitForSelector(".node-card");
  return { app, ...browser };
}

const REPORT = wireReport({
  cpu: { usage: 37 },
  ram: { total: 8_000_000_000, used: 6_900_000_000 },
  swap: { total: 0, used: 0 },
  disk: { total: 100_000_000_000, used: 30_000_000_000 },
});

interface Order {
  readonly message: string;
  readonly task_id: string;
  readonly request_id: string;
  readonly command: string;
}

/** A command's outcome is its own text, and 3 as code for one that says so. */
function runCommand(url: string, token: string, { task_id, command }: Order): void {
  const exitCode = command.includes("exit 3") ? 3 : 0;
  const outcome = { task_id, result: `ran ${command}`, exit_code: exitCode };
  void fetch(`${url}/api/clients/task/result?token=${token}`, {
    method: "POST",
    body: JSON.stringify({ ...outcome, finished_at: new Date().toISOString() }),
  });
}

/** A terminal that says back what it is told, and ends at a ".". */
function openShell(url: string, token: string, { request_id: stream }: Order): void {
  const query = `token=${token}&id=${stream}`;
  const shell = new WebSocket(`${url.replace("http", "ws")}/api/clients/terminal?${query}`);
  shell.once("open", () => {
    shell.send(Buffer.from("Welcome to the node\r\n"));
  });
  shell.on("message", (data: Buffer, isBinary: boolean) => {
    if (!isBinary) return;
    if (data.toString() === ".") shell.close();
    else shell.send(data, { binary: true });
  });
}

/** A stock agent, which reports, runs every command, and has a terminal that says back what it is told. */
export async function agentOf({ url }: TestApp, token: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/api/clients/report?token=${token}`);
  onTestFinished(() => {
    socket.terminate();
  });
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  const report = (): void => {
    socket.send(JSON.stringify(REPORT));
  };
  const timer = setInterval(report, 400);
  socket.once("close", () => {
    clearInterval(timer);
  });
  socket.on("message", (data: Buffer) => {
    const order: Order = JSON.parse(data.toString());
    if (order.message === "exec") runCommand(url, token, order);
    if (order.message === "terminal") openShell(url, token, order);
  });
  report();
  return socket;
}

export async function addNode(
  { call }: TestApp,
  name: string,
): Promise<{ uuid: string; token: string }> {
  const { body } = await call("POST", "/native/fleet/nodes", {
    headers: ADMIN_JSON,
    body: JSON.stringify({ name }),
  });
  const { node, token }: { node: { uuid: string }; token: string } = JSON.parse(body);
  return { uuid: node.uuid, token };
}

export const ADMIN_JSON = { ...OWNER_HEADERS, "content-type": "application/json" };

export const card = (page: Page, name: string): Locator =>
  page.locator(".node-card", { hasText: name });
