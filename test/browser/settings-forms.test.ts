import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { openBrowser, signIn, startSite } from "./support/browser.ts";
import type { BrowserOptions, BrowserPage } from "./support/browser.ts";
import { settingsFile } from "./support/settings-file.ts";

/** A page of the settings of an app whose file is `text`. */
async function openSettings(
  area: string,
  text: string,
  options: BrowserOptions = {},
): Promise<BrowserPage & { readonly text: () => string }> {
  const file = await settingsFile(text);
  const [app, browser] = await Promise.all([
    startSite({ settings: file.settings }),
    openBrowser(options),
  ]);
  await signIn(browser.page, `${app.url}/console/settings/${area}`);
  return { ...browser, text: file.text };
}

const SWITCHES = `roles: [device]
device:
  gpio:
    scheme:
      # the blue wire
      fan: {pin: 17, mode: output} # loud
      led:
        pin: 4
        mode: input
        debounce: 0.2
    drivers:
      relay: {type: hidrelay, device: /dev/hidraw0} # of the old house
    view:
      header:
        title: Rack
      table:
        - ["#Fan", led, fan] # on top
`;

const saved = (page: Page): Promise<unknown> => page.waitForSelector(".toast:has-text('Saved')");

describe("the switches' own page", () => {
  it("describes channels and the menu, shows them at once, and keeps comments and unknown options", async () => {
    const { page, text, problems, screenshot } = await openSettings("switches", SWITCHES);
    const preview = page.locator(".gpio-preview");
    await preview.locator(".gpio-row:has-text('Fan') .lamp").waitFor();
    expect(await preview.locator("h3").textContent()).toBe("Rack");
    await page.click("summary:has-text('relay')");
    await page.waitForSelector(".notice:has-text('This version has no such driver')");
    await page.click("button:has-text('Add a channel')");
    // The new one is open, with its name to be typed.
    await page.waitForSelector(".item-body input:focus");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("door");
    await page.waitForSelector(".problem:has-text('This is needed')");
    expect(await page.isDisabled("button:has-text('Save the switches')")).toBe(true);
    const door = page.locator(".item.folded:has(summary:has-text('door'))");
    await door.getByLabel("Line").fill("17");
    await page.waitForSelector(".problem:has-text('The channel fan has this line already')");
    await door.getByLabel("Line").fill("22");
    await door.getByText("Can be switched on and off").click();
    await page.click("button:has-text('Add a row')");
    const row = page.locator("[aria-label='Cells of row 2']");
    await row.locator("select").first().selectOption("output");
    await row.getByLabel("Channel").selectOption("door");
    await row.getByLabel("Text").fill("Open");
    await row.getByText("Ask before").click();
    await preview.locator("button:has-text('Open')").waitFor();
    await page.click("button:has-text('With lamps in the title')");
    const title = page.locator("fieldset:has(> legend:text-is('Title'))");
    await title.getByRole("button", { name: "Add a cell" }).click();
    await title.locator("select").last().selectOption("input");
    await title.getByLabel("Color").selectOption("red");
    await preview.locator("h3 .lamp.red").waitFor();
    await screenshot("switches-editor");
    await page.click("button:has-text('Save the switches')");
    await saved(page);
    expect(text()).toBe(
      SWITCHES.replace(
        "        debounce: 0.2\n",
        "        debounce: 0.2\n      door:\n        pin: 22\n        mode: output\n        switch: false\n",
      )
        .replace("title: Rack", 'title: ["#Rack", led|red]')
        .replace("# on top\n", "# on top\n        - [door|confirm|Open]\n"),
    );
    expect(problems).toEqual([]);
  });

  it("is used with the keyboard alone: order, names and removing", async () => {
    const { page, text } = await openSettings("switches", SWITCHES);
    await page.focus("button[title='Move down: fan · Output (switch, button)']");
    await page.keyboard.press("Enter");
    // The focus goes with the channel, to what it can still do.
    await page.waitForSelector("button[title='Move up: fan · Output (switch, button)']:focus");
    await page.keyboard.press("Shift+Tab");
    await page.waitForSelector("summary:focus:has-text('fan')");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.waitForSelector("details[open] input:focus");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("vent");
    await page.waitForSelector("summary:has-text('vent')");
    await page.focus("button[title^='Remove: led']");
    await page.keyboard.press("Enter");
    await page.waitForSelector("button[title^='Remove: vent']:focus");
    await page.waitForSelector(".item .problem:has-text('Something in it')");
    await page.focus("button[title^='Remove: Fan']");
    await page.keyboard.press("Space");
    await page.waitForSelector("button:has-text('Add a row'):focus");
    await page.focus("button:has-text('Save the switches')");
    await page.keyboard.press("Enter");
    await saved(page);
    // A channel under another name is still the one that the comments are about.
    expect(text()).toContain("# the blue wire\n      vent: {pin: 17, mode: output} # loud");
    expect(text()).toContain("table: []");
    expect(text()).not.toContain("led");
    expect(text()).toContain("relay: {type: hidrelay, device: /dev/hidraw0} # of the old house");
  });
});

