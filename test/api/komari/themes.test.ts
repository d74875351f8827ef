import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DEFAULT_SITE } from "../../../src/hub/site-settings.ts";
import { pageInLanguage, pageWithSettings } from "../../../src/api/komari/themes/theme-page.ts";
import { komariSite } from "../../support/komari-site.ts";
import { tempDir } from "../../support/temp-dir.ts";

const INDEX = `<!doctype html><html lang="en"><head><title>Komari Monitor</title>
<meta name="description" content="A simple server monitor tool."></head><body><div id="root"></div></body></html>`;

const MANIFEST = {
  name: "Night",
  short: "night",
  configuration: {
    type: "managed",
    data: [
      { name: "Look", type: "title" },
      { key: "columns", type: "number", default: 3 },
      { key: "clock", type: "switch", default: true },
    ],
  },
};

function plant(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** A folder of themes, with things in it that nobody may read. */
function themesFolder(): string {
  const root = tempDir();
  const path = join(root, "themes");
  plant(root, { "secret.txt": "SECRET", "outside/page.js": "SECRET" });
  plant(path, {
    "night/komari-theme.json": JSON.stringify(MANIFEST),
    "night/preview.png": "PNG",
    "night/dist/index.html": INDEX,
    "night/dist/assets/app.js": "let theme;",
    "night/dist/favicon.ico": "ICO",
    "night/dist/.env": "SECRET",
    "night/.git/config": "SECRET",
    "night/notes.txt": "below the theme, not below its pages",
    "empty/readme.md": "no page",
  });
  symlinkSync(join(root, "secret.txt"), join(path, "night/dist/link.txt"));
  symlinkSync(join(root, "outside"), join(path, "night/dist/out"));
  return path;
}

function siteWith(themes: Readonly<Record<string, string>>) {
  return komariSite({ hub: { themes } });
}

describe("a theme", () => {
  it("is the public page, with the site's name and the admins' own pieces in their places", async () => {
    const site = await siteWith({ path: themesFolder(), active: "night" });
    await site.hub.site.change({
      siteName: "Fleet <1>",
      description: 'It says "hello"',
      customHead: "<style>a{}</style>",
      customBody: "<p>bye</p>",
    });
    for (const path of ["/", "/instance/4addbaf1", "/index.html", "/no/such/page"]) {
      const { status, body, headers } = await site.asGuest(path);
      expect([path, status]).toEqual([path, 200]);
      expect(headers["content-type"]).toBe("text/html; charset=utf-8");
      expect(body).toContain("<title>Fleet &lt;1&gt;</title>");
      expect(body).toContain('content="It says &quot;hello&quot;"');
      expect(body).toContain("<style>a{}</style></head>");
      expect(body).toContain("<p>bye</p></body>");
    }
  });

  it("has its files served with a policy of their own, which the project's pages and the API do not get", async () => {
    const site = await siteWith({ path: themesFolder(), active: "night" });
    const script = await site.asGuest("/assets/app.js");
    expect([script.status, script.body]).toEqual([200, "let theme;"]);
    expect(script.headers["content-type"]).toContain("javascript");
    expect(script.headers["content-security-policy"]).toContain(
      "script-src 'self' 'unsafe-inline'",
    );
    expect((await site.asGuest("/favicon.ico")).body).toBe("ICO");
    const { headers } = await site.asGuest("/api/version");
    expect(headers["content-security-policy"]).toBe("default-src 'none'; frame-ancestors 'none'");
  });

  it("is not left by any path", async () => {
    const site = await siteWith({ path: themesFolder(), active: "night" });
    const tricks = [
      "/../secret.txt",
      "/../../secret.txt",
      "/%2e%2e/%2e%2e/secret.txt",
      "/..%2f..%2fsecret.txt",
      "/%252e%252e/secret.txt",
      "/assets/../../../secret.txt",
      "/assets/..%5c..%5csecret.txt",
      "/assets\\..\\..\\secret.txt",
      "/.env",
      "/%2eenv",
      "/link.txt",
      "/out/page.js",
      "/link.txt%00.js",
      "/themes/night/../../secret.txt",
      "/themes/night/%2e%2e/%2e%2e/secret.txt",
      "/themes/night/.git/config",
      "/themes/night/dist/link.txt",
      "/themes/night/dist/out/page.js",
      "/themes/../secret.txt",
      "/themes/%2e%2e/secret.txt",
      "//secret.txt",
      "/%",
    ];
    for (const path of tricks) {
      const { status, body } = await site.asGuest(path);
      expect([path, body.includes("SECRET")]).toEqual([path, false]);
      expect([path, status < 500]).toEqual([path, true]);
    }
  });

  it("does not answer for the API, and installs no service worker", async () => {
    const site = await siteWith({ path: themesFolder(), active: "night" });
    expect((await site.asGuest("/api/nothing")).status).toBe(404);
    expect((await site.asGuest("/native/nothing")).status).toBe(404);
    const asWorker = { headers: { "Service-Worker": "script" } };
    for (const path of ["/assets/app.js", "/sw.js", "/themes/night/dist/assets/app.js"]) {
      const { body, headers } = await site.asGuest(path, asWorker);
      expect(headers["content-type"]).toBe("text/javascript; charset=utf-8");
      expect(body).toContain("self.registration.unregister()");
      expect(body).not.toContain("let theme;");
    }
    expect((await site.asGuest("/anything", { method: "POST" })).status).toBe(404);
  });

  it("leaves the pages of admins to the stock front end, or to the project's own where that is not there", async () => {
    const path = themesFolder();
    const alone = await siteWith({ path, active: "night" });
    const { status, headers } = await alone.asGuest("/admin/settings");
    expect([status, headers["location"]]).toEqual([302, "/fleet"]);
    plant(path, { "default/dist/index.html": INDEX, "default/dist/assets/stock.js": "stock" });
    const both = await siteWith({ path, active: "night" });
    await both.hub.site.change({ siteName: "Fleet" });
    const admin = await both.asGuest("/admin");
    expect([admin.status, admin.body]).toEqual([200, INDEX]);
    expect((await both.asGuest("/assets/stock.js")).body).toBe("stock");
    expect((await both.asGuest("/")).body).toContain("<title>Fleet</title>");
  });

  it("tells its settings in /api/public, with what it declares for those that nobody has set", async () => {
    const site = await siteWith({ path: themesFolder(), active: "night" });
    await site.hub.site.setThemeSettings("night", JSON.stringify({ columns: 5, extra: "x" }));
    const { json } = await site.asGuest<{ data: Record<string, unknown> }>("/api/public");
    expect(json.data).toMatchObject({
      theme: "night",
      theme_settings: { columns: 5, clock: true, extra: "x" },
    });
  });

  it("has its picture and manifest below /themes", async () => {
    const site = await siteWith({ path: themesFolder(), active: "night" });
    expect((await site.asGuest("/themes/night/preview.png")).body).toBe("PNG");
    expect((await site.asGuest("/themes/night/komari-theme.json")).json).toMatchObject(MANIFEST);
    expect((await site.asGuest("/themes/other/preview.png")).status).toBe(404);
  });

  it("that is missing or has no page is told in the log, and the project's own page is shown", async () => {
    for (const active of ["gone", "empty", "../night"]) {
      const site = await siteWith({ path: themesFolder(), active });
      const { status, headers } = await site.asGuest("/");
      expect([active, status, headers["location"]]).toEqual([active, 302, "/fleet"]);
      expect(site.app.logLines.join("")).toContain("hub.themes.active");
    }
  });
});

describe("the page of a theme", () => {
  it("takes no markup from the site's name", () => {
    const html = pageWithSettings(INDEX, { ...DEFAULT_SITE, siteName: "</title><script>" });
    expect(html).toContain("<title>&lt;/title&gt;&lt;script&gt;</title>");
  });

  it("does not read the admins' pieces as patterns", () => {
    const html = pageWithSettings(INDEX, { ...DEFAULT_SITE, customHead: "$& $1 </body>" });
    expect(html).toContain("$& $1 </body></head>");
  });

  it("is in the visitor's language, if it is one", () => {
    expect(pageInLanguage(INDEX, "zh_CN")).toContain('<html lang="zh-CN">');
    expect(pageInLanguage(INDEX, '"><script>')).toBe(INDEX);
    expect(pageInLanguage(INDEX, undefined)).toBe(INDEX);
  });
});
