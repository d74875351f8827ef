import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { OWNER_HEADERS } from "../support/create-test-app.ts";
import { REPOSITORY } from "../support/source-tree.ts";
import { spawnDaemon } from "../support/spawned-daemon.ts";
import { tempDir } from "../support/temp-dir.ts";

interface Shell {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Runs a line in a shell and gives what it printed. */
function run(line: string, shell: Shell): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile("sh", ["-c", line], shell, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
}

/** The blocks of a document in one language. */
function blocksOf(path: string, language: string): readonly string[] {
  const text = readFileSync(join(REPOSITORY, path), "utf8");
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"));
  return [...blocks].map(([, block = ""]) => block);
}

const CURL = /^curl /gm;

/** Adds the status to what each curl of its own line prints. */
function withStatus(block: string): string {
  return block.replace(CURL, 'curl -w "\\nstatus %{http_code}\\n" ');
}

describe.each(["README.md", "system/README.zh-CN.md"])("the examples of %s", (path) => {
  it("work as printed", async () => {
    const daemon = spawnDaemon({
      env: {
        // As `npm start` has it.
        FARHAND__ROLES: "device,hub",
        FARHAND__AUTH__INITIAL_USER: OWNER_HEADERS["X-KVMD-User"],
        FARHAND__AUTH__INITIAL_PASSWORD: OWNER_HEADERS["X-KVMD-Passwd"],
      },
    });
    const [, port = ""] = await daemon.untilOutput(/ready: https:\/\/[^\s]+:(\d+)\//);
    const env = {
      ...process.env,
      KVM: `https://localhost:${port}`,
      PASSWORD: OWNER_HEADERS["X-KVMD-Passwd"],
    };
    // Where the reader would stand, with the image that the lines speak of.
    const cwd = tempDir();
    writeFileSync(join(cwd, "debian.iso"), Buffer.alloc(1024 * 1024, 7));
    const blocks = blocksOf(path, "sh").filter((block) => block.search(CURL) !== -1);
    const failed: string[] = [];
    let count = 0;
    for (const block of blocks) {
      const wanted = [...block.matchAll(CURL)].length;
      const printed = await run(withStatus(block), { cwd, env });
      const done = [...printed.matchAll(/^status 20[0-9]$/gm)].length;
      if (done !== wanted) failed.push(`${block}: ${printed}`);
      count += done;
    }
    expect(failed).toEqual([]);
    expect(count).toBeGreaterThan(8);
  });

  it("are settings that the program takes", async () => {
    const blocks = blocksOf(path, "yaml");
    expect(blocks.length).toBeGreaterThan(0);
    for (const block of blocks) {
      const readFile = (file: string): Promise<string> =>
        Promise.resolve(file === "settings" ? block : "secret");
      expect(await loadConfig({ file: "settings", env: {}, readFile })).toMatchObject({ ok: true });
    }
  });
});
