import { get } from "node:http";
import type { IncomingMessage } from "node:http";
import Fastify from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import { installKvmdErrors } from "../../../src/api/kvmd/errors.ts";
import { logRoutes } from "../../../src/api/kvmd/log.ts";
import { JournalUnreadableError } from "../../../src/platform/journal/journald.ts";
import { createMemoryJournal } from "../../../src/platform/journal/memory.ts";
import type { Journal, JournalEntry } from "../../../src/platform/journal/port.ts";
import { fakeClock, settle } from "../../support/fake-clock.ts";

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function createLog() {
  const clock = fakeClock(new Date(2026, 0, 2, 3, 4, 5).getTime());
  const journal = createMemoryJournal({ clock });
  const write = (message: string): void => {
    journal.append({ at: clock.now(), unit: "farhand.service", message });
  };
  return { clock, journal, write };
}

function createServer(journal: Journal, enabled = true, revoked = new AbortController().signal) {
  const app = Fastify();
  closers.push(() => app.close());
  app.decorateRequest("principal", null);
  app.addHook("onRequest", (request, _reply, done) => {
    request.principal = { user: "admin", role: "operator", via: "header", revoked };
    done();
  });
  installKvmdErrors(app);
  logRoutes(app, { journal, config: { enabled } });
  return app;
}

/** A journal that tells when its readers begin and end. */
function observed(inner: Journal): Journal & { readonly ended: Promise<void> } {
  let report = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    report = resolve;
  });
  return {
    kind: inner.kind,
    ended,
    async *read(query, signal) {
      try {
        yield* inner.read(query, signal);
      } finally {
        report();
      }
    },
  };
}

async function open(
  journal: Journal,
  query: string,
  app = createServer(journal),
): Promise<IncomingMessage> {
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${url}/log${query}`, resolve).once("error", reject);
  });
  // Taking the client away is what these tests are about.
  response.on("error", () => undefined);
  return response.setEncoding("utf8");
}

/** Reads until the text is there. */
function received(response: IncomingMessage, wanted: string): Promise<string> {
  let text = "";
  return new Promise((resolve) => {
    response.on("data", (chunk: string) => {
      text += chunk;
      if (text.includes(wanted)) resolve(text);
    });
  });
}

describe("GET /log", () => {
  it("sends the records as text", async () => {
    const { journal, write } = createLog();
    write('{"level":30,"sub":"http","msg":"listening","port":8443}');
    write("second");
    const { statusCode, headers, body } = await createServer(journal).inject("/log");
    expect(statusCode).toBe(200);
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(body).toBe(
      "[2026-01-02 03:04:05 farhand.service] --- farhand.http                      INFO --- listening; port=8443\r\n" +
        "[2026-01-02 03:04:05 farhand.service] --- second\r\n",
    );
  });

  it("sends the last seconds only when asked", async () => {
    const { journal, write, clock } = createLog();
    write("old");
    await clock.advance(60_000);
    write("new");
    const { body } = await createServer(journal).inject("/log?seek=10");
    expect(body).toBe("[2026-01-02 03:05:05 farhand.service] --- new\r\n");
  });

  it("sends nothing but a good answer when the log is empty", async () => {
    const { statusCode, body } = await createServer(createLog().journal).inject("/log");
    expect([statusCode, body]).toEqual([200, ""]);
  });

  it("sends a long log whole and in order", async () => {
    const { journal, write } = createLog();
    for (let index = 0; index < 3000; index += 1) write(`record ${index}`);
    const { body } = await createServer(journal).inject("/log");
    const numbers = [...body.matchAll(/record (\d+)\r\n/g)].map((match) => Number(match[1]));
    expect(numbers).toEqual(Array.from({ length: 3000 }, (_, index) => index));
  });

  it.each([
    ["seek=x", "The argument 'x' is not a valid log seek"],
    ["seek=-1", "The argument '-1' must be log seek and greater or equial than 0"],
    [
      "follow=maybe",
      "The argument 'maybe' is not a valid bool (['1', 'true', 'yes'] or ['0', 'false', 'no'])",
    ],
  ])("refuses %s", async (query, error_msg) => {
    const answer = await createServer(createLog().journal).inject(`/log?${query}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({ ok: false, result: { error: "ValidatorError", error_msg } });
  });

  it("refuses when the log reader is switched off", async () => {
    const answer = await createServer(createLog().journal, false).inject("/log");
    expect(answer.statusCode).toBe(400);
    expect(answer.json().result).toEqual({
      error: "LogReaderDisabledError",
      error_msg: "LogReader is disabled",
    });
  });

  const failing = (...messages: string[]): Journal => ({
    kind: "journald",
    async *read(): AsyncGenerator<JournalEntry> {
      for (const message of messages) yield { at: 0, unit: "farhand.service", message };
      await settle();
      throw new JournalUnreadableError("journalctl failed: no permission");
    },
  });

  it("answers an error when the journal cannot be read", async () => {
    const answer = await createServer(failing()).inject("/log");
    expect(answer.statusCode).toBe(503);
    expect(answer.json().result.error_msg).toBe("journalctl failed: no permission");
  });

  it("says so at the end when the journal fails in the middle", async () => {
    const { statusCode, body } = await createServer(failing("one", "two")).inject("/log");
    expect(statusCode).toBe(200);
    expect(body).toMatch(/--- two\r\n--- the log ends here: journalctl failed: no permission\r\n$/);
  });
});

