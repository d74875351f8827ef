import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { CancelledError, MissingPartError, ReplyTimeoutError } from "../../../src/core/errors.ts";
import { createProcessRunner } from "../../../src/platform/process/node-process.ts";
import { ProcessGoneError } from "../../../src/platform/process/port.ts";
import type { ChildProcessHandle } from "../../../src/platform/process/port.ts";
import { fakeClock, settle } from "../../support/fake-clock.ts";
import { tempDir } from "../../support/temp-dir.ts";

const runner = createProcessRunner(systemClock);

function sh(script: string): readonly ["sh", readonly string[]] {
  return ["sh", ["-c", script]];
}

/** Resolves when the child has printed the text. */
function printed(child: ChildProcessHandle, text: string): Promise<string> {
  let seen = "";
  return new Promise((resolve) => {
    const unsubscribe = child.onStdout((bytes) => {
      seen += Buffer.from(bytes).toString();
      if (!seen.includes(text)) return;
      unsubscribe();
      resolve(seen);
    });
  });
}

describe("createProcessRunner run", () => {
  it("reports exit status and both outputs", async () => {
    const result = await runner.run(...sh("echo out; echo err >&2; exit 3"));
    expect(result).toEqual({ exitCode: 3, stdout: "out\n", stderr: "err\n" });
  });

  it("hands arguments over as they are, without a shell", async () => {
    const odd = ["$HOME", "a b", "*", "'\"", "", ";id"];
    const { stdout } = await runner.run("printf", ["%s\\n", ...odd]);
    expect(stdout.split("\n").slice(0, -1)).toEqual(odd);
  });

  it("feeds input and closes it", async () => {
    const { stdout } = await runner.run("cat", [], { input: "zażółć" });
    expect(stdout).toBe("zażółć");
  });

  it("does not fail when the program ignores its input", async () => {
    const { exitCode } = await runner.run("true", [], { input: "x".repeat(300_000) });
    expect(exitCode).toBe(0);
  });

  it("drops output beyond the limit and still sees the end", async () => {
    const { stdout, exitCode } = await runner.run(...sh("head -c 500000 /dev/zero"), {
      maxOutputBytes: 1000,
    });
    expect([stdout.length, exitCode]).toEqual([1000, 0]);
  });

  it("adds variables to those that are inherited", async () => {
    const withBase = createProcessRunner(systemClock, { BASE: "base", GONE: undefined });
    const { stdout } = await withBase.run(...sh('echo "$BASE $EXTRA ${GONE-unset}"'), {
      env: { EXTRA: "extra" },
    });
    expect(stdout).toBe("base extra unset\n");
  });

  it("rejects with MissingPartError naming a program that is not installed", async () => {
    const missing = runner.run("farhand-no-such-program", []);
    await expect(missing).rejects.toBeInstanceOf(MissingPartError);
    await expect(missing).rejects.toThrow(/farhand-no-such-program is not installed/);
  });

  it("says that a file is not executable", async () => {
    const path = join(tempDir(), "plain");
    writeFileSync(path, "");
    await expect(runner.run(path, [])).rejects.toThrow(/cannot be started: .*EACCES/);
  });

  it("rejects arguments that no program can get", async () => {
    await expect(runner.run("true", ["\0"])).rejects.toBeInstanceOf(MissingPartError);
  });

  it("starts nothing when it is already cancelled", async () => {
    const path = join(tempDir(), "made");
    const run = runner.run("touch", [path], { signal: AbortSignal.abort() });
    await expect(run).rejects.toBeInstanceOf(CancelledError);
    expect((await runner.run("ls", [path])).exitCode).not.toBe(0);
  });

  it("kills a cancelled program", async () => {
    const abort = new AbortController();
    const run = runner.run("sleep", ["60"], { signal: abort.signal });
    abort.abort();
    await expect(run).rejects.toBeInstanceOf(CancelledError);
  });

  it("kills a program that takes too long", async () => {
    const clock = fakeClock();
    const run = createProcessRunner(clock).run("sleep", ["60"], { timeoutMs: 5000 });
    const outcome = run.catch((error: unknown) => error);
    while (clock.pending === 0) await settle();
    await clock.advance(5000);
    expect(await outcome).toBeInstanceOf(ReplyTimeoutError);
  });

  it("does not wait for a grandchild that keeps the output open", async () => {
    const { stdout } = await runner.run(...sh("sleep 60 & echo $!"));
    process.kill(Number(stdout));
    expect(Number(stdout)).toBeGreaterThan(0);
  });
});

