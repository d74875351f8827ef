import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { TestApp } from "../support/create-test-app.ts";
import { ADMIN_JSON, addNode, agentOf, openFleet } from "./support/fleet-site.ts";

/** An admin says yes on a page that says that something is off. */
async function allow(page: Page): Promise<void> {
  await page.click('.notice >> button:has-text("Allow")');
  await page.click('.dialog footer >> button:has-text("Allow")');
}

async function permit({ call }: TestApp, uuid: string, permissions: object): Promise<void> {
  const { status } = await call("PATCH", `/native/fleet/nodes/${uuid}/permissions`, {
    headers: ADMIN_JSON,
    body: JSON.stringify(permissions),
  });
  expect(status).toBe(200);
}

/** The words of the audit list, newest first. */
async function auditWords(page: Page, app: TestApp): Promise<readonly string[]> {
  await page.goto(`${app.url}/fleet/admin/audit`);
  await page.waitForSelector("td.empty, tbody tr:not(:has(.empty))");
  return page.locator("tbody tr td:nth-child(4)").allTextContents();
}

describe("remote control on the fleet page", () => {
  it("is off until an admin allows it, and says so where it is wanted", async () => {
    const { app, page, problems, screenshot } = await openFleet();
    const { token, uuid } = await addNode(app, "rack-1");
    await agentOf(app, token);
    await page.goto(`${app.url}/fleet/nodes/${uuid}`);
    await page.click('a:has-text("Commands")');
    await page.waitForSelector("text=This is switched off for rack-1.");
    expect(await page.locator("textarea").count()).toBe(0);
    await allow(page);
    await page.fill("textarea", "uname -a");
    await page.click('button:has-text("Run")');
    await page.waitForSelector('.outcome:has-text("ran uname -a")');
    await page.fill("textarea", "exit 3");
    await page.press("textarea", "Control+Enter");
    await page.waitForSelector('.outcome:has-text("Exit code 3")');
    await screenshot("fleet-command");
    await page.click('a:has-text("Back to rack-1")');
    const act = page.locator(".acts li", { hasText: "Commands" });
    await act.locator("text=Allowed").waitFor();
    await act.locator('button:has-text("Switch off")').click();
    await act.locator('button:has-text("Allow")').waitFor();
    expect(await auditWords(page, app)).toEqual(
      expect.arrayContaining(["Command run", "Remote control of a node changed"]),
    );
    expect(problems).toEqual([]);
  });

  it("opens a terminal, tells why it ended, and opens it again", async () => {
    const { app, page, problems, screenshot } = await openFleet();
    const { token, uuid } = await addNode(app, "rack-2");
    await agentOf(app, token);
    await page.goto(`${app.url}/fleet/nodes/${uuid}/terminal`);
    await page.waitForSelector("text=This is switched off for rack-2.");
    await allow(page);
    await page.waitForSelector('.xterm-rows:has-text("Welcome to the node")');
    await page.keyboard.type("hello");
    await page.waitForSelector('.xterm-rows:has-text("hello")');
    await screenshot("fleet-terminal");
    // Without a mouse: out of the terminal, backwards to the link above it, and in again.
    await page.keyboard.press("Shift+Escape");
    await page.keyboard.press("Shift+Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Audit");
    await page.keyboard.press("Tab");
    await page.keyboard.type(".");
    await page.waitForSelector("text=/The terminal has ended: /");
    await page.click('button:has-text("Open it again")');
    await page.waitForSelector("text=/The terminal has ended/", { state: "detached" });
    await page.waitForSelector('.xterm-rows:has-text("Welcome to the node")');
    expect(await auditWords(page, app)).toEqual(expect.arrayContaining(["Terminal opened"]));
    expect(problems).toEqual([]);
  });

  it("says what to check when no terminal comes", async () => {
    const { app, page } = await openFleet();
    const { uuid } = await addNode(app, "rack-3");
    await permit(app, uuid, { terminal: true });
    await page.goto(`${app.url}/fleet/nodes/${uuid}/terminal`);
    await page.waitForSelector("text=rack-3 is offline: nothing reaches it now.");
    await page.waitForSelector("text=There is no terminal. The node is not connected.");
    const hint = await page.textContent(".notice:has(button)");
    expect(hint).toContain("Check that the agent on the machine takes it");
  });

  it("tells in Chinese, too, why there is no terminal, why nothing was run, and what the audit has of it", async () => {
    const { app, page, problems, screenshot } = await openFleet({ locale: "zh-CN" });
    const { uuid } = await addNode(app, "rack-4");
    await permit(app, uuid, { terminal: true, command: true });
    await page.goto(`${app.url}/fleet/nodes/${uuid}/terminal`);
    await page.waitForSelector("text=终端无法打开。该节点没有连接。");
    await screenshot("fleet-terminal-zh");
    await page.goto(`${app.url}/fleet/nodes/${uuid}/commands`);
    await page.fill("textarea", "id");
    await page.press("textarea", "Control+Enter");
    await page.waitForSelector('.outcome:has-text("该节点没有连接。")');
    await page.goto(`${app.url}/fleet/admin/audit`);
    await page.waitForSelector("tbody tr:not(:has(.empty))");
    await screenshot("fleet-audit-zh");
    const details = await page.locator("tbody tr td:nth-child(6)").allTextContents();
    expect(details).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^id（编号 \w+）$/),
        expect.stringMatching(/^0秒钟后：该节点没有连接$/),
        "未执行：在 rack-4 上（该节点没有连接。）",
        "rack-4 上允许：命令和终端",
        "方式：密码",
      ]),
    );
    expect(problems).toEqual([]);
  });

  it("runs a command on several nodes after asking, and tells the outcome of each", async () => {
    const { app, page, screenshot } = await openFleet();
    const nodes = await Promise.all(["east", "west", "north"].map((name) => addNode(app, name)));
    const [east, west] = nodes;
    if (east === undefined || west === undefined) throw new Error("no nodes");
    await agentOf(app, east.token);
    for (const { uuid } of [east, west]) await permit(app, uuid, { command: true });
    await page.goto(`${app.url}/fleet/admin/commands`);
    await page.waitForSelector(".picker");
    expect(await page.locator(".picker label").allTextContents()).toEqual(["east", "west"]);
    await page.click('button:has-text("Choose all 2")');
    await page.fill("textarea", "uptime");
    await page.click('button:has-text("Run on 2 nodes")');
    await page.waitForSelector("text=It runs at once on: east, west.");
    await page.click('.dialog footer >> button:has-text("Run on 2 nodes")');
    await page.waitForSelector('.outcome:has-text("east"):has-text("ran uptime")');
    await page.waitForSelector('.outcome:has-text("west"):has-text("Not run")');
    await page.waitForSelector("text=2 of 2 answered");
    await page.waitForSelector('tr:has-text("uptime"):has-text("1 done"):has-text("1 failed")');
    await screenshot("fleet-commands");
    await page.reload();
    await page.click('tr:has-text("uptime") >> button:has-text("Show")');
    await page.waitForSelector('.outcome:has-text("ran uptime")');
  });
});

describe("the fleet page when something is gone", () => {
  it("asks to sign in when the session was ended elsewhere", async () => {
    const { app, page, context } = await openFleet();
    await page.waitForSelector(".node-card");
    const cookies = await context.cookies();
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
    await app.call("POST", "/api/auth/logout", { headers: { cookie } });
    await page.waitForSelector("input[autocomplete=username]");
    expect(await page.locator(".node-card").count()).toBe(0);
  });

  it("says that the hub does not answer, tries again when asked, and shows no empty list instead", async () => {
    const { app, page } = await openFleet();
    await page.route("**/native/fleet/audit*", (route) => route.abort());
    await page.goto(`${app.url}/fleet/admin/audit`);
    await page.waitForSelector(".notice.bad");
    expect(await page.locator("tbody").count()).toBe(0);
    await page.unroute("**/native/fleet/audit*");
    await page.click('.notice.bad >> button:has-text("Try again")');
    await page.waitForSelector('td:has-text("Signed in")');
    expect(await page.locator(".notice.bad").count()).toBe(0);
  });
});