const LOADED_TEXTS =
  'performance.getEntriesByType("resource").filter(({ name }) => /setting-texts-/.test(name)).length';

describe("lists and mappings of the file", () => {
  const UPLINKS = `roles: [device]
agent:
  uplinks:
    # at home
    - protocol: komari
      url: https://home.example # the old one
      token: first
    - protocol: nezha
      server: away.example:8008
      secret: second
http:
  allowedOrigins: [https://one.example]
`;

  it("are edited as forms: secrets stay, problems stand at their fields, comments are kept", async () => {
    const { page, text, problems, screenshot } = await openSettings("configuration", UPLINKS);
    await page.fill("input[type=search]", "agent.uplinks");
    expect(await page.evaluate<number>(LOADED_TEXTS)).toBe(0);
    const home = page.locator(".item.folded").first();
    await home.locator("summary:has-text('home.example')").click();
    await home.getByLabel("url").fill("home");
    await home.locator(".problem", { hasText: "has to have the form" }).waitFor();
    await page.waitForSelector(".settings-bar .problem:has-text('1 field is not right')");
    expect(await page.isDisabled(".settings-bar button[type=submit]")).toBe(true);
    await home.getByLabel("url").fill("https://new.example");
    expect(await home.getByLabel("token").inputValue()).toBe("");
    await home.locator(".hint", { hasText: "Set. Type a new one" }).first().waitFor();
    const away = page.locator(".item.folded", { hasText: "away.example" });
    await away.locator("summary").click();
    await away.getByLabel("secret").fill("third");
    await screenshot("uplinks");
    await page.fill("input[type=search]", "allowedOrigins");
    await page.click(".items .adds button");
    await page.waitForSelector(".item input:focus");
    await page.keyboard.type("https://two.example");
    await page.click(".settings-bar button[type=submit]");
    await saved(page);
    expect(text()).toBe(
      UPLINKS.replace("https://home.example", "https://new.example")
        .replace("second", "third")
        .replace("[https://one.example]", "[https://one.example, https://two.example]"),
    );
    expect(problems).toEqual([]);
  });

  it("are described in Chinese, and found by it; the device's name and color are settings", async () => {
    const { page, text } = await openSettings("configuration", "roles: [device]\n", {
      locale: "zh-CN",
    });
    // The other languages are loaded when they are spoken.
    const loaded = (): Promise<number> => page.evaluate<number>(LOADED_TEXTS);
    await expect.poll(loaded).toBe(1);
    await page.fill("input[type=search]", "标签页");
    await page.waitForSelector(".setting .hint:has-text('本设备在浏览器标签页')");
    expect(await page.locator(".setting").count()).toBe(1);
    await page.getByLabel("device.info.color").fill("red");
    await page.waitForSelector(".problem:has-text('应符合格式')");
    await page.getByLabel("device.info.color").fill("#c2185b");
    await page.fill("input[type=search]", "device.info.name");
    await page.getByLabel("device.info.name").fill("三号机架");
    await page.click(".settings-bar button[type=submit]");
    await page.waitForSelector(".toast");
    expect(text()).toContain('color: "#c2185b"');
    expect(text()).toContain("name: 三号机架");
  });
});

describe("the device's name and color", () => {
  it("are in the tab, on the page, and in the bars of a phone's browser", async () => {
    const config = { device: { info: { name: "Rack 3", color: "#c2185b" } } };
    const [app, { page }] = await Promise.all([startSite({ config }), openBrowser()]);
    await signIn(page, app.url);
    await page.waitForSelector(".brand:has-text('Rack 3')");
    await expect.poll(() => page.title()).toBe("Rack 3 · Console");
    expect(await page.getAttribute("meta[name=theme-color]", "content")).toBe("#c2185b");
    expect(decodeURIComponent((await page.getAttribute("link[rel=icon]", "href")) ?? "")).toContain(
      'fill="#c2185b"',
    );
    const shown = await page.evaluate(
      "getComputedStyle(document.querySelector('.brand .mark')).backgroundColor",
    );
    expect(shown).toBe("rgb(194, 24, 91)");
  });
});