describe("GET /log?follow=1", () => {
  it("answers before the first record and then sends records as they come", async () => {
    const { journal, write } = createLog();
    const response = await open(journal, "?follow=1");
    expect(response.statusCode).toBe(200);
    const one = received(response, "--- one\r\n");
    write("one");
    await one;
    const two = received(response, "--- two\r\n");
    write("two");
    expect(await two).toBe("[2026-01-02 03:04:05 farhand.service] --- two\r\n");
    response.destroy();
  });

  it("ends the reading of the journal when the client goes away", async () => {
    const { journal, write } = createLog();
    const watched = observed(journal);
    const response = await open(watched, "?follow=1");
    const one = received(response, "one");
    write("one");
    await one;
    response.destroy();
    await watched.ended;
    expect(response.destroyed).toBe(true);
  });

  const ended = (response: IncomingMessage): Promise<void> =>
    new Promise((resolve) => {
      response.resume().once("end", resolve);
    });

  it("ends when the client's credentials are revoked", async () => {
    const { journal, write } = createLog();
    const controller = new AbortController();
    const app = createServer(journal, true, controller.signal);
    const response = await open(journal, "?follow=1", app);
    const one = received(response, "one");
    write("one");
    await one;
    controller.abort();
    await ended(response);
    expect(response.complete).toBe(true);
  });

  it("ends when the server closes, which does not wait for the client", async () => {
    const { journal } = createLog();
    const app = createServer(journal);
    const response = await open(journal, "?follow=1", app);
    const end = ended(response);
    await app.close();
    await end;
    expect(response.complete).toBe(true);
  });

  it("reads no further ahead than a client that does not read can take", async () => {
    let produced = 0;
    const endless: Journal = {
      kind: "memory",
      async *read(_query, signal) {
        while (!signal.aborted) {
          produced += 1;
          if (produced % 64 === 0) await settle();
          yield { at: 0, unit: "farhand.service", message: "x".repeat(16_000) };
        }
      },
    };
    const response = await open(endless, "?follow=1");
    response.pause();
    let before = -1;
    // Buffers of the two sockets fill up, then nothing moves any more.
    while (before !== produced) {
      before = produced;
      for (let turn = 0; turn < 20; turn += 1) await settle();
    }
    expect(produced).toBeGreaterThan(0);
    expect(produced * 16_000).toBeLessThan(64 * 1024 * 1024);
    response.destroy();
  });
});
