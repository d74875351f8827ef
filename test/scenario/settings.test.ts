import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { httpCall } from "../support/http-request.ts";
import { spawnDaemon } from "../support/spawned-daemon.ts";
import { tempDir } from "../support/temp-dir.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" };

describe("settings that are taken over", () => {
  it("begin another life in the same process, with everybody still signed in", async () => {
    const file = join(tempDir(), "farhand.yaml");
    writeFileSync(file, "# mine\nroles: [device]\nhttp:\n  tls: { mode: off }\n");
    const daemon = spawnDaemon({
      args: ["serve", "--config", file],
      env: { FARHAND__AUTH__INITIAL_PASSWORD: "correct horse" },
    });
    const [, first = ""] = await daemon.untilOutput(/ready: (\S+?)\/\n/);
    const login = await httpCall(first, "/api/auth/login", {
      method: "POST",
      headers: FORM,
      body: "user=admin&passwd=correct+horse&expire=0",
    });
    const cookie = String(login.headers["set-cookie"]).split(";")[0] ?? "";
    const headers = { cookie, "content-type": "application/json" };
    const changed = await httpCall(first, "/native/settings", {
      method: "PATCH",
      headers,
      body: JSON.stringify({ changes: { roles: ["device", "hub"] } }),
    });
    expect(JSON.parse(changed.body)).toMatchObject({ restarts: "everything" });
    const wrong = await httpCall(first, "/native/settings", {
      method: "PATCH",
      headers,
      body: JSON.stringify({ changes: { "http.port": -1 } }),
    });
    expect(wrong.status).toBe(400);
    await httpCall(first, "/native/restart", { method: "POST", headers: { cookie } });
    const [, second = ""] = await daemon.untilOutput(/ready: [\s\S]*ready: (\S+?)\/\n/);
    const health = await httpCall(second, "/health");
    expect(JSON.parse(health.body)).toMatchObject({ roles: ["device", "hub"] });
    expect((await httpCall(second, "/api/auth/check", { headers: { cookie } })).status).toBe(200);
    expect(readFileSync(file, "utf8")).toBe(
      "# mine\nroles: [device, hub]\nhttp:\n  tls: {mode: off}\n",
    );
    daemon.signal("SIGTERM");
    expect(await daemon.exited).toEqual({ code: 0, signal: null });
  });
});
