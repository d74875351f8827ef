import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "../../../src/hub/notify/fleet-notify.ts";
import { isQuiet, NoticeDesk } from "../../../src/hub/notify/notice-desk.ts";
import type { Message } from "../../../src/hub/notify/messages.ts";
import type { Notice } from "../../../src/hub/notify/notice.ts";
import type { Outbox } from "../../../src/hub/notify/outbox.ts";
import { PendingWrites } from "../../../src/hub/pending-writes.ts";
import type { NotificationSettings } from "../../../src/protocol/fleet/channels.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { HUB_START } from "../../support/hub-fixture.ts";
import { openTestStorage } from "../../support/hub-storage.ts";

function notice(part: Partial<Notice> = {}): Notice {
  return {
    kind: "raised",
    rule: 1,
    ruleName: "Away",
    condition: { kind: "offline", afterSeconds: 60 },
    severity: "warning",
    channels: [],
    node: 1,
    nodeName: "alpha",
    at: HUB_START,
    since: HUB_START,
    value: undefined,
    changes: 0,
    isRaised: true,
    ...part,
  };
}

async function deskOf(part: Partial<NotificationSettings> = {}) {
  const { tables } = await openTestStorage(fakeClock());
  const writes = new PendingWrites(tables);
  const sent: Message[] = [];
  let id = 0;
  const outbox: Pick<Outbox, "nextId" | "post"> = {
    nextId: () => (id += 1),
    post: (message) => {
      sent.push(message);
    },
  };
  const settings = { ...DEFAULT_SETTINGS, ...part };
  const make = () => new NoticeDesk({ writes, outbox, settings: () => settings });
  return { desk: make(), make, sent, tables, writes };
}

const QUIET = { isEnabled: true, fromMinute: 1380, toMinute: 420, exceptCritical: true };
const SECOND = 1000;
const MINUTE = 60_000;

describe("notices", () => {
  it("wait a moment for what belongs to them", async () => {
    const { desk, sent } = await deskOf();
    desk.post(notice());
    desk.tick(HUB_START + 9 * SECOND);
    expect(sent).toEqual([]);
    desk.post(notice({ node: 2, nodeName: "beta", at: HUB_START + 9 * SECOND }));
    desk.tick(HUB_START + 10 * SECOND);
    expect(sent.map(({ title }) => title)).toEqual(["🔴 2 nodes: Offline: alpha, beta"]);
    expect(desk.size).toBe(0);
  });

  it("of the same kind come once a minute at most, however many there are", async () => {
    const { desk, sent } = await deskOf();
    for (let second = 0; second < 300; second += 1) {
      const at = HUB_START + second * SECOND;
      desk.post(notice({ node: second, nodeName: `n${second}`, at }));
      desk.tick(at);
    }
    desk.tick(HUB_START + 400 * SECOND);
    expect(sent.length).toBeLessThanOrEqual(7);
    const told = sent.map(({ title }) => Number(/(\d+) nodes/.exec(title)?.[1] ?? 1));
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(300);
  });

  it("that are over before anybody was told become one", async () => {
    const { desk, sent } = await deskOf({ quietHours: QUIET });
    desk.post(notice());
    desk.post(notice({ kind: "cleared", at: HUB_START + MINUTE, since: HUB_START }));
    desk.tick(HUB_START + 5 * 60 * MINUTE);
    expect(sent).toEqual([]);
    desk.tick(HUB_START + 7 * 60 * MINUTE);
    expect(sent.map(({ title, body }) => [title, body])).toEqual([
      ["🔵 Was, and is over: alpha", "alpha: after 1 min\nRule: Away"],
    ]);
  });

  it("are not told when all is as it was told before", async () => {
    const { desk, sent } = await deskOf();
    desk.post(notice({ kind: "cleared" }));
    desk.post(notice({ kind: "raised", at: HUB_START + SECOND }));
    desk.tick(HUB_START + MINUTE);
    expect(sent).toEqual([]);
    expect(desk.size).toBe(0);
  });

  it("wait for the end of quiet hours, but for critical ones", async () => {
    const { desk, sent } = await deskOf({ quietHours: QUIET });
    desk.post(notice());
    desk.post(notice({ rule: 2, severity: "critical", nodeName: "beta" }));
    desk.tick(HUB_START + MINUTE);
    expect(sent.map(({ node }) => node)).toEqual(["beta"]);
    desk.tick(HUB_START + 419 * MINUTE);
    expect(sent).toHaveLength(1);
    desk.tick(HUB_START + 420 * MINUTE);
    expect(sent.map(({ node }) => node)).toEqual(["beta", "alpha"]);
  });

  it("survive a restart until they are told", async () => {
    const { desk, make, sent, tables, writes } = await deskOf();
    desk.post(notice({ value: 42, channels: [3] }));
    await writes.flush();
    const again = make();
    await again.load(tables);
    again.tick(HUB_START + MINUTE);
    expect(sent.map(({ node }) => node)).toEqual(["alpha"]);
    await writes.flush();
    const third = make();
    await third.load(tables);
    expect(third.size).toBe(0);
  });
});

describe("quiet hours", () => {
  it("follow the clock of their zone, over midnight too", () => {
    const at = (hour: number, timeZone: string, quietHours: NotificationSettings["quietHours"]) =>
      isQuiet({ ...DEFAULT_SETTINGS, timeZone, quietHours }, Date.UTC(2026, 0, 5, hour));
    expect(at(23, "UTC", QUIET)).toBe(true);
    expect(at(6, "UTC", QUIET)).toBe(true);
    expect(at(7, "UTC", QUIET)).toBe(false);
    expect(at(22, "UTC", QUIET)).toBe(false);
    expect(at(15, "Asia/Shanghai", QUIET)).toBe(true);
    const day = { ...QUIET, fromMinute: 600, toMinute: 660 };
    expect([at(10, "UTC", day), at(11, "UTC", day)]).toEqual([true, false]);
    expect(at(10, "UTC", { ...day, isEnabled: false })).toBe(false);
  });
});
