import { describe, expect, it } from "vitest";
import { createScope } from "../../../src/core/scope.ts";
import { createTerminal } from "../../../src/device/terminal/terminal.ts";
import type { TerminalEnd } from "../../../src/device/terminal/terminal-session.ts";
import { MissingPartError } from "../../../src/core/errors.ts";
import type { PtyHost } from "../../../src/platform/pty/port.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { fakePty } from "../../support/fake-pty.ts";
import { recordingLogger } from "../../support/recording-logger.ts";

const CONFIG = { enabled: true, user: "", command: [], maxSessions: 2, idleSeconds: 60 };

function setUp(config: Partial<typeof CONFIG> = {}, pty?: PtyHost) {
  const clock = fakeClock();
  const log = recordingLogger();
  const { records } = log;
  const shells = fakePty();
  const terminal = createTerminal({
    config: { ...CONFIG, ...config },
    pty: pty ?? shells.host,
    clock,
    log,
  });
  const scope = createScope("test", log);
  const ends: TerminalEnd[] = [];
  const shown: string[] = [];
  const open = () =>
    terminal.open({
      user: "alice",
      address: "192.0.2.7",
      cols: 100,
      rows: 30,
      onData: (bytes) => {
        shown.push(Buffer.from(bytes).toString());
      },
      onEnd: (end) => {
        ends.push(end);
      },
    });
  return { clock, records, shells, terminal, scope, ends, shown, open };
}

describe("Terminal", () => {
  it("refuses while it is switched off", async () => {
    const { open } = setUp({ enabled: false });
    await expect(open()).rejects.toMatchObject({ code: "TERMINAL_DISABLED" });
  });

  it("starts a shell of the asked size and passes bytes both ways", async () => {
    const { open, shells, shown } = setUp();
    const session = await open();
    const [shell] = shells.sessions;
    shell?.print("hello");
    session.write(Buffer.from("ls\r"));
    session.resize(120, 40);
    expect({ shown, typed: shell?.typed, size: shell?.size }).toEqual({
      shown: ["hello"],
      typed: ["ls\r"],
      size: [120, 40],
    });
  });

  it("opens no more sessions than configured, also while they are starting, and counts them", async () => {
    const { open, terminal } = setUp();
    const [first] = await Promise.all([open(), open()]);
    await expect(open()).rejects.toMatchObject({ code: "TERMINAL_BUSY" });
    expect(terminal.state.value.sessions).toBe(2);
    await first.close();
    expect(terminal.state.value.sessions).toBe(1);
    await expect(open()).resolves.toBeDefined();
  });

  it("gives the place back when the machine cannot start a shell", async () => {
    let isBroken = true;
    const shells = fakePty();
    const { open } = setUp(
      { maxSessions: 1 },
      {
        ...shells.host,
        openShell: (options) =>
          isBroken
            ? Promise.reject(new MissingPartError("no node-pty"))
            : shells.host.openShell(options),
      },
    );
    await expect(open()).rejects.toMatchObject({ code: "MISSING_PART" });
    isBroken = false;
    await expect(open()).resolves.toBeDefined();
  });

  it("ends a session in which nothing was typed for long, however much is printed", async () => {
    const { open, clock, shells, ends } = setUp();
    const session = await open();
    await clock.advance(50_000);
    session.write(Buffer.from("x"));
    await clock.advance(50_000);
    shells.sessions[0]?.print("still here");
    expect(ends).toEqual([]);
    await clock.advance(10_000);
    expect(ends).toEqual([{ reason: "idle", exitCode: undefined }]);
    expect(shells.sessions[0]?.isClosed).toBe(true);
  });

  it("never ends an idle session when told so, and leaves no timer", async () => {
    const { open, clock } = setUp({ idleSeconds: 0 });
    await open();
    expect(clock.pending).toBe(0);
  });

  it("tells when the shell ends by itself and sends nothing afterwards", async () => {
    const { open, shells, ends, clock } = setUp();
    const session = await open();
    shells.sessions[0]?.exit(3);
    session.write(Buffer.from("late"));
    expect(ends).toEqual([{ reason: "exited", exitCode: 3 }]);
    expect({ typed: shells.sessions[0]?.typed, pending: clock.pending }).toEqual({
      typed: [],
      pending: 0,
    });
  });

  it("hangs every session up when the device stops, also one that is just starting", async () => {
    const { open, shells, scope, terminal, ends } = setUp();
    await terminal.start(scope);
    await open();
    const starting = open();
    await scope.close();
    await expect(starting).rejects.toMatchObject({ code: "CANCELLED" });
    expect(shells.sessions.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    expect(ends).toEqual([{ reason: "stopped", exitCode: undefined }]);
  });

  it("logs who had a session, from where and how long, and nothing of what was typed or shown", async () => {
    const { open, clock, records, shells } = setUp();
    const session = await open();
    session.write(Buffer.from("secret"));
    shells.sessions[0]?.print("secret");
    await clock.advance(42_000);
    await session.close();
    expect(records).toEqual([
      expect.objectContaining({ level: "info", message: "Terminal opened" }),
      expect.objectContaining({ level: "info", message: "Terminal closed" }),
    ]);
    expect(records[1]?.fields).toMatchObject({
      user: "alice",
      address: "192.0.2.7",
      reason: "left",
      seconds: 42,
    });
    expect(JSON.stringify(records)).not.toContain("secret");
  });
});
