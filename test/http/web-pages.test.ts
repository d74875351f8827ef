import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { homePageOf } from "../../src/http/home-page.ts";
import { createTestApp } from "../support/create-test-app.ts";
import type { TestApp } from "../support/create-test-app.ts";
import { tempDir } from "../support/temp-dir.ts";

const NOBODY = { headers: {} };
const SCRIPT = "console-ABC12345.js";

/** What the build makes, in small. */
function builtPages(): string {
  const root = tempDir();
  const assets = join(root, "assets");
  mkdirSync(assets, { recursive: true });
  const write = (path: string, text: string): void => {
    writeFileSync(path, text);
    writeFileSync(`${path}.gz`, gzipSync(text));
    writeFileSync(`${path}.br`, brotliCompressSync(text));
  };
  writeFileSync(join(root, "build-id"), "b1");
  write(join(assets, SCRIPT), "export const answer = 42;".repeat(50));
  for (const page of ["console", "fleet"])
    write(join(root, `${page}.html`), `<title>${page}</title>`);
  return root;
}

const startSite = (config: Readonly<Record<string, unknown>> = {}): Promise<TestApp> =>
  createTestApp({ config, webRoot: builtPages() });

describe("the pages", () => {
  it("are shown to everybody, on every path below their own", async () => {
    const { call } = await startSite();
    for (const path of ["/console", "/console/", "/console/log", "/console/settings/users"]) {
      const { status, body, headers } = await call("GET", path, NOBODY);
      expect([path, status, body]).toEqual([path, 200, "<title>console</title>"]);
      expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    }
  });

  it("permit nothing inline and no other site", async () => {
    const { call } = await startSite();
    const { headers } = await call("GET", "/console", NOBODY);
    const policy = headers["content-security-policy"] ?? "";
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(policy).not.toMatch(/https?:|\*/);
  });

  it("are asked for again every time, their parts never", async () => {
    const { call } = await startSite();
    const [page, part, miss] = await Promise.all([
      call("GET", "/console", NOBODY),
      call("GET", `/assets/${SCRIPT}`, NOBODY),
      call("GET", "/assets/console-OLD00000.js", NOBODY),
    ]);
    expect(page.headers["cache-control"]).toBe("no-cache");
    expect(part.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect(part.headers["content-type"]).toContain("javascript");
    expect(miss.status).toBe(404);
    expect(miss.headers["cache-control"] ?? "").not.toContain("immutable");
  });

  it("come compressed to those who take it", async () => {
    const { call } = await startSite();
    const path = `/assets/${SCRIPT}`;
    const encodings = await Promise.all(
      ["gzip, deflate, br", "gzip;q=1.0, br;q=0", "identity"].map(async (accepted) => {
        const { headers } = await call("GET", path, { headers: { "Accept-Encoding": accepted } });
        expect(headers["vary"]).toBe("Accept-Encoding");
        return headers["content-encoding"];
      }),
    );
    expect(encodings).toEqual(["br", "gzip", undefined]);
  });

  it("are not sent again to those who have them", async () => {
    const { call } = await startSite();
    const { headers } = await call("GET", "/console", NOBODY);
    const again = { headers: { "If-None-Match": headers["etag"] ?? "" } };
    const { status, body } = await call("GET", "/console", again);
    expect([status, body]).toEqual([304, ""]);
  });

  it("exist only for the roles of the process", async () => {
    const { call } = await startSite();
    expect((await call("GET", "/fleet", NOBODY)).status).toBe(404);
  });

  it("stay within their folder", async () => {
    const { call } = await startSite();
    for (const path of ["/assets/..%2fconsole.html", "/assets/../console.html", "/assets/.."]) {
      const { status, body } = await call("GET", path, NOBODY);
      expect([path, status === 200 && body.includes("<title>")]).toEqual([path, false]);
    }
  });

  it("do not hide a copy of PiKVM's pages", async () => {
    const pikvmRoot = tempDir();
    writeFileSync(join(pikvmRoot, "index.html"), "PiKVM");
    const { call } = await startSite({ device: { web: { pikvmRoot } } });
    expect((await call("GET", "/")).body).toBe("PiKVM");
    expect((await call("GET", "/console", NOBODY)).status).toBe(200);
  });
});

describe("GET /", () => {
  it("leads to the console of a device", async () => {
    const { call } = await startSite();
    const { status, headers } = await call("GET", "/", NOBODY);
    expect([status, headers["location"]]).toEqual([302, "/console"]);
  });

  it("shows what the machine is", () => {
    const home = (
      roles: readonly ("device" | "hub" | "agent")[],
      pikvmRoot = "",
      active = "",
    ): string => {
      const web = { pikvmRoot, userCss: "" };
      // Only these parts decide.
      const config = { roles, device: { web }, hub: { themes: { active } } };
      return homePageOf(config as unknown as Parameters<typeof homePageOf>[0]);
    };
    expect(home(["device"])).toBe("console");
    expect(home(["device"], "/usr/share/kvmd/web")).toBe("pikvm");
    expect(home(["device", "hub"], "/usr/share/kvmd/web")).toBe("fleet");
    expect(home(["hub"])).toBe("fleet");
    expect(home(["agent"])).toBe("none");
  });
});

describe("GET /native/session", () => {
  it("says who is signed in and what this machine is", async () => {
    const { call } = await startSite();
    const { status, body, headers } = await call("GET", "/native/session");
    expect(status).toBe(200);
    expect(headers["cache-control"]).toBe("no-store");
    expect(JSON.parse(body)).toMatchObject({
      user: "admin",
      role: "admin",
      roles: ["device"],
      home: "console",
      build: "b1",
    });
  });

  it("names no build where there are no pages", async () => {
    const { call } = await createTestApp();
    expect(JSON.parse((await call("GET", "/native/session")).body)).toMatchObject({ build: "" });
  });

  it("tells strangers nothing but its roles and the build of the pages", async () => {
    const { call } = await startSite();
    const wrong = { headers: { Cookie: `auth_token=${"0".repeat(64)}` } };
    for (const options of [NOBODY, wrong]) {
      const { status, body, headers } = await call("GET", "/native/session", options);
      expect([status, JSON.parse(body)]).toEqual([
        200,
        { user: "", roles: ["device"], build: "b1" },
      ]);
      expect(headers["cache-control"]).toBe("no-store");
    }
  });
});
