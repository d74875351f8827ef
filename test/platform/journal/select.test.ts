import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../src/core/log.ts";
import { createMemoryJournal } from "../../../src/platform/journal/memory.ts";
import { selectJournal } from "../../../src/platform/journal/select.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { scriptedRunner, succeed } from "../../support/scripted-runner.ts";

const choose = (hasJournalctl: boolean, isLoggedByJournald: boolean) =>
  selectJournal({
    process: scriptedRunner(hasJournalctl ? { journalctl: () => succeed("") } : {}),
    memory: createMemoryJournal({ clock: fakeClock() }),
    isLoggedByJournald,
    log: silentLogger,
  });

describe("selectJournal", () => {
  it("reads journald when it keeps this program's log and can be read", async () => {
    expect((await choose(true, true)).kind).toBe("journald");
  });

  it("reads memory when journald has nothing of this program, though it runs", async () => {
    expect((await choose(true, false)).kind).toBe("memory");
  });

  it("reads memory without journalctl", async () => {
    expect((await choose(false, true)).kind).toBe("memory");
  });
});
