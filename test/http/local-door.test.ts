import { mkdirSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { askDaemon, textOf } from "../../src/http/local-client.ts";
import { doorPath } from "../../src/http/local-door.ts";
import { createTestApp } from "../support/create-test-app.ts";
import { tempDir } from "../support/temp-dir.ts";

const ask = async (dataDir: string, path: string): Promise<string> =>
  textOf(
    await askDaemon({ socketPath: doorPath(dataDir), method: "GET", path }),
    (body) => `refused: ${body}`,
  );

describe("the local door", () => {
  it("lets this machine's own commands in as an admin, without a password", async () => {
    const dataDir = tempDir();
    const app = await createTestApp({ config: { roles: ["device", "hub"] }, dataDir });
    expect(JSON.parse(await ask(dataDir, "/api/atx"))).toMatchObject({ ok: true });
    // The same request by the network is refused.
    expect((await app.call("GET", "/api/atx", { headers: {} })).status).toBe(401);
  });

  it("is open to its owner only, and gone when the daemon is", async () => {
    const dataDir = tempDir();
    const mask = process.umask(0);
    const app = await createTestApp({ config: { roles: ["hub"] }, dataDir });
    expect(process.umask(mask)).toBe(0);
    expect(statSync(doorPath(dataDir)).mode & 0o777).toBe(0o600);
    await app.close();
    await expect(ask(dataDir, "/health")).rejects.toThrow("No daemon with the role hub listens");
  });

  it("takes the place of a socket that a killed daemon left", async () => {
    const dataDir = tempDir();
    const first = await createTestApp({ config: { roles: ["hub"] }, dataDir });
    await first.close();
    await createTestApp({ config: { roles: ["hub"] }, dataDir });
    expect(JSON.parse(await ask(dataDir, "/health"))).toMatchObject({ ready: true });
  });

  it("says so, and runs on, when another process has the socket", async () => {
    const dataDir = tempDir();
    const other = createServer();
    await new Promise<void>((resolve) => {
      other.listen(join(dataDir, "control.sock"), resolve);
    });
    onTestFinished(() => {
      other.close();
    });
    const app = await createTestApp({ config: { roles: ["hub"] }, dataDir });
    expect(app.logLines.join("\n")).toContain("another process listens there");
    expect((await app.call("GET", "/health")).status).toBe(200);
  });

  it("is a missing convenience where the path is too long for a socket", async () => {
    const dataDir = join(tempDir(), "d".repeat(120));
    mkdirSync(dataDir);
    const app = await createTestApp({ config: { roles: ["hub"] }, dataDir });
    expect(app.logLines.join("\n")).toContain("the path is too long");
    expect((await app.call("GET", "/health")).status).toBe(200);
  });
});
