import { describe, expect, it } from "vitest";
import { NetworkError } from "../../../src/platform/web/port.ts";
import type { Message } from "../../../src/hub/notify/messages.ts";
import { silentLogger } from "../../../src/core/log.ts";
import { ChannelBook } from "../../../src/hub/notify/channel-book.ts";
import { createDeliver } from "../../../src/hub/notify/channels/deliver.ts";
import { PUBLIC_ENDPOINTS } from "../../../src/hub/notify/channels/messengers.ts";
import { Outbox } from "../../../src/hub/notify/outbox.ts";
import { PendingWrites } from "../../../src/hub/pending-writes.ts";
import type { NewEvent } from "../../../src/hub/event-log.ts";
import type { ChannelBody } from "../../../src/protocol/fleet/channels.ts";
import { fakeClock, settle } from "../../support/fake-clock.ts";
import { openTestStorage } from "../../support/hub-storage.ts";
import { recordingOutbound } from "../../support/recording-outbound.ts";

const SECOND = 1000;
const HOUR = 3_600_000;

function channel(part: Partial<ChannelBody> = {}): ChannelBody {
  const url = "https://hook.example/secret-path-1234";
  const settings = { kind: "webhook", url, method: "POST", contentType: "", body: "" } as const;
  return { name: "hook", isEnabled: true, leastSeverity: "info", settings, ...part };
}

function message(title: string, severity: Message["severity"] = "info"): Message {
  return { title, body: "b", severity, event: "raised", rule: "r", node: "n", at: 0, time: "now" };
}

async function outboxOf(...bodies: readonly ChannelBody[]) {
  const clock = fakeClock();
  const { tables } = await openTestStorage(clock);
  const channels = new ChannelBook(tables);
  const ids: number[] = [];
  for (const body of bodies) ids.push((await channels.add(body)).id);
  const outbound = recordingOutbound();
  const writes = new PendingWrites(tables);
  const undelivered: NewEvent[] = [];
  const events = {
    append: (event: NewEvent) => undelivered.push(event),
    list: () => Promise.resolve([]),
    lastPresence: () => undefined,
  };
  const make = () =>
    new Outbox({
      writes,
      channels,
      deliver: createDeliver(PUBLIC_ENDPOINTS),
      outbound,
      allow: [],
      events,
      clock,
      log: silentLogger,
    });
  const outbox = make();
  /** Ticks every second for so long. */
  const run = async (ms: number, step = SECOND) => {
    for (let passed = 0; passed <= ms; passed += step) {
      outbox.tick();
      await settle();
      await clock.advance(step);
    }
  };
  const titles = () => outbound.bodies.map(({ title }) => title);
  return { outbox, make, outbound, clock, ids, undelivered, run, titles, tables, writes };
}

describe("the outbox", () => {
  it("sends in order, to the channels that are meant and care", async () => {
    const picky = channel({ name: "picky", leastSeverity: "critical" });
    const off = channel({ name: "off", isEnabled: false });
    const { outbox, run, titles, ids } = await outboxOf(channel(), picky, off);
    outbox.post(message("one"), []);
    outbox.post(message("two", "critical"), [ids[1] ?? 0]);
    outbox.post(message("three"), [ids[0] ?? 0]);
    await run(5 * SECOND);
    expect(titles()).toEqual(["one", "two", "three"]);
    expect(outbox.stateOf(ids[0] ?? 0)).toMatchObject({ delivered: 2, waiting: 0, problem: "" });
  });

  it("tries again, ever more rarely, and shows what is wrong meanwhile", async () => {
    const { outbox, outbound, run, titles, ids } = await outboxOf(channel());
    outbound.answer = () => {
      throw new NetworkError("hook.example refuses the connection");
    };
    outbox.post(message("one"), []);
    await run(60 * SECOND);
    expect(titles()).toHaveLength(3);
    expect(outbox.stateOf(ids[0] ?? 0)).toMatchObject({
      problem: "hook.example refuses the connection",
      problemCode: "NETWORK",
      waiting: 1,
    });
    outbound.answer = () => ({ status: 204, body: "" });
    await run(120 * SECOND);
    expect(titles()).toHaveLength(4);
    expect(outbox.stateOf(ids[0] ?? 0)).toMatchObject({
      problem: "",
      problemCode: "",
      delivered: 1,
      waiting: 0,
    });
  });

  it("gives up after a day, or soon where it cannot help, and that is an event", async () => {
    const { outbox, outbound, run, titles, undelivered } = await outboxOf(channel());
    outbound.answer = () => ({ status: 404, body: "no such hook" });
    outbox.post(message("one"), []);
    outbox.post(message("two"), []);
    await run(40 * SECOND);
    expect(titles()).toEqual(["one", "one", "two", "two"]);
    expect(undelivered.map(({ kind, text }) => [kind, text])).toEqual([
      ["undelivered", "hook: one (404 no such hook)"],
      ["undelivered", "hook: two (404 no such hook)"],
    ]);
    outbound.answer = () => ({ status: 503, body: "" });
    outbox.post(message("three"), []);
    await run(26 * HOUR, 10 * 60 * SECOND);
    expect(undelivered).toHaveLength(3);
    expect(titles().filter((title) => title === "three").length).toBeLessThan(40);
  });

  it("does not fill up: the oldest are given up first", async () => {
    const { outbox, undelivered, ids } = await outboxOf(channel());
    for (let number = 0; number < 205; number += 1) outbox.post(message(`m${number}`), []);
    expect(outbox.stateOf(ids[0] ?? 0).waiting).toBe(200);
    expect(undelivered).toHaveLength(5);
  });

  it("keeps what waits over a restart, and forgets what was sent", async () => {
    const { outbox, outbound, make, run, tables, writes, ids } = await outboxOf(channel());
    outbox.post(message("sent"), []);
    await run(2 * SECOND);
    outbound.answer = () => {
      throw new NetworkError("down");
    };
    outbox.post(message("waiting"), []);
    await run(2 * SECOND);
    await outbox.close();
    await writes.flush();
    const again = make();
    await again.load(tables);
    expect(again.stateOf(ids[0] ?? 0).waiting).toBe(1);
    outbound.answer = () => ({ status: 200, body: "" });
    again.tick();
    await settle();
    expect(outbound.bodies.at(-1)?.["title"]).toBe("waiting");
    expect(again.nextId()).toBeGreaterThan(2);
  });

  it("never shows secrets, even where the server repeats them", async () => {
    const { outbox, outbound } = await outboxOf();
    outbound.answer = () => ({ status: 400, body: "no hook at /secret-path-1234" });
    const sent = outbox.sendNow(channel().settings, message("one"));
    await expect(sent).rejects.toThrow("400 no hook at ***");
  });
});
