import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { quickClock } from "../support/quick-clock.ts";
import type { TestApp } from "../support/create-test-app.ts";
import { httpCall } from "../support/http-request.ts";
import { openBrowser, startSite } from "./support/browser.ts";
import { ADMIN_JSON, addNode, agentOf, card, openFleet } from "./support/fleet-site.ts";

/** How many points there are of the last hour. */
async function minutesOf({ call }: TestApp, uuid: string): Promise<number> {
  const query = `from=${Date.now() - 3_600_000}&to=${Date.now()}&points=200`;
  const { body } = await call("GET", `/native/fleet/nodes/${uuid}/load?${query}`, {
    headers: ADMIN_JSON,
  });
  const { at }: { at: readonly number[] } = JSON.parse(body);
  return at.length;
}

/** Drags over a part of the first chart; 1 when the page shows that part. */
async function zoomed(page: Page): Promise<number> {
  const box = await page.locator(".chart .u-over").first().boundingBox();
  if (box !== null) {
    await page.mouse.move(box.x + box.width * 0.3, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 30, { steps: 4 });
    await page.mouse.up();
  }
  return page.locator('button:has-text("Show everything")').count();
}

describe("the fleet page", () => {
  it("shows this machine as what it is: a KVM with a computer behind it", async () => {
    const { page, problems, foreignRequests, screenshot } = await openFleet();
    await page.waitForSelector('.node-card:has-text("Computer on")');
    await screenshot("fleet");
    expect(problems).toEqual([]);
    expect(foreignRequests).toEqual([]);
  });

  it("makes a node whose token is shown once, and shows it live as soon as its agent reports", async () => {
    const { app, page, screenshot } = await openFleet();
    await page.click('nav >> text="Administration"');
    await page.click('text="Add a node"');
    await page.fill(".dialog input", "rack-7");
    await page.click(".dialog button[type=submit]");
    const token = await page.textContent(".copy-field code");
    await screenshot("fleet-token");
    await page.click('.dialog footer >> text="Close"');
    await page.click('nav >> text="Nodes"');
    await card(page, "rack-7").locator("text=Never seen").waitFor();
    await agentOf(app, token ?? "");
    await card(page, "rack-7").locator("text=37 %").waitFor();
    expect(await card(page, "rack-7").locator(".meter").allTextContents()).toEqual([
      "CPU37 %",
      "Memory86 %",
      "Disk30 %",
    ]);
  });

  it("writes down that a node was changed, and nothing about permissions that nobody touched", async () => {
    const { app, page } = await openFleet();
    await addNode(app, "rack-6");
    await page.goto(`${app.url}/fleet/admin`);
    await page.click('button[title="Edit: rack-6"]');
    await page.waitForSelector('.dialog :text("Run commands")');
    await page.fill('.dialog label:has-text("Group") + input', "Basement");
    await page.click(".dialog button[type=submit]");
    await page.waitForSelector('tr:has-text("rack-6"):has-text("Basement")');
    const audit = await app.call("GET", "/native/fleet/audit", { headers: ADMIN_JSON });
    const { entries }: { entries: readonly { action: string }[] } = JSON.parse(audit.body);
    const actions = entries.map(({ action }) => action);
    expect(actions).toContain("node.edit");
    expect(actions).not.toContain("node.permit");
  });

  it("scrolls an opaque layer, which browsers move without drawing it anew", async () => {
    const { page } = await openFleet();
    const style = 'getComputedStyle(document.querySelector("main.page")).backgroundColor';
    expect(await page.evaluate(style)).toMatch(/^rgb\(/);
  });

  it("says that a node went offline, and that it came back", async () => {
    // A connection that is gone may come back within some seconds.
    const { app, page } = await openFleet({}, { clock: quickClock(5) });
    const { token } = await addNode(app, "rack-8");
    const agent = await agentOf(app, token);
    await card(page, "rack-8").locator("text=37 %").waitFor();
    agent.terminate();
    await card(page, "rack-8").locator("text=/Went offline/").waitFor();
    await agentOf(app, token);
    await card(page, "rack-8").locator("text=37 %").waitFor();
    await page.click('nav >> text="Events"');
    const told = page.locator('tr:has-text("rack-8")', { hasText: "Went offline" });
    await told.first().waitFor();
    expect(await told.count()).toBe(1);
  });

  it("makes an alert rule, tries it on the past, and names what it has raised", async () => {
    const { app, page, problems, screenshot } = await openFleet();
    const { token } = await addNode(app, "rack-9");
    await agentOf(app, token);
    await page.goto(`${app.url}/fleet/admin/alerts`);
    await page.click('text="Add a rule"');
    await page.fill('.dialog label:has-text("Name") + input', "Lost machines");
    await page.click('text="Try on the past"');
    await page.waitForSelector('.dialog [role="status"]');
    await screenshot("fleet-alert");
    await page.click(".dialog button[type=submit]");
    await page.waitForSelector('td:has-text("Lost machines")');
    const { body } = await app.call("GET", "/native/fleet/alert-rules");
    expect(JSON.parse(body)).toMatchObject([
      { name: "Lost machines", condition: { kind: "offline", afterSeconds: 180 } },
    ]);
    expect(problems).toEqual([]);
  });

  it("finds nodes by words, and keeps table or cards for the next visit", async () => {
    const { app, page, screenshot } = await openFleet();
    await addNode(app, "alpha");
    await addNode(app, "beta");
    await card(page, "beta").waitFor();
    await page.fill("input[type=search]", "alp");
    await card(page, "beta").waitFor({ state: "detached" });
    await page.click('button[title="Table"]');
    await page.waitForSelector('.node-row:has-text("alpha")');
    await screenshot("fleet-table");
    await page.reload();
    await page.waitForSelector('.node-row:has-text("beta")');
    expect(await page.locator(".node-card").count()).toBe(0);
  });

  it("draws a node's past, and looks closer at a part of it", async () => {
    // The past begins with the first whole minute.
    const { app, page, problems, screenshot } = await openFleet(
      {},
      { clock: quickClock(10, 600_000) },
    );
    const { token, uuid } = await addNode(app, "rack-3");
    await agentOf(app, token);
    await expect.poll(() => minutesOf(app, uuid)).toBeGreaterThan(0);
    await page.goto(`${app.url}/fleet/nodes/${uuid}`);
    await page.waitForSelector(".chart canvas");
    await page.click('button:has-text("24 hours")');
    await page.waitForSelector('button[aria-pressed="true"]:has-text("24 hours")');
    // Charts are drawn anew when other figures come, also under the hand.
    await expect.poll(() => zoomed(page)).toBe(1);
    await screenshot("fleet-node");
    expect(problems).toEqual([]);
  });

  it("speaks Chinese, is dark, and fits a phone", async () => {
    const { page, screenshot } = await openFleet({
      locale: "zh-CN",
      isDark: true,
      isPhone: true,
      width: 390,
      height: 844,
    });
    expect(await page.textContent("header nav")).toContain("节点");
    expect(await page.getAttribute("html", "data-theme")).toBe("dark");
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    await screenshot("fleet-phone");
  });

  it("is closed to those who are not signed in", async () => {
    const app = await startSite({ config: { roles: ["device", "hub"] } });
    const { page } = await openBrowser();
    await page.goto(`${app.url}/fleet/admin`);
    await page.waitForSelector("input[type=password]");
    expect((await httpCall(app.url, "/native/fleet/accounts")).status).toBe(401);
  });
});
