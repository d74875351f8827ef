import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { until } from "../../src/core/store.ts";
import { httpCall } from "../support/http-request.ts";
import { countPictures } from "../support/picture-count.ts";
import { spawnDaemon } from "../support/spawned-daemon.ts";
import type { SpawnedDaemon } from "../support/spawned-daemon.ts";
import { tempDir } from "../support/temp-dir.ts";
import { connectWs } from "../support/ws-client.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const FILE_TEXT = "# mine\nroles: [device]\nhttp:\n  tls: { mode: off }\n";

/** The program with a file of its own, and somebody who is signed in. */
async function start() {
  const file = join(tempDir(), "farhand.yaml");
  writeFileSync(file, FILE_TEXT);
  const daemon = spawnDaemon({
    args: ["serve", "--config", file],
    env: { FARHAND__AUTH__INITIAL_PASSWORD: "correct horse" },
  });
  const [, url = ""] = await daemon.untilOutput(/ready: (\S+?)\/\n/);
  const login = await httpCall(url, "/api/auth/login", {
    method: "POST",
    headers: FORM,
    body: "user=admin&passwd=correct+horse&expire=0",
  });
  const cookie = String(login.headers["set-cookie"]).split(";")[0] ?? "";
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await httpCall(url, `/native${path}`, {
      method,
      headers: { cookie, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: JSON.parse(answer.body) };
  };
  return { daemon, url, file, cookie, call };
}

/** The address of the second life. */
async function secondLife(daemon: SpawnedDaemon): Promise<string> {
  const [, url = ""] = await daemon.untilOutput(/ready: [\s\S]*ready: (\S+?)\/\n/);
  return url;
}

describe("settings that are taken over", () => {
  it("begin another life in the same process, with everybody still signed in", async () => {
    const { daemon, file, cookie, call } = await start();
    const changed = await call("PATCH", "/settings", { changes: { roles: ["device", "hub"] } });
    expect(changed.body).toMatchObject({ restarts: "everything" });
    expect((await call("PATCH", "/settings", { changes: { "http.port": -1 } })).status).toBe(400);
    const answer = await call("POST", "/restart", {});
    const body = { restarted: "everything", problem: null, failures: [] };
    expect(answer).toEqual({ status: 202, body });
    const second = await secondLife(daemon);
    const health = await httpCall(second, "/health");
    expect(JSON.parse(health.body)).toMatchObject({ roles: ["device", "hub"] });
    expect((await httpCall(second, "/api/auth/check", { headers: { cookie } })).status).toBe(200);
    expect(readFileSync(file, "utf8")).toBe(
      "# mine\nroles: [device, hub]\nhttp:\n  tls: {mode: off}\n",
    );
    daemon.signal("SIGTERM");
    expect(await daemon.exited).toEqual({ code: 0, signal: null });
  });

  it("begin only what they concern anew, while sockets and pictures go on", async () => {
    const { daemon, url, cookie, call } = await start();
    const ws = await connectWs(url, "/api/ws?stream=1", { cookie });
    await ws.waitFor("streamer", ({ streamer }) => streamer !== null && streamer !== undefined);
    const pictures = await countPictures(url, { cookie });
    await until(pictures, (count) => count > 2);
    const changes = {
      "log.level": "debug",
      "device.atx.powerSwitch": { chip: "sim", line: 5 },
      "device.atx.clickSeconds": 0.1,
      "device.streamer.desiredFps.default": 7,
    };
    const parts = ["log", "atx", "streamer"];
    const changed = await call("PATCH", "/settings", { changes });
    expect(changed.body).toMatchObject({ restarts: parts });
    const answer = await call("POST", "/restart", {});
    const body = { restarted: parts, problem: null, failures: [] };
    expect(answer).toEqual({ status: 200, body });
    expect((await call("GET", "/settings")).body).toMatchObject({ restarts: [] });
    await ws.waitFor("streamer", ({ applied }) =>
      JSON.stringify(applied ?? "").includes('"desired_fps":7'),
    );
    const before = pictures.value;
    await until(pictures, (count) => count > before + 2);
    // Every request is told at this level.
    await daemon.untilOutput(/"msg":"Request"/);
    expect(ws.socket.readyState).toBe(ws.socket.OPEN);
    expect(daemon.output.match(/Farhand is ready/g)).toHaveLength(1);
    daemon.signal("SIGTERM");
    expect(await daemon.exited).toEqual({ code: 0, signal: null });
  });

  it("go back to what ran last, parts that had begun anew included, when another life cannot begin", async () => {
    const { daemon, cookie, call } = await start();
    await call("PATCH", "/settings", { changes: { "device.atx.clickSeconds": 1.5 } });
    expect((await call("POST", "/restart", {})).status).toBe(200);
    const tls = { "http.tls.mode": "files", "http.tls.cert": "/no.crt", "http.tls.key": "/no.key" };
    await call("PATCH", "/settings", { changes: tls });
    expect((await call("POST", "/restart", {})).status).toBe(202);
    const second = await secondLife(daemon);
    expect(daemon.output).toContain("The new settings are not taken over");
    const back = { "http.tls.mode": null, "http.tls.cert": null, "http.tls.key": null };
    const answer = await httpCall(second, "/native/settings", {
      method: "PATCH",
      headers: { cookie, "content-type": "application/json" },
      body: JSON.stringify({ changes: { ...back, "http.tls.mode": "off" } }),
    });
    expect(JSON.parse(answer.body)).toMatchObject({ restarts: [] });
    daemon.signal("SIGTERM");
    expect(await daemon.exited).toEqual({ code: 0, signal: null });
  });
});