describe("createProcessRunner spawn", () => {
  it("delivers output while the child runs and its exit at the end", async () => {
    const child = await runner.spawn(...sh("echo ready; read line; echo got $line; exit 4"));
    const ready = printed(child, "ready");
    await ready;
    const answer = printed(child, "got");
    await child.write("hello\n");
    expect(await answer).toBe("got hello\n");
    expect(await child.exited).toEqual({ exitCode: 4, signal: null });
  });

  it("stops a child with SIGTERM", async () => {
    const child = await runner.spawn("sleep", ["60"]);
    expect(await child.kill()).toEqual({ exitCode: null, signal: "SIGTERM" });
    expect(await child.kill()).toEqual({ exitCode: null, signal: "SIGTERM" });
  });

  it("kills a child that ignores SIGTERM after the grace time", async () => {
    const child = await runner.spawn(...sh("trap '' TERM; echo ready; while :; do sleep 1; done"));
    await printed(child, "ready");
    expect(await child.kill(20)).toEqual({ exitCode: null, signal: "SIGKILL" });
  });

  it("holds a child back whose output is not read", async () => {
    const child = await runner.spawn(...sh("head -c 3000000 /dev/zero; echo done >&2"));
    child.pauseStdout();
    let bytes = 0;
    child.onStdout((chunk) => {
      bytes += chunk.length;
    });
    let isDone = false;
    child.onStderr(() => {
      isDone = true;
    });
    await settle();
    expect([bytes, isDone]).toEqual([0, false]);
    child.resumeStdout();
    await child.exited;
    expect([bytes, isDone]).toEqual([3_000_000, true]);
  });

  it("ends even when its output is paused and it is killed", async () => {
    const child = await runner.spawn("yes", []);
    child.pauseStdout();
    expect(await child.kill()).toEqual({ exitCode: null, signal: "SIGTERM" });
  });

  it("runs in the folder it is told", async () => {
    const folder = tempDir();
    const child = await runner.spawn("pwd", [], { cwd: folder });
    expect(await printed(child, "\n")).toContain(folder);
    await child.exited;
  });

  it("names a folder that does not exist", async () => {
    const started = runner.spawn("pwd", [], { cwd: "/no/such/folder" });
    await expect(started).rejects.toThrow(/no folder \/no\/such\/folder/);
  });

  it("refuses input for a child that is gone", async () => {
    const child = await runner.spawn("true", []);
    await child.exited;
    await expect(child.write("x")).rejects.toBeInstanceOf(ProcessGoneError);
  });

  it("tells an end of input", async () => {
    const child = await runner.spawn("cat", []);
    child.endInput();
    expect(await child.exited).toEqual({ exitCode: 0, signal: null });
  });
});

describe("createProcessRunner which", () => {
  it("finds programs on the PATH in its order", async () => {
    const [first, second] = [tempDir(), tempDir()];
    for (const folder of [first, second]) {
      writeFileSync(join(folder, "tool"), "");
      chmodSync(join(folder, "tool"), 0o755);
    }
    chmodSync(join(first, "tool"), 0o644);
    const search = createProcessRunner(systemClock, { PATH: `${first}:relative:${second}` });
    expect(await search.which("tool")).toBe(join(second, "tool"));
    expect(await search.which("absent")).toBeUndefined();
  });

  it("accepts a path as it is when it is a program", async () => {
    expect(await runner.which("/bin/sh")).toBe("/bin/sh");
    expect(await runner.which("/etc")).toBeUndefined();
    expect(await runner.which("/no/such")).toBeUndefined();
  });
});
