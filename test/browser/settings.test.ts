import { generateSync } from "otplib";
import { describe, expect, it } from "vitest";
import { OWNER } from "../support/create-test-app.ts";
import { openBrowser, signIn, startSite } from "./support/browser.ts";

describe("the first run", () => {
  it("makes a newcomer safe: another password at once, and signed in with it", async () => {
    const app = await startSite({ config: { auth: { initialPassword: "" } } });
    const { page, problems, screenshot } = await openBrowser();
    await page.goto(app.url);
    await page.fill("input[autocomplete=username]", OWNER.user);
    await page.fill("input[type=password]", app.ownerPassword);
    await page.click("button[type=submit]");
    await page.click('text="Choose your own"');
    await page.fill("input[autocomplete=current-password]", app.ownerPassword);
    const fresh = page.locator("input[autocomplete=new-password]");
    await fresh.nth(0).fill("a long sentence of mine");
    await fresh.nth(1).fill("another sentence");
    await page.waitForSelector('text="The two are not the same."');
    await fresh.nth(1).fill("a long sentence of mine");
    await screenshot("first-run");
    await page.click('text="Change the password"');
    await page.fill("input[autocomplete=username]", OWNER.user);
    await page.fill("input[type=password]", "a long sentence of mine");
    await page.click("button[type=submit]");
    await page.waitForSelector(".shell");
    expect(await page.locator('text="Choose your own"').count()).toBe(0);
    expect(problems).toEqual([]);
  });
});

describe("settings", () => {
  it("switch one-time codes on after a code was shown; signing in needs one then", async () => {
    const app = await startSite();
    const { page, screenshot } = await openBrowser();
    await signIn(page, `${app.url}/console/settings`);
    await page.click('button:has-text("Switch on")');
    await page.waitForSelector("svg.qr");
    const secret = (await page.textContent(".copy-field code")) ?? "";
    await screenshot("one-time-codes");
    await page.fill(".dialog input", generateSync({ secret }));
    await page.click(".dialog button[type=submit]");
    await page.waitForSelector('button:has-text("Switch off")');
    // Whoever forgets the code is told so, and stays signed in.
    await page.fill("input[autocomplete=current-password]", OWNER.password);
    const fresh = page.locator("input[autocomplete=new-password]");
    for (const field of [0, 1]) await fresh.nth(field).fill("a long sentence of mine");
    await page.click('text="Change the password"');
    await page.waitForSelector("text=The one-time code is missing.");
    expect(await page.locator(".shell").count()).toBe(1);
    const { page: other } = await openBrowser();
    await other.goto(app.url);
    await other.fill("input[autocomplete=username]", OWNER.user);
    await other.fill("input[type=password]", OWNER.password);
    await other.click("button[type=submit]");
    const refusal = await other.textContent("[role=alert]");
    expect(refusal).toContain("one-time code");
  });

  it("list accounts, make one, and show the certificate", async () => {
    const app = await startSite();
    const { page, problems, screenshot } = await openBrowser();
    await signIn(page, `${app.url}/console/settings/accounts`);
    await page.click('text="Add an account"');
    await page.fill(".dialog input", "alice");
    await page.fill(".dialog input[type=password]", "a long sentence");
    await page.click(".dialog button[type=submit]");
    await page.waitForSelector('td:has-text("alice")');
    await screenshot("accounts");
    await page.goto(`${app.url}/console/settings/certificate`);
    await page.waitForSelector("text=/only behind a proxy/");
    expect(problems).toEqual([]);
  });

  it("show to others than admins their own account only", async () => {
    const app = await startSite();
    await app.call("POST", "/native/accounts", {
      headers: {
        "X-KVMD-User": OWNER.user,
        "X-KVMD-Passwd": OWNER.password,
        "content-type": "application/json",
      },
      body: JSON.stringify({ user: "eye", password: "a long sentence", role: "viewer" }),
    });
    const { page } = await openBrowser();
    await page.goto(`${app.url}/console/settings/configuration`);
    await page.fill("input[autocomplete=username]", "eye");
    await page.fill("input[type=password]", "a long sentence");
    await page.click("button[type=submit]");
    await page.waitForSelector('text="There is no such page."');
    expect(await page.locator(".side-nav nav a").allTextContents()).toEqual(["My account"]);
  });
});
