import { describe, expect, it } from "vitest";
import { createMemoryJournal } from "../../../src/platform/journal/memory.ts";
import { journalContract, readAll } from "../../contract/journal.ts";
import { fakeClock, settle } from "../../support/fake-clock.ts";

function setUp(capacityBytes = 1_000_000) {
  const clock = fakeClock();
  const journal = createMemoryJournal({ capacityBytes, clock });
  const write = (message: string): void => {
    journal.append({ at: clock.now(), unit: "farhand.service", message });
  };
  return { clock, journal, write };
}

journalContract("createMemoryJournal", () => {
  const { clock, journal, write } = setUp();
  return { journal, write, pass: (seconds) => clock.advance(seconds * 1000) };
});

describe("createMemoryJournal", () => {
  it("drops the oldest records when its memory is used up", async () => {
    const { journal, write } = setUp(10 * (96 + 2 * 4));
    for (let index = 0; index < 100; index += 1) write(String(1000 + index));
    const entries = await readAll(journal);
    expect(entries.map(({ message }) => message)).toEqual(
      Array.from({ length: 10 }, (_, index) => String(1090 + index)),
    );
  });

  it("keeps at least the newest record, however small its memory", async () => {
    const { journal, write } = setUp(1);
    write("one");
    write("two");
    expect((await readAll(journal)).map(({ message }) => message)).toEqual(["two"]);
  });

  it("tells a slow reader how much it missed and goes on with what is there", async () => {
    const { journal, write } = setUp(3 * (96 + 2));
    write("a");
    const controller = new AbortController();
    const seen: string[] = [];
    const query = { seekSeconds: 0, follow: true };
    for await (const { message } of journal.read(query, controller.signal)) {
      seen.push(message);
      if (message === "a") for (const next of "bcdefg") write(next);
      if (message === "g") controller.abort();
    }
    expect(seen).toEqual(["a", "(3 records were dropped: the reader was too slow)", "e", "f", "g"]);
  });

  it("does not read beyond its start when it does not follow, even if the reader itself is logged", async () => {
    const { journal, write } = setUp();
    write("a");
    let count = 0;
    const signal = new AbortController().signal;
    for await (const entry of journal.read({ seekSeconds: 0, follow: false }, signal)) {
      count += 1;
      write(`delivered ${entry.message}`);
    }
    expect(count).toBe(1);
  });

  it("cuts overlong messages", async () => {
    const { journal, write } = setUp();
    write("x".repeat(100_000));
    const [entry] = await readAll(journal);
    expect(entry?.message).toHaveLength(16_384 + 3);
  });

  it("wakes followers that all wait for the same record", async () => {
    const { journal, write } = setUp();
    const controller = new AbortController();
    const seen: string[] = [];
    const follow = async (): Promise<void> => {
      const query = { seekSeconds: 0, follow: true };
      for await (const { message } of journal.read(query, controller.signal)) seen.push(message);
    };
    const readers = [follow(), follow()];
    await settle();
    write("a");
    await settle();
    write("b");
    await settle();
    controller.abort();
    await Promise.all(readers);
    expect(seen).toEqual(["a", "a", "b", "b"]);
  });
});
