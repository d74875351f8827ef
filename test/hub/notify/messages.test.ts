import { describe, expect, it } from "vitest";
import { composeMessage, testMessage } from "../../../src/hub/notify/messages.ts";
import type { Notice } from "../../../src/hub/notify/notice.ts";
import { WORDS } from "../../../src/hub/notify/words.ts";
import { HUB_START } from "../../support/hub-fixture.ts";

const EN = { language: "en", timeZone: "UTC" } as const;
const ZH = { language: "zh", timeZone: "Asia/Shanghai" } as const;

function notice(part: Partial<Notice> = {}): Notice {
  return {
    kind: "raised",
    rule: 1,
    ruleName: "Away",
    condition: { kind: "offline", afterSeconds: 60 },
    severity: "critical",
    channels: [],
    node: 1,
    nodeName: "alpha",
    at: HUB_START,
    since: HUB_START - 90_000,
    value: undefined,
    changes: 0,
    isRaised: true,
    ...part,
  };
}

describe("messages about alerts", () => {
  it("say in the title what happened and where, and in the body since when and by which rule", () => {
    const message = composeMessage(notice(), [notice()], EN);
    expect(message.title).toBe("🔴 Offline: alpha");
    expect(message.body).toBe("alpha: since 4 Jan 2026, 23:58:30\nRule: Away");
    expect(message).toMatchObject({ severity: "critical", event: "raised", node: "alpha" });
  });

  it("are in Chinese and in the viewer's zone where that is set", () => {
    const message = composeMessage(notice(), [notice()], ZH);
    expect(message.title).toBe("🔴 离线: alpha");
    expect(message.body).toContain("自 2026年1月5日 07:58:30");
    expect(message.body).toContain("规则：Away");
    expect(testMessage(0, ZH).title).toContain("测试消息");
  });

  it("count what they cannot list", () => {
    const all = Array.from({ length: 30 }, (_, index) => notice({ nodeName: `n${index}` }));
    const { title, body } = composeMessage(notice({ nodeName: "n0" }), all, EN);
    expect(title).toBe("🔴 30 nodes: Offline: n0, n1, n2 and 27 more");
    expect(body.split("\n")).toHaveLength(22);
    expect(body).toContain("and 10 more");
  });

  it("show figures with their units", () => {
    const lineOf = (condition: Notice["condition"], value: number): string => {
      const one = notice({ condition, value });
      return composeMessage(one, [one], EN).body.split(/[,\n]/)[0] ?? "";
    };
    const load = { kind: "load", threshold: 0, windowSeconds: 60, sharePercent: 50 } as const;
    expect(lineOf({ ...load, metric: "diskPercent" }, 91.4)).toBe("alpha: disk 91 %");
    expect(lineOf({ ...load, metric: "sentBytesPerSecond" }, 2_500_000)).toBe(
      "alpha: sends 2.5 MB/s",
    );
    expect(lineOf({ ...load, metric: "temperatureCelsius" }, 81.6)).toBe(
      "alpha: temperature 82 °C",
    );
    expect(lineOf({ ...load, metric: "load1" }, 7.25)).toBe("alpha: load 7.3");
    expect(lineOf({ kind: "expiry", days: 7 }, 1.5)).toBe("alpha: expires in 1 day");
    expect(lineOf({ kind: "expiry", days: 7 }, -2.5)).toBe("alpha: expired 3 days ago");
  });

  it("tell how long it lasted when it is over, and how often it changed when it has settled", () => {
    const over = notice({ kind: "cleared", since: HUB_START - 3_725_000 });
    expect(composeMessage(over, [over], EN)).toMatchObject({
      title: "🟢 Back online: alpha",
      body: "alpha: after 1 h 2 min\nRule: Away",
    });
    const settled = notice({ kind: "settled", changes: 9, isRaised: false });
    expect(composeMessage(settled, [settled], EN)).toMatchObject({
      title: "🔵 Quiet again, online: alpha",
      body: "alpha: changed 9 times\nRule: Away",
    });
  });

  it("have the same words in both languages", () => {
    expect(Object.keys(WORDS.zh).sort()).toEqual(Object.keys(WORDS.en).sort());
    expect(WORDS.en.span(0)).toBe("0 s");
    expect(WORDS.zh.span(90_061_000)).toBe("1 天 1 小时");
  });

  it("do not fail because of a zone that this machine does not know", () => {
    const odd = { language: "en", timeZone: "Mars/Olympus" } as const;
    expect(composeMessage(notice(), [notice()], odd).time).toBe("5 Jan 2026, 00:00:00");
  });
});
