import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createNodePtyHost } from "../../../src/platform/pty/node-pty.ts";
import type { PtyOptions, PtySession } from "../../../src/platform/pty/port.ts";
import { settle } from "../../support/fake-clock.ts";
import { tempDir } from "../../support/temp-dir.ts";

// NOTE: these need node-pty and real pseudo-terminals; where they are missing every test fails with the reason.

const host = createNodePtyHost({ PATH: "/usr/bin:/bin", BASE: "base" });

function open(script: string, options: Partial<PtyOptions> = {}): Promise<PtySession> {
  return host.open({ command: "sh", args: ["-c", script], cols: 80, rows: 24, ...options });
}

/** Everything the program printed until it ended. */
async function outputOf(session: PtySession): Promise<{ text: string; exitCode: number }> {
  let text = "";
  session.onData((bytes) => {
    text += Buffer.from(bytes).toString();
  });
  const exitCode = await new Promise<number>((resolve) => {
    session.onExit(resolve);
  });
  return { text, exitCode };
}

function shown(session: PtySession, wanted: string): Promise<string> {
  let text = "";
  return new Promise((resolve) => {
    const unsubscribe = session.onData((bytes) => {
      text += Buffer.from(bytes).toString();
      if (!text.includes(wanted)) return;
      unsubscribe();
      resolve(text);
    });
  });
}

function isRunning(pid: string | number): boolean {
  try {
    // One that has ended may wait for somebody to ask how.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

describe("createNodePtyHost", () => {
  it("runs a program on a terminal of the given size and reports its exit status", async () => {
    const session = await open("test -t 0 && stty size; exit 7", { cols: 132, rows: 43 });
    expect(await outputOf(session)).toEqual({ text: "43 132\r\n", exitCode: 7 });
  });

  it("types what is written, as text and as bytes", async () => {
    const session = await open('read a; read b; echo "<$a|$b>"');
    session.write("one\r");
    session.write(Buffer.from("dwó\r"));
    expect((await outputOf(session)).text).toContain("<one|dwó>");
  });

  it("delivers bytes that are no text unchanged", async () => {
    const session = await open("stty raw; printf '\\377\\000\\200'");
    const chunks: number[] = [];
    session.onData((bytes) => {
      chunks.push(...bytes);
    });
    await new Promise((resolve) => {
      session.onExit(resolve);
    });
    expect(chunks).toEqual([0xff, 0x00, 0x80]);
  });

  it("tells the program a new size", async () => {
    const session = await open(
      "trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.05; done",
    );
    await shown(session, "ready");
    session.resize(100, 30);
    expect((await outputOf(session)).text).toContain("30 100");
  });

  it.each([
    [0, -3],
    [Number.NaN, Number.POSITIVE_INFINITY],
    [1e9, 0.5],
  ])("survives a size of %s by %s", async (cols, rows) => {
    const session = await open("echo ready; read a", { cols, rows });
    await shown(session, "ready");
    session.resize(cols, rows);
    session.write("\r");
    expect((await outputOf(session)).exitCode).toBe(0);
  });

  it("passes folder and variables on, on top of the inherited ones", async () => {
    const cwd = tempDir();
    const session = await open('pwd; echo "$BASE $EXTRA $TERM"', { cwd, env: { EXTRA: "extra" } });
    expect((await outputOf(session)).text).toBe(`${cwd}\r\nbase extra xterm-256color\r\n`);
  });

  it("stops delivering while it is paused", async () => {
    const session = await open("echo ready; read a; echo more");
    await shown(session, "ready");
    session.pause();
    const rest = shown(session, "more");
    let chunks = 0;
    session.onData(() => {
      chunks += 1;
    });
    // The terminal itself echoes this at once.
    session.write("\r");
    await settle();
    expect(chunks).toBe(0);
    session.resume();
    expect(await rest).toContain("more");
    await session.close();
  });

  it("hangs up on close, once", async () => {
    const session = await open("echo ready; sleep 60");
    await shown(session, "ready");
    const ended = outputOf(session);
    await Promise.all([session.close(), session.close()]);
    await session.close();
    await ended;
    await expect.poll(() => isRunning(session.pid)).toBe(false);
  });

  it("kills a program that ignores the hang-up", async () => {
    const session = await open("trap '' HUP; echo ready; while :; do sleep 1; done");
    await shown(session, "ready");
    await session.close();
    await expect.poll(() => isRunning(session.pid)).toBe(false);
  });

  it("leaves nothing running of a shell that ignores the hang-up", async () => {
    const session = await open("trap '' HUP; sleep 600 & echo child=$!; wait");
    const child = /child=(\d+)\r/.exec(await shown(session, "\n"))?.[1] ?? "";
    expect(isRunning(child)).toBe(true);
    await session.close();
    await expect.poll(() => isRunning(child)).toBe(false);
  });

  it("ignores writes, sizes and pauses after the end", async () => {
    const session = await open("exit 0");
    await outputOf(session);
    session.write("x");
    session.resize(10, 10);
    session.pause();
    session.resume();
    await session.close();
    expect(session.pid).toBeGreaterThan(0);
  });

  it("ends with a failure when the program is missing", async () => {
    const session = await host.open({ command: "/no/such", args: [], cols: 80, rows: 24 });
    expect((await outputOf(session)).exitCode).not.toBe(0);
  });
});
