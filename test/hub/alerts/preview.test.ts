import { describe, expect, it } from "vitest";
import { loadMoments, offlineSpells, spellsOf } from "../../../src/hub/alerts/preview.ts";
import type { AlertCondition, AlertRuleBody } from "../../../src/protocol/fleet/alerts.ts";
import type { LoadPoint } from "../../../src/hub/series/series.ts";
import { hubFixture, HUB_START, nodeReport } from "../../support/hub-fixture.ts";
import { loadFigures } from "../../support/hub-storage.ts";

const MINUTE = 60_000;

function ruleOf(condition: AlertCondition): AlertRuleBody {
  return {
    name: "rule",
    isEnabled: true,
    severity: "warning",
    scope: { cover: "all", nodes: [], groups: [], tags: [] },
    condition,
    channels: [],
    reminderHours: 0,
    tellsRecovery: true,
  };
}

const cpuPoint = (minute: number, cpuPercent: number): LoadPoint => ({
  ...loadFigures({ cpuPercent }),
  at: minute * MINUTE,
});

const CPU = {
  kind: "load",
  metric: "cpuPercent",
  threshold: 90,
  windowSeconds: 180,
  sharePercent: 100,
} as const;

describe("spells", () => {
  it("last from the first bad moment to the next good one", () => {
    const moments = [undefined, true, undefined, true, false, false, true].map((isBad, at) => ({
      at,
      isBad,
    }));
    expect(spellsOf(moments)).toEqual([
      { from: 1, to: 4 },
      { from: 6, to: null },
    ]);
  });
});

describe("the past of a load rule", () => {
  it("is judged with the same window as the present", () => {
    const figures = [10, 95, 95, 95, 95, 10, 10, 10];
    const points = figures.map((cpu, minute) => cpuPoint(minute, cpu));
    expect(spellsOf(loadMoments(CPU, points, MINUTE))).toEqual([
      { from: 4 * MINUTE, to: 7 * MINUTE },
    ]);
  });

  it("is not bridged where nothing was reported", () => {
    const points = [cpuPoint(0, 95), cpuPoint(1, 95), cpuPoint(60, 95)];
    expect(spellsOf(loadMoments(CPU, points, MINUTE))).toEqual([]);
  });
});

describe("the past of a rule for absence", () => {
  it("is made of the gaps that are long enough", () => {
    const points = [0, 1, 2, 10, 11].map((minute) => cpuPoint(minute, 1));
    const condition = { kind: "offline", afterSeconds: 120 } as const;
    expect(offlineSpells(condition, points, MINUTE, 12 * MINUTE)).toEqual([
      { from: 5 * MINUTE, to: 10 * MINUTE },
    ]);
    expect(offlineSpells(condition, points, MINUTE, 20 * MINUTE).at(-1)).toEqual({
      from: 14 * MINUTE,
      to: null,
    });
  });
});

describe("the preview of a rule", () => {
  it("looks at the history of all nodes that it covers", async () => {
    const { hub, clock, addNode, connect } = await hubFixture();
    const [busy, idle] = [await addNode("busy"), await addNode("idle")];
    const sessions = [connect(busy), connect(idle)] as const;
    for (let minute = 0; minute < 10; minute += 1) {
      sessions[0].report(nodeReport({ cpuPercent: minute > 3 && minute < 8 ? 99 : 5 }));
      sessions[1].report(nodeReport({ cpuPercent: 5 }));
      await clock.advance(MINUTE);
    }
    const preview = await hub.alerts.preview(ruleOf(CPU), 1);
    expect(preview).toMatchObject({ stepMs: MINUTE, covered: 2, examined: 2 });
    expect(preview.nodes).toEqual([
      {
        node: busy.id,
        spells: [{ from: HUB_START + 7 * MINUTE, to: HUB_START + 10 * MINUTE }],
      },
    ]);
  });

  it("knows expiry, traffic and pings, too", async () => {
    const { hub, clock, addNode, connect } = await hubFixture();
    const node = await addNode();
    const task = { name: "t", type: "icmp", target: "192.0.2.1", intervalSeconds: 60 } as const;
    await hub.probes.add({ ...task, cover: "except", nodes: [], weight: 0, isDefaultOn: false });
    await hub.registry.edit(node.id, {
      expiresAt: HUB_START + 2 * 86_400_000,
      trafficLimitBytes: 1_000_000,
      trafficLimitType: "down",
    });
    const session = connect(node);
    for (let minute = 0; minute < 10; minute += 1) {
      session.report(nodeReport({ receivedBytes: minute * 100_000, uptimeSeconds: minute * 60 }));
      session.ping({ task: 1, elapsedMs: minute < 5 ? 10 : undefined });
      await clock.advance(MINUTE);
    }
    const spells = async (condition: AlertCondition) =>
      (await hub.alerts.preview(ruleOf(condition), 1)).nodes.flatMap(({ spells: found }) => found);
    expect(await spells({ kind: "expiry", days: 7 })).toHaveLength(1);
    expect(await spells({ kind: "expiry", days: 1 })).toEqual([]);
    // A month is looked at in quarters of an hour.
    expect(await spells({ kind: "traffic", percent: 50 })).toEqual([{ from: HUB_START, to: null }]);
    expect(await spells({ kind: "traffic", percent: 95 })).toEqual([]);
    const ping = {
      kind: "ping",
      task: 1,
      measure: "loss",
      threshold: 50,
      windowSeconds: 60,
    } as const;
    expect(await spells(ping)).toEqual([{ from: HUB_START + 6 * MINUTE, to: null }]);
  });
});
