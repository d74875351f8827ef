// The first sign-in, and sign-in through a provider on another site: what browsers do with cookies on the way there and back.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { providerKey, startProvider } from "../support/identity-provider.ts";
import { tempDir } from "../support/temp-dir.ts";
import { openBrowser, signIn, startSite } from "./support/browser.ts";

const PERSON = "248289761001";

async function setUp() {
  // Another site than 127.0.0.1, as far as browsers are concerned.
  const provider = await startProvider(() => Date.now(), providerKey("first"), "localhost");
  const oidc = {
    provider: "oidc",
    issuer: provider.url,
    clientId: provider.clientId,
    clientSecret: provider.clientSecret,
    users: [{ name: PERSON, account: "admin" }],
  };
  const app = await startSite({ config: { roles: ["hub"], auth: { oidc } } });
  return { app, provider };
}

describe("the sign-in page", () => {
  it("leads to the provider, and the way back ends in the fleet, signed in", async () => {
    const { app, provider } = await setUp();
    const { page, problems, screenshot } = await openBrowser();
    await page.goto(`${app.url}/fleet/admin`);
    await page.waitForSelector("a[href='/api/oauth']");
    await screenshot("sign-in-provider");
    await page.click("a[href='/api/oauth']");
    await page.waitForSelector(".shell");
    expect(page.url()).toBe(`${app.url}/fleet`);
    expect(provider.requests.filter((line) => line === "POST /token")).toHaveLength(1);
    await page.goto(`${app.url}/fleet/admin`);
    await page.waitForSelector(".shell");
    const cookies = await page.context().cookies(app.url);
    const session = cookies.find(({ name }) => name === "session_token");
    expect(session).toMatchObject({ httpOnly: true, sameSite: "Strict" });
    expect(cookies.map(({ name }) => name)).not.toContain("oauth_state");
    expect(problems).toEqual([]);
  });

  it("says in plain words why nobody was signed in, once, in the visitor's language", async () => {
    const { app, provider } = await setUp();
    provider.person = { sub: "somebody else" };
    const english = await openBrowser();
    await english.page.goto(`${app.url}/fleet`);
    await english.page.click("a[href='/api/oauth']");
    await english.page.waitForSelector("[role=alert]");
    expect(await english.page.textContent("[role=alert]")).toContain("auth.oidc.users");
    expect(english.page.url()).toBe(`${app.url}/fleet`);
    await english.screenshot("sign-in-refused");
    await english.page.reload();
    await english.page.waitForSelector("input[type=password]");
    expect(await english.page.locator("[role=alert]").count()).toBe(0);
    const chinese = await openBrowser({ locale: "zh-CN" });
    await chinese.page.goto(`${app.url}/api/oauth_callback?error=access_denied&state=x`);
    await chinese.page.waitForSelector("[role=alert]");
    expect(await chinese.page.textContent("[role=alert]")).toContain("十分钟");
    await chinese.screenshot("sign-in-refused-zh");
    expect([...english.problems, ...chinese.problems]).toEqual([]);
  });

  it("names no provider where there is none", async () => {
    const app = await startSite({ config: { roles: ["device"] } });
    const { page } = await openBrowser();
    await page.goto(app.url);
    await page.waitForSelector("input[type=password]");
    expect(await page.locator("a[href='/api/oauth']").count()).toBe(0);
  });

  it.each([
    ["/console", ["device"]],
    ["/console", ["device", "hub"]],
    ["/fleet", ["hub"]],
  ])("leaves no complaint in a browser's log, at %s of %j", async (path, roles) => {
    const app = await startSite({ config: { roles } });
    const { page } = await openBrowser();
    const said: string[] = [];
    page.on("console", (message) => said.push(`${message.type()} ${message.text()}`));
    await page.goto(app.url + path, { waitUntil: "networkidle" });
    await page.waitForSelector("input[type=password]");
    expect(said.filter((line) => /^(?:error|warning)/.test(line))).toEqual([]);
  });
});

describe("the first password of a board's image", () => {
  it("only lets its owner look, until another one is chosen on the page", async () => {
    const dataDir = tempDir();
    const app = await startSite({ dataDir, config: { auth: { initialPassword: "" } } });
    const mark = join(dataDir, "first-password");
    writeFileSync(mark, `${readFileSync(mark, "utf8").trim()} change\n`);
    const { page, problems, screenshot } = await openBrowser();
    await signIn(page, app.url, "", app.ownerPassword);
    await page.click(".notice a:has-text('Choose your own')");
    await page.waitForSelector("form:has-text('Present password')");
    await screenshot("first-password");
    await page.fill("input[autocomplete=current-password]", app.ownerPassword);
    const [next, again] = await page.locator("input[autocomplete=new-password]").all();
    await next?.fill("a password of my own");
    await again?.fill("a password of my own");
    await page.click("button:has-text('Change the password')");
    await page.waitForSelector("input[autocomplete=username]");
    await signIn(page, `${app.url}/console`, "", "a password of my own");
    await page.waitForSelector("button:has-text('Keyboard')");
    expect(await page.locator("a:has-text('Choose your own')").count()).toBe(0);
    expect(problems).toEqual([]);
  });
});
