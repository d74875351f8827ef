import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { createLogSink } from "../../../src/platform/journal/log-sink.ts";
import { createMemoryJournal } from "../../../src/platform/journal/memory.ts";
import { readAll } from "../../contract/journal.ts";
import { fakeClock } from "../../support/fake-clock.ts";

function createScreen() {
  const lines: string[] = [];
  let report = (): void => undefined;
  const written = new Promise<void>((resolve) => {
    report = resolve;
  });
  const write = (text: string): void => {
    lines.push(text);
    report();
  };
  return { lines, written, write };
}

describe("createLogSink", () => {
  it("passes JSON lines on unchanged and shows them as text in the journal", async () => {
    const clock = fakeClock();
    const journal = createMemoryJournal({ clock });
    const stdout = createScreen();
    const log = pino({}, createLogSink({ journal, stdout, pretty: false, clock }));
    log.child({ sub: "atx" }).warn({ line: 7 }, "line is busy");
    expect(JSON.parse(stdout.lines[0] ?? "")).toMatchObject({ level: 40, msg: "line is busy" });
    expect(await readAll(journal)).toEqual([
      {
        at: clock.now(),
        unit: "farhand.service",
        message: "farhand.atx                    WARNING --- line is busy; line=7",
      },
    ]);
  });

  it("writes for people when asked, keeping early lines in order", async () => {
    const stdout = createScreen();
    const log = pino({}, createLogSink({ stdout, pretty: true, clock: fakeClock() }));
    log.info({}, "first");
    log.info({}, "second");
    expect(stdout.lines).toEqual([]);
    await stdout.written;
    log.info({}, "third");
    expect(stdout.lines).toHaveLength(3);
    expect(stdout.lines.join("")).toMatch(/INFO.*first[^]*INFO.*second[^]*INFO.*third/);
    expect(stdout.lines.join("")).not.toContain("{");
  });

  it("loses nothing when the program ends before the renderer is there", () => {
    const stdout = createScreen();
    const log = pino({}, createLogSink({ stdout, pretty: true, clock: fakeClock() }));
    log.info({}, "starting");
    log.fatal({}, "no port");
    expect(stdout.lines.join("")).toMatch(/INFO --- starting\n.*CRITICAL --- no port\n$/);
  });

  it("flushes the output behind it", () => {
    let flushes = 0;
    const stdout = {
      write: (): boolean => true,
      flushSync: (): void => {
        flushes += 1;
      },
    };
    createLogSink({ stdout, pretty: false, clock: fakeClock() }).flushSync();
    expect(flushes).toBe(1);
  });
});
