import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { importKvmdCommand } from "../../src/cli/import-kvmd.ts";
import { createFileStore } from "../../src/platform/files/node-files.ts";
import { cliFixture } from "../support/cli-fixture.ts";
import { createTestApp } from "../support/create-test-app.ts";
import { tempDir } from "../support/temp-dir.ts";

/** As PiKVM's own command stores it. */
function kvmdHash(password: string): string {
  const salt = Buffer.from("0123456789abcdef");
  const digest = createHash("sha512").update(password).update(salt).digest();
  return `{SSHA512}${Buffer.concat([digest, salt]).toString("base64")}`;
}

function plant(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

it("lets the accounts of a PiKVM sign in after the import, and shows its metadata and switches", async () => {
  const [old, dataDir] = [tempDir(), tempDir()];
  plant(old, {
    htpasswd: `glados:${kvmdHash("potato")}\n`,
    "meta.yaml": "server: {host: aperture}\n",
    "override.yaml":
      "kvmd: {gpio: {scheme: {door: {pin: 21, mode: output, pulse: false}}, view: {table: [[door|Door]]}}}\n",
  });
  const output = join(dataDir, "imported.yaml");
  const { io } = cliFixture({});
  const code = await importKvmdCommand(
    [
      "--from",
      old,
      "--main",
      join(old, "none"),
      "--data-dir",
      dataDir,
      "--output",
      output,
      "--yes",
    ],
    { ...io, files: createFileStore(), configFile: output, ask: () => Promise.resolve("") },
  );
  expect(code).toBe(0);

  const config: Readonly<Record<string, unknown>> = parse(readFileSync(output, "utf8"));
  const test = await createTestApp({ dataDir, config });
  const headers = { "X-KVMD-User": "glados", "X-KVMD-Passwd": "potato" };
  const [info, gpio, stranger] = await Promise.all([
    test.call("GET", "/api/info?fields=meta", { headers }),
    test.call("GET", "/api/gpio", { headers }),
    test.call("GET", "/api/info"),
  ]);
  expect([info.status, gpio.status, stranger.status]).toEqual([200, 200, 403]);
  expect(JSON.parse(info.body)).toMatchObject({
    result: { meta: { server: { host: "aperture" } } },
  });
  expect(JSON.parse(gpio.body)).toMatchObject({
    result: { model: { scheme: { outputs: { door: { switch: true } } } } },
  });
});
