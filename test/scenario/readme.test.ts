import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
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

/** The curl lines of a document's shell blocks. */
function curlLines(path: string): readonly string[] {
  const text = readFileSync(join(REPOSITORY, path), "utf8");
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
    .flatMap(([, block = ""]) => block.split("\n"))
    .filter((line) => line.startsWith("curl "));
}

/** Adds the status to what curl prints. */
function withStatus(line: string): string {
  return line.replace(/^curl /, 'curl -w "\\n%{http_code}" ');
}

describe.each(["README.md", "system/README.zh-CN.md"])("the curl lines of %s", (path) => {
  it("work as printed", async () => {
    const daemon = spawnDaemon({
      env: {
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
    const lines = curlLines(path);
    expect(lines.length).toBeGreaterThan(4);
    const failed: string[] = [];
    for (const line of lines) {
      const printed = await run(withStatus(line), { cwd, env });
      if (!printed.endsWith("\n200")) failed.push(`${line}: ${printed}`);
    }
    expect(failed).toEqual([]);
  });
});
