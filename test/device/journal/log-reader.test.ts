import { describe, expect, it } from "vitest";
import {
  createLogReader,
  LogReaderBusyError,
  LogReaderDisabledError,
} from "../../../src/device/journal/log-reader.ts";
import { createMemoryJournal } from "../../../src/platform/journal/memory.ts";
import { fakeClock } from "../../support/fake-clock.ts";

const ALL = { seekSeconds: 0, follow: false };
const FOLLOW = { seekSeconds: 0, follow: true };

function setUp(options: { enabled?: boolean; maxReaders?: number } = {}) {
  const journal = createMemoryJournal({ clock: fakeClock() });
  journal.append({ at: 1, unit: "farhand.service", message: "one" });
  return createLogReader({ journal, enabled: true, ...options });
}

const forever = (): AbortSignal => new AbortController().signal;

describe("createLogReader", () => {
  it("delivers the journal's records", async () => {
    const messages: string[] = [];
    for await (const { message } of setUp().read(ALL, forever())) messages.push(message);
    expect(messages).toEqual(["one"]);
  });

  it("refuses when the configuration says so", () => {
    const reader = setUp({ enabled: false });
    expect(() => reader.read(ALL, forever())).toThrow(LogReaderDisabledError);
  });

  it("refuses more readers than it may serve, until one ends", async () => {
    const reader = setUp({ maxReaders: 2 });
    const first = reader.read(FOLLOW, forever());
    reader.read(FOLLOW, forever());
    expect(() => reader.read(ALL, forever())).toThrow(LogReaderBusyError);
    await first.next();
    await first.return();
    expect(() => reader.read(ALL, forever())).not.toThrow();
  });

  it("gives the place of a reader free on abort, even if it never started", async () => {
    const reader = setUp({ maxReaders: 1 });
    const controller = new AbortController();
    const records = reader.read(FOLLOW, controller.signal);
    controller.abort();
    expect((await records.next()).done).toBe(true);
    reader.read(FOLLOW, forever());
    expect(() => reader.read(ALL, forever())).toThrow(LogReaderBusyError);
  });

  it("counts a reader that runs to its end once", async () => {
    const reader = setUp({ maxReaders: 1 });
    for (let round = 0; round < 3; round += 1) {
      let count = 0;
      for await (const entry of reader.read(ALL, forever())) count += entry.message.length;
      expect(count).toBe(3);
    }
  });
});
