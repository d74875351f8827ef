import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { CancelledError, ReplyTimeoutError } from "../../../src/core/errors.ts";
import type { PtyHost, ShellOptions } from "../../../src/platform/pty/port.ts";
import { currentAccount } from "../../../src/platform/pty/shell.ts";
import { createWorkerHost } from "../../../src/platform/worker/node-worker.ts";
import type { WorkerRun } from "../../../src/platform/worker/port.ts";

const ME = currentAccount();
const IS_ROOT = ME.uid === 0;
/** Nobody is left to become without root. */
const EXPECTED = IS_ROOT ? "nobody" : ME.name;

function workers() {
  const opened: ShellOptions[] = [];
  const pty: PtyHost = {
    open: () => Promise.reject(new Error("not used")),
    openShell: (options) => {
      opened.push(options);
      return Promise.reject(new Error("opened"));
    },
  };
  const host = createWorkerHost(systemClock, pty);
  const run = (script: string, part: Partial<WorkerRun> = {}) =>
    host.run({
      user: "",
      script,
      timeoutMs: 15_000,
      signal: new AbortController().signal,
      maxOutputBytes: 1000,
      ...part,
    });
  return { host, run, opened };
}

describe("work for servers", () => {
  it("gives output, errors and status back", async () => {
    const result = await workers().run("echo out; echo err >&2; exit 3");
    expect(result).toEqual({ exitCode: 3, stdout: "out\n", stderr: "err\n" });
  });

  it("never runs as root unless root is named", async () => {
    const { stdout } = await workers().run("id -un");
    expect(stdout.trim()).toBe(EXPECTED);
  });

  it("sees nothing of the daemon's environment", async () => {
    const { stdout } = await workers().run("env; pwd");
    expect(stdout).not.toMatch(/VITEST|FARHAND|npm_/);
    expect(stdout.endsWith("/\n")).toBe(true);
  });

  it("takes the script as input, not as an argument that others can read", async () => {
    const { stdout } = await workers().run("tr '\\0' ' ' < /proc/$$/cmdline");
    expect(stdout.trim()).toBe("/bin/sh -s");
  });

  it("drops output beyond the limit", async () => {
    const { stdout } = await workers().run("yes | head -c 5000", { maxOutputBytes: 100 });
    expect(stdout).toHaveLength(100);
  });

  it("ends everything that was started when time is up", async () => {
    const { run } = workers();
    const marker = `6${process.pid}.25`;
    await expect(run(`sleep ${marker} & sleep ${marker}`, { timeoutMs: 100 })).rejects.toThrow(
      ReplyTimeoutError,
    );
    const list = "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '";
    const running = async () => (await run(list, { maxOutputBytes: 1_000_000 })).stdout;
    // What was killed ends when it is its turn.
    await expect.poll(running).not.toContain(`sleep ${marker}`);
  });

  it("ends when it is told to", async () => {
    const stopping = new AbortController();
    const running = workers().run("sleep 60", { signal: stopping.signal });
    stopping.abort();
    await expect(running).rejects.toThrow(CancelledError);
  });

  it("opens terminals as the same account, with a shell where that one's lets nobody in", async () => {
    const { host, opened } = workers();
    await expect(host.openTerminal({ user: "", cols: 80, rows: 24 })).rejects.toThrow("opened");
    expect(opened).toEqual([
      { user: EXPECTED, command: IS_ROOT ? ["/bin/sh"] : [], cols: 80, rows: 24 },
    ]);
  });
});
