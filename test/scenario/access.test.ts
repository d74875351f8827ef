// Nobody gets in by a route that somebody forgot: all that are declared are asked, with everything switched on.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RouteList } from "../../src/cli/route-list.ts";
import type { RouteRow } from "../../src/cli/route-list.ts";
import { hashPassword } from "../../src/http/auth/passwords.ts";
import { createTestApp } from "../support/create-test-app.ts";
import type { TestApp } from "../support/create-test-app.ts";
import { inertSettings } from "../support/inert-settings.ts";
import { tempDir } from "../support/temp-dir.ts";

const PASSWORD = "correct horse";
const ROLES = ["public", "viewer", "operator", "admin"];
/** What may be open to everybody, and is harmless: pages, signing in, and what a probe asks. */
const PUBLIC =
  /^(?:GET|HEAD) \/(?:|login|share)(?:\/.*)?$|^(?:GET|HEAD) \/(?:health|index\.html)$|^POST \/api\/auth\/login$|^GET (?:\/api)?\/redfish\/v1$/;
/** What a viewer may do beside looking: with their own account only. */
const VIEWER_ACTIONS = [
  "POST /api/auth/logout",
  "POST /native/password",
  "DELETE /native/sessions/:id",
];

async function everything(): Promise<{ test: TestApp; rows: readonly RouteRow[] }> {
  const root = join(tempDir(), "web");
  for (const folder of ["login", "share", "kvm"])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "index.html"), "<title>index</title>");
  const list = new RouteList();
  const [htpasswdFile, users] = [join(root, "../htpasswd"), ["viewer", "operator"]];
  const hash = await hashPassword(PASSWORD);
  writeFileSync(htpasswdFile, users.map((user) => `${user}:${hash}\n`).join(""), { mode: 0o600 });
  writeFileSync(`${htpasswdFile}.roles`, users.map((user) => `${user}:${user}\n`).join(""));
  const config = {
    auth: { htpasswdFile },
    device: { terminal: { enabled: true }, web: { pikvmRoot: root } },
  };
  const test = await createTestApp({
    config,
    settings: inertSettings(),
    onRoute: (route) => {
      list.note(route);
    },
  });
  return { test, rows: list.rows };
}

const nameOf = ({ method, url }: RouteRow): string => `${method} ${url}`;
const pathOf = ({ url }: RouteRow): string => url.replaceAll(/:\w+/g, "0").replace("*", "x");

/** The routes that do not refuse somebody of this role although they should. */
async function openTo(test: TestApp, rows: readonly RouteRow[], role: string): Promise<string[]> {
  const headers: Record<string, string> =
    role === "public" ? {} : { "X-KVMD-User": role, "X-KVMD-Passwd": PASSWORD };
  const open: string[] = [];
  for (const row of rows) {
    if (ROLES.indexOf(row.access) <= ROLES.indexOf(role)) continue;
    const { status, headers: answer } = await test.call(row.method, pathOf(row), { headers });
    const isRefused = status === 401 || status === 403;
    if (!isRefused && !(status === 302 && answer["location"] === "/login")) open.push(nameOf(row));
  }
  return open;
}

describe("every route of a device with everything switched on", () => {
  it("says whom it is for, and is open to everybody only where that is meant", async () => {
    const { rows } = await everything();
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.map(nameOf)).toContain("POST /native/restart");
    const others = rows.filter(({ access }) => !ROLES.includes(access));
    expect(others.map((row) => [row.access, nameOf(row)])).toEqual([
      ["guest", "GET /native/session"],
    ]);
    const open = rows.filter(({ access }) => access === "public").map(nameOf);
    expect(open.filter((name) => !PUBLIC.test(name))).toEqual([]);
    const actions = rows.filter(
      ({ access, method }) => access === "viewer" && method !== "GET" && method !== "HEAD",
    );
    expect(actions.map(nameOf)).toEqual(VIEWER_ACTIONS);
  });

  it.each(["public", "viewer", "operator"])(
    "refuses those who are %s and may not",
    async (role) => {
      const { test, rows } = await everything();
      expect(await openTo(test, rows, role)).toEqual([]);
    },
  );
});
