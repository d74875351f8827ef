import { describe, expect, it } from "vitest";
import { LocalControl } from "../../src/agent/control.ts";
import { ControlDeniedError, TooManyTasksError } from "../../src/agent/task-errors.ts";
import { ReplyTimeoutError } from "../../src/core/errors.ts";
import type { PtySession } from "../../src/platform/pty/port.ts";
import type { WorkerHost, WorkerRun } from "../../src/platform/worker/port.ts";
import { agentConfig } from "../support/agent-config.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { recordingLogger } from "../support/recording-logger.ts";

const BY = { uplink: "komari https://hub.example", request: "task-1" };
const SIZE = { cols: 80, rows: 24 };
const never = new AbortController().signal;

interface Workers extends WorkerHost {
  readonly runs: WorkerRun[];
  readonly users: string[];
  answer: () => Promise<{ exitCode: number; stdout: string; stderr: string }>;
  /** Ends the newest terminal from within. */
  exitShell(): void;
}

function fakeWorkers(): Workers {
  let exit: (code: number) => void = () => undefined;
  const session: PtySession = {
    pid: 42,
    onData: () => () => undefined,
    onExit: (listener) => {
      exit = listener;
      return () => undefined;
    },
    write: () => undefined,
    resize: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    close: () => Promise.resolve(),
  };
  const workers: Workers = {
    runs: [],
    users: [],
    answer: () => Promise.resolve({ exitCode: 0, stdout: "out", stderr: "" }),
    run(options) {
      workers.runs.push(options);
      return workers.answer();
    },
    openTerminal({ user }) {
      workers.users.push(user);
      return Promise.resolve(session);
    },
    exitShell: () => {
      exit(0);
    },
  };
  return workers;
}

async function controlWith(part: Readonly<Record<string, unknown>> = {}) {
  const { control: config } = await agentConfig({ control: part });
  const workers = fakeWorkers();
  const clock = fakeClock();
  const log = recordingLogger();
  const control = new LocalControl({ config, workers, clock, log });
  return { control, workers, log, clock };
}

describe("control as it comes out of the box", () => {
  it("refuses everything, and notes who asked for what", async () => {
    const { control, workers, log } = await controlWith();
    expect(control.allows).toEqual({ commands: false, terminal: false });
    await expect(control.runCommand("rm -rf /", BY, never)).rejects.toThrow(ControlDeniedError);
    await expect(control.openTerminal(SIZE, BY)).rejects.toThrow(ControlDeniedError);
    expect([workers.runs, workers.users]).toEqual([[], []]);
    expect(log.records.map(({ level, fields }) => [level, fields])).toEqual([
      ["warn", { ...BY, command: "rm -rf /" }],
      ["warn", BY],
    ]);
  });

  it("does not let a server fill the log with refusals", async () => {
    const { control, log, clock } = await controlWith();
    for (let asked = 0; asked < 100; asked += 1) control.refuse("command", BY);
    await expect(control.runCommand("id", BY, never)).rejects.toThrow(ControlDeniedError);
    expect(log.records).toHaveLength(30);
    expect(log.records.at(-1)?.message).toContain("further ones in this minute are not logged");
    await clock.advance(60_000);
    control.refuse("terminal", BY);
    expect(log.records.at(-1)?.fields).toEqual({ ...BY, what: "terminal" });
  });

  it("is not opened by another permission", async () => {
    const { control } = await controlWith({ terminal: true });
    await expect(control.runCommand("id", BY, never)).rejects.toThrow(ControlDeniedError);
  });
});

describe("control that is enabled", () => {
  it("runs a command with limits, as the configured user, and notes its beginning and end", async () => {
    const { control, workers, log } = await controlWith({
      commands: true,
      user: "guest",
      commandSeconds: 30,
    });
    const result = await control.runCommand("id", BY, never);
    expect(result).toEqual({ exitCode: 0, stdout: "out", stderr: "" });
    expect(workers.runs[0]).toMatchObject({ user: "guest", script: "id", timeoutMs: 30_000 });
    expect(log.records.map(({ message, fields }) => [message, fields["request"]])).toEqual([
      ["command of a server starts", "task-1"],
      ["command of a server ended", "task-1"],
    ]);
  });

  it("lets only so many run at once, and gives places back after failures too", async () => {
    const { control, workers } = await controlWith({ commands: true, terminal: true, maxTasks: 2 });
    const terminal = await control.openTerminal(SIZE, BY);
    let fail: (error: Error) => void = () => undefined;
    workers.answer = () =>
      new Promise((_resolve, reject) => {
        fail = reject;
      });
    const running = control.runCommand("sleep 9", BY, never);
    await expect(control.runCommand("id", BY, never)).rejects.toThrow(TooManyTasksError);
    await expect(control.openTerminal(SIZE, BY)).rejects.toThrow(TooManyTasksError);
    fail(new ReplyTimeoutError("too long"));
    await expect(running).rejects.toThrow("too long");
    await terminal.close();
    await terminal.close();
    workers.answer = () => Promise.resolve({ exitCode: 0, stdout: "", stderr: "" });
    const again = await Promise.all([
      control.runCommand("a", BY, never),
      control.runCommand("b", BY, never),
    ]);
    expect(again).toHaveLength(2);
  });

  it("gives the place of a terminal back when its shell ends", async () => {
    const { control, workers, log } = await controlWith({ terminal: true, maxTasks: 1 });
    await control.openTerminal(SIZE, BY);
    workers.exitShell();
    const second = await control.openTerminal(SIZE, BY);
    await second.close();
    const messages = log.records.map(({ message }) => message);
    expect(messages).toEqual([
      "terminal of a server opened",
      "terminal of a server ended",
      "terminal of a server opened",
      "terminal of a server ended",
    ]);
  });

  it("refuses a command of endless length, and shows only the beginning of a long one", async () => {
    const { control, workers, log } = await controlWith({ commands: true });
    await expect(control.runCommand("x".repeat(100_000), BY, never)).rejects.toThrow("too long");
    expect(workers.runs).toEqual([]);
    expect(String(log.records[0]?.fields["command"])).toHaveLength(200);
  });
});
