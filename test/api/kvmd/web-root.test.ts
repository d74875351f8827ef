import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createTestApp } from "../../support/create-test-app.ts";
import type { TestApp } from "../../support/create-test-app.ts";
import { tempDir } from "../../support/temp-dir.ts";

const PAGES: Readonly<Record<string, string>> = {
  "index.html": "<title>index</title>",
  "login/index.html": "<title>login</title>",
  "kvm/index.html": "<title>kvm</title>",
  "share/js/tools.js": "export {};",
  "share/js/kvm/janus.js": "export {};",
  "share/css/user.css": "stale",
  "favicon.ico": "icon",
  "robots.txt": "User-agent: *",
  ".hidden": "secret",
  "api/atx": "not the API",
  "health/index.html": "not the health",
};

const NOBODY = { headers: {} };

function plant(pages: Readonly<Record<string, string>> = PAGES): string {
  const folder = tempDir();
  for (const [name, content] of Object.entries(pages)) {
    const path = join(folder, "web", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  writeFileSync(join(folder, "outside.txt"), "secret");
  return folder;
}

function serving(folder: string, web: object = {}): Promise<TestApp> {
  const pikvmRoot = join(folder, "web");
  return createTestApp({ config: { device: { web: { pikvmRoot, ...web } } } });
}

async function statuses(test: TestApp, paths: readonly string[], options?: object) {
  const replies = await Promise.all(paths.map((path) => test.call("GET", path, options)));
  return replies.map(({ status }) => status);
}

describe("PiKVM's web interface", () => {
  it("shows its pages to those who are signed in, with the login page for all others", async () => {
    const test = await serving(plant());
    const pages = await Promise.all(
      ["/", "/kvm/", "/login/"].map((path) => test.call("GET", path)),
    );
    expect(pages.map(({ body }) => body)).toEqual([
      "<title>index</title>",
      "<title>kvm</title>",
      "<title>login</title>",
    ]);
    const strangers = await Promise.all(
      ["/", "/kvm/", "/kvm/x.js", "/index.html"].map((path) => test.call("GET", path, NOBODY)),
    );
    expect(strangers.map(({ status, headers }) => [status, headers["location"]])).toEqual([
      [302, "/login"],
      [302, "/login"],
      [302, "/login"],
      [302, "/login"],
    ]);
  });

  it.each([
    ["wrong", { "X-KVMD-User": "admin", "X-KVMD-Passwd": "nope" }],
    ["expired", { Cookie: `auth_token=${"0".repeat(64)}` }],
    ["malformed", { Cookie: "auth_token=0" }],
  ])("leads to the login page with credentials that are %s", async (_, headers) => {
    const test = await serving(plant());
    const { status, headers: answer } = await test.call("GET", "/kvm/", { headers });
    expect([status, answer["location"]]).toEqual([302, "/login"]);
  });

  it("is public as far as the login page needs it", async () => {
    const test = await serving(plant());
    const paths = [
      "/login/",
      "/share/js/tools.js",
      "/share/css/user.css",
      "/favicon.ico",
      "/robots.txt",
    ];
    expect(await statuses(test, paths, NOBODY)).toEqual([200, 200, 200, 200, 200]);
    expect(await statuses(test, ["/share/js/kvm/janus.js"], NOBODY)).toEqual([302]);
    expect(await statuses(test, ["/share/js/kvm/janus.js", "/share/js/kvm/adapter.js"])).toEqual([
      200, 404,
    ]);
  });

  it("adds the slash that folders need", async () => {
    const test = await serving(plant());
    const replies = await Promise.all([
      test.call("GET", "/login", NOBODY),
      test.call("GET", "/kvm"),
    ]);
    expect(replies.map(({ status, headers }) => [status, headers["location"]])).toEqual([
      [301, "/login/"],
      [301, "/kvm/"],
    ]);
  });

  it("tells browsers to ask again each time and to load nothing from elsewhere", async () => {
    const test = await serving(plant());
    const { headers } = await test.call("GET", "/kvm/");
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["cache-control"]).toContain("no-store");
    expect(headers["content-security-policy"]).toContain("default-src 'self'");
    expect(headers["x-frame-options"]).toBe("SAMEORIGIN");
    expect(headers["etag"]).toBeUndefined();
  });

  it("answers HEAD without a body and nothing but reading", async () => {
    const test = await serving(plant());
    const head = await test.call("HEAD", "/kvm/");
    const post = await test.call("POST", "/kvm/");
    expect([head.status, head.body, post.status]).toEqual([200, "", 405]);
  });

  it("serves the configured style sheet, or an empty one", async () => {
    const folder = plant();
    writeFileSync(join(folder, "mine.css"), "body { color: red }");
    const path = "/share/css/user.css";
    const [own, none] = [
      await (
        await serving(folder, { userCss: join(folder, "mine.css") })
      ).call("GET", path, NOBODY),
      await (await serving(folder)).call("GET", path, NOBODY),
    ];
    expect([own.body, none.body]).toEqual(["body { color: red }", ""]);
    expect(own.headers["content-type"]).toBe("text/css; charset=utf-8");
  });

  it.each([
    "/share/../../outside.txt",
    "/share/%2e%2e/%2e%2e/outside.txt",
    "/share/..%2f..%2foutside.txt",
    "/share/..%5c..%5coutside.txt",
    "/share/%00",
    "/share/%ff",
    "/share//../../outside.txt",
    "/.hidden",
    "/share/../.hidden",
    "/outside.txt",
  ])("gives nothing away for %s", async (path) => {
    const test = await serving(plant());
    const { status, body } = await test.call("GET", path);
    expect(body).not.toContain("secret");
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });

  it.each([
    "/login/../kvm/index.html",
    "/login/%2e%2e/kvm/index.html",
    "/login/..%2fkvm/index.html",
    "/share/..%2findex.html",
    "/share/..%5ckvm%5cindex.html",
    "/share//../kvm/index.html",
    "/share/js/kvm/./janus.js",
    "/share/js/kvm/%2e/janus.js",
    "/share/js%2fkvm/janus.js",
    "/share/js/kvm%2f%2fjanus.js",
    "/share/js//kvm//janus.js",
    "/share/js/kvm/%6aanus.js",
  ])("has no way around signing in at %s", async (path) => {
    const test = await serving(plant());
    const { status, body } = await test.call("GET", path, NOBODY);
    expect(body).not.toMatch(/<title>(?:index|kvm)|export/);
    expect([302, 404]).toContain(status);
  });

  it("hides neither the API nor unknown paths", async () => {
    const test = await serving(plant());
    const api = await test.call("GET", "/api/atx");
    const health = await test.call("GET", "/health");
    const [unknown, nowhere] = await statuses(test, ["/api/nope", "/nowhere"], NOBODY);
    expect(api.body).not.toBe("not the API");
    expect(health.body).not.toBe("not the health");
    expect([unknown, nowhere]).toEqual([404, 404]);
  });

  it("follows links as long as they stay in the folder", async () => {
    const folder = plant();
    const share = join(folder, "web", "share");
    symlinkSync(join(folder, "web", "robots.txt"), join(share, "inside.txt"));
    symlinkSync(join(folder, "outside.txt"), join(share, "linked.txt"));
    symlinkSync("../../../outside.txt", join(share, "js", "relative.txt"));
    symlinkSync(folder, join(share, "up"));
    symlinkSync("loop", join(share, "loop"));
    symlinkSync(`${folder}/web`, join(folder, "alias"));
    const test = await createTestApp({
      config: { device: { web: { pikvmRoot: join(folder, "alias") } } },
    });
    expect((await test.call("GET", "/share/inside.txt", NOBODY)).body).toBe("User-agent: *");
    const outside = ["linked.txt", "js/relative.txt", "up/outside.txt", "loop"];
    for (const path of outside) {
      const { status, body } = await test.call("GET", `/share/${path}`);
      expect([path, status, body]).toEqual([path, 404, expect.not.stringContaining("secret")]);
    }
  });

  it("is replaced by the welcome page where the folder holds none, with a word in the log", async () => {
    const test = await serving(plant({ "readme.txt": "no pages here" }));
    const { status, body } = await test.call("GET", "/", NOBODY);
    expect(status).toBe(200);
    expect(body).toContain("<title>Farhand</title>");
    expect(test.logLines.some((line) => line.includes("holds no index.html"))).toBe(true);
  });
});

describe("the welcome page", () => {
  it("says in both languages what this is, and nothing about this device", async () => {
    const test = await createTestApp();
    const { status, headers, body } = await test.call("GET", "/", NOBODY);
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["content-security-policy"]).not.toContain("script-src");
    expect(body).toContain("/api/ws");
    expect(body).toContain('lang="zh-CN"');
    expect(body).not.toContain("0.1.0");
  });

  it("leaves the paths of PiKVM's pages unknown", async () => {
    const test = await createTestApp();
    expect(await statuses(test, ["/kvm/", "/login/", "/share/x.js"])).toEqual([404, 404, 404]);
  });
});
