import { describe, expect, it } from "vitest";
import type { Journal, JournalEntry } from "../../src/platform/journal/port.ts";

export interface JournalSubject {
  readonly journal: Journal;
  /** Adds a record of `farhand.service` with the present time. */
  write(message: string): void;
  /** Lets time pass. */
  pass(seconds: number): Promise<void>;
}

const forever = (): AbortSignal => new AbortController().signal;

/** Reads to the end. */
export async function readAll(
  journal: Journal,
  { seekSeconds = 0, follow = false, signal = forever() } = {},
): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const entry of journal.read({ seekSeconds, follow }, signal)) entries.push(entry);
  return entries;
}

/** What every `Journal` promises, whoever keeps the records. */
export function journalContract(name: string, make: () => JournalSubject): void {
  const messages = (entries: readonly JournalEntry[]): string[] =>
    entries.map(({ message }) => message);

  describe(`${name} as a Journal`, () => {
    it("delivers records in order and ends", async () => {
      const { journal, write } = make();
      for (const message of ["one", "two", "three"]) write(message);
      const entries = await readAll(journal);
      expect(messages(entries)).toEqual(["one", "two", "three"]);
      expect(entries[0]).toMatchObject({ unit: "farhand.service" });
    });

    it("ends at once when there is nothing", async () => {
      expect(await readAll(make().journal)).toEqual([]);
    });

    it("delivers only the last seconds when asked", async () => {
      const { journal, write, pass } = make();
      write("old");
      await pass(100);
      write("recent");
      await pass(5);
      write("new");
      expect(messages(await readAll(journal, { seekSeconds: 10 }))).toEqual(["recent", "new"]);
      expect(messages(await readAll(journal))).toHaveLength(3);
    });

    it("delivers new records while following, until aborted", async () => {
      const { journal, write } = make();
      write("stored");
      const controller = new AbortController();
      const seen: string[] = [];
      const query = { seekSeconds: 0, follow: true };
      for await (const { message } of journal.read(query, controller.signal)) {
        seen.push(message);
        if (message === "last") controller.abort();
        else write(message === "stored" ? "first new" : "last");
      }
      expect(seen).toEqual(["stored", "first new", "last"]);
    });

    it("ends on abort while it waits for a record", async () => {
      const { journal } = make();
      const controller = new AbortController();
      const reading = readAll(journal, { follow: true, signal: controller.signal });
      controller.abort();
      expect(await reading).toEqual([]);
    });

    it("ends at once for a signal that is aborted already", async () => {
      const { journal, write } = make();
      write("one");
      expect(await readAll(journal, { follow: true, signal: AbortSignal.abort() })).toEqual([]);
    });

    it("serves several readers independently", async () => {
      const { journal, write } = make();
      write("one");
      const [first, second] = await Promise.all([readAll(journal), readAll(journal)]);
      expect(messages(first)).toEqual(["one"]);
      expect(messages(second)).toEqual(["one"]);
    });

    it("makes text of the program's own JSON lines", async () => {
      const { journal, write } = make();
      write('{"level":30,"time":1,"sub":"hid","msg":"chip answered"}');
      expect(messages(await readAll(journal))).toEqual([
        "farhand.hid                       INFO --- chip answered",
      ]);
    });
  });
}
