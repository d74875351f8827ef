import { describe, expect, it } from "vitest";
import { MissingPartError } from "../../../src/core/errors.ts";
import { silentLogger } from "../../../src/core/log.ts";
import { createJournald, JournalUnreadableError } from "../../../src/platform/journal/journald.ts";
import { journalContract, readAll } from "../../contract/journal.ts";
import { fakeClock, settle } from "../../support/fake-clock.ts";
import { scriptedRunner, succeed } from "../../support/scripted-runner.ts";
import type { ScriptedChild } from "../../support/scripted-runner.ts";

const withJournalctl = () => scriptedRunner({ journalctl: () => succeed("") });

function recordLine(atMs: number, message: string): string {
  const fields = { __REALTIME_TIMESTAMP: `${atMs}000`, _SYSTEMD_UNIT: "farhand.service" };
  return `${JSON.stringify({ ...fields, MESSAGE: message })}\n`;
}

/** A journal that plays the part of `journalctl`, as far as its options are used. */
journalContract("createJournald", () => {
  const clock = fakeClock();
  const process = withJournalctl();
  const stored: { at: number; message: string }[] = [];
  const following = new Set<ScriptedChild>();
  const play = (child: ScriptedChild): void => {
    const since = child.args.find((arg) => arg.startsWith("--since=-"))?.slice(9);
    const from = since === undefined ? 0 : clock.now() - Number.parseInt(since, 10) * 1000;
    for (const { at, message } of stored) {
      if (at >= from) child.emitStdout(recordLine(at, message));
    }
    if (child.args.includes("--follow")) following.add(child);
    else child.exit(0);
  };
  return {
    journal: createJournald({
      log: silentLogger,
      process: {
        ...process,
        async spawn(command, args) {
          const handle = await process.spawn(command, args);
          const child = process.children.find((candidate) => candidate === handle);
          // Output of a real child comes in a later turn of the event loop.
          setImmediate(() => {
            if (child !== undefined) play(child);
          });
          return handle;
        },
      },
    }),
    write(message) {
      stored.push({ at: clock.now(), message });
      for (const child of following) child.emitStdout(recordLine(clock.now(), message));
    },
    pass: (seconds) => clock.advance(seconds * 1000),
  };
});

describe("createJournald", () => {
  it("asks for this boot's records of the program's units", async () => {
    const process = withJournalctl();
    const reading = readAll(createJournald({ process, log: silentLogger }), { seekSeconds: 90 });
    await settle();
    process.children[0]?.exit(0);
    await reading;
    expect(process.children[0]).toMatchObject({
      command: "journalctl",
      args: expect.arrayContaining([
        "--output=json",
        "--boot",
        "--unit=farhand.service",
        "--unit=kvmd*.service",
        "--since=-90s",
      ]),
    });
    expect(process.children[0]?.args).not.toContain("--follow");
  });

  it("follows from the stored records on, not from the last ten", async () => {
    const process = withJournalctl();
    const controller = new AbortController();
    const reading = readAll(createJournald({ process, log: silentLogger }), {
      follow: true,
      signal: controller.signal,
    });
    await settle();
    controller.abort();
    await reading;
    expect(process.children[0]?.args).toEqual(expect.arrayContaining(["--follow", "--no-tail"]));
    expect(process.children[0]?.args.join()).not.toContain("--since");
  });

  it("holds journalctl back while the consumer is slow", async () => {
    const process = withJournalctl();
    const journal = createJournald({ process, log: silentLogger });
    const records = journal.read({ seekSeconds: 0, follow: false }, new AbortController().signal);
    const iterator = records[Symbol.asyncIterator]();
    const first = iterator.next();
    await settle();
    const child = process.children[0];
    for (let index = 0; index < 1000; index += 1) child?.emitStdout(recordLine(index, `m${index}`));
    expect(child?.isPaused).toBe(true);
    child?.exit(0);
    let count = 0;
    for (let next = await first; next.done !== true; next = await iterator.next()) count += 1;
    expect(count).toBe(1000);
  });

  it("ends journalctl when the consumer stops reading", async () => {
    const process = withJournalctl();
    const journal = createJournald({ process, log: silentLogger });
    const signal = new AbortController().signal;
    const iterator = journal.read({ seekSeconds: 0, follow: true }, signal)[Symbol.asyncIterator]();
    const first = iterator.next();
    await settle();
    process.children[0]?.emitStdout(recordLine(1, "one"));
    await first;
    await iterator.return?.();
    expect(process.children[0]?.wasKilled).toBe(true);
  });

  it("asks for a time that journalctl understands, however far back the client wants to go", async () => {
    const process = withJournalctl();
    const journal = createJournald({ process, log: silentLogger });
    const reading = readAll(journal, { seekSeconds: Number.MAX_SAFE_INTEGER });
    await settle();
    process.children[0]?.exit(0);
    await reading;
    expect(process.children[0]?.args).toContain("--since=-315360000s");
  });

  it("skips lines that are no records", async () => {
    const process = withJournalctl();
    const reading = readAll(createJournald({ process, log: silentLogger }));
    await settle();
    process.children[0]?.emitStdout(`garbage\n${recordLine(1, "one")}{"MESSAGE":"no time"}\n`);
    process.children[0]?.exit(0);
    expect(await reading).toEqual([{ at: 1, unit: "farhand.service", message: "one" }]);
  });

  it("passes on what journalctl complains about", async () => {
    const process = withJournalctl();
    const reading = readAll(createJournald({ process, log: silentLogger }));
    await settle();
    process.children[0]?.emitStderr("Failed to open files: Permission denied\n");
    process.children[0]?.exit(1);
    await expect(reading).rejects.toThrow(
      new JournalUnreadableError("journalctl failed: Failed to open files: Permission denied"),
    );
  });

  it("says that journalctl is missing", async () => {
    const journal = createJournald({ process: scriptedRunner(), log: silentLogger });
    await expect(readAll(journal)).rejects.toBeInstanceOf(MissingPartError);
  });
});
