import { describe, expect, it } from "vitest";
import type { Hub } from "../../../src/hub/hub.ts";
import type { NodeRecord } from "../../../src/hub/registry.ts";
import type {
  AlertCondition,
  AlertRule,
  AlertRuleBody,
} from "../../../src/protocol/fleet/alerts.ts";
import type { ChannelBody } from "../../../src/protocol/fleet/channels.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import type { FakeClock } from "../../support/fake-clock.ts";
import { HUB_START, hubFixture, kvmStatus, nodeReport } from "../../support/hub-fixture.ts";
import type { HubFixture } from "../../support/hub-fixture.ts";
import { openTestStorage } from "../../support/hub-storage.ts";
import { recordingOutbound } from "../../support/recording-outbound.ts";
import type { RecordingOutbound } from "../../support/recording-outbound.ts";
import { tempDir } from "../../support/temp-dir.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const WEBHOOK: ChannelBody = {
  name: "hook",
  isEnabled: true,
  leastSeverity: "info",
  settings: {
    kind: "webhook",
    url: "https://hook.example/x",
    method: "POST",
    contentType: "",
    body: "",
  },
};

function ruleOf(condition: AlertCondition, part: Partial<AlertRuleBody> = {}): AlertRuleBody {
  return {
    name: "rule",
    isEnabled: true,
    severity: "warning",
    scope: { cover: "all", nodes: [], groups: [], tags: [] },
    condition,
    channels: [],
    reminderHours: 0,
    tellsRecovery: true,
    ...part,
  };
}

const OFFLINE = { kind: "offline", afterSeconds: 60 } as const;
const CPU = {
  kind: "load",
  metric: "cpuPercent",
  threshold: 90,
  windowSeconds: 100,
  sharePercent: 80,
} as const;

interface Scene extends HubFixture {
  readonly outbound: RecordingOutbound;
  readonly rule: AlertRule;
}

async function scene(
  body: AlertRuleBody,
  options: { clock?: FakeClock; path?: string } = {},
): Promise<Scene> {
  const clock = options.clock ?? fakeClock(HUB_START);
  const outbound = recordingOutbound();
  const { path } = options;
  const storage = await openTestStorage(clock, path === undefined ? {} : { path });
  const fixture = await hubFixture({ clock, storage, messages: { outbound, allow: [] } });
  if (fixture.hub.notify.channels().length === 0) await fixture.hub.notify.add(WEBHOOK);
  const rule = fixture.hub.alerts.rules[0] ?? (await fixture.hub.alerts.add(body));
  return { ...fixture, outbound, rule };
}

/** Reports every five seconds for so long. */
async function reportFor(
  { connect, clock }: Pick<HubFixture, "connect" | "clock">,
  node: NodeRecord,
  ms: number,
  cpuPercent = 1,
): Promise<void> {
  const session = connect(node);
  for (let passed = 0; passed < ms; passed += 5 * SECOND) {
    session.report(nodeReport({ cpuPercent }));
    await clock.advance(5 * SECOND);
  }
  session.close();
}

const kinds = async (hub: Hub): Promise<string[]> =>
  (await hub.events.list({})).map(({ kind }) => kind).reverse();

describe("a rule for nodes that are away", () => {
  it("is told once when one goes and once when it is back, with what happened in the events", async () => {
    const test = await scene(ruleOf(OFFLINE));
    const { hub, clock, outbound, addNode, rule } = test;
    const node = await addNode("alpha");
    await reportFor(test, node, MINUTE);
    await clock.advance(50 * SECOND);
    expect(outbound.requests).toEqual([]);
    await clock.advance(60 * SECOND);
    expect(hub.alerts.active()).toEqual([
      expect.objectContaining({ rule: rule.id, node: node.id, severity: "warning" }),
    ]);
    expect(hub.alerts.countOf(node.id)).toBe(1);
    expect(outbound.bodies.map(({ event, node: name }) => [event, name])).toEqual([
      ["raised", "alpha"],
    ]);
    await reportFor(test, node, MINUTE);
    await clock.advance(MINUTE);
    expect(outbound.bodies.map(({ event }) => event)).toEqual(["raised", "cleared"]);
    expect(hub.alerts.active()).toEqual([]);
    expect(hub.alerts.countOf(node.id)).toBe(0);
    expect((await kinds(hub)).slice(0, 5)).toEqual([
      "online",
      "offline",
      "raised",
      "online",
      "cleared",
    ]);
  });

  it("says nothing about nodes that have never reported or are not covered", async () => {
    const scope: AlertRuleBody["scope"] = { cover: "except", nodes: [], groups: ["lab"], tags: [] };
    const test = await scene(ruleOf(OFFLINE, { scope }));
    const { hub, clock, outbound, addNode } = test;
    await addNode("new");
    const lab = await addNode("lab");
    await hub.registry.edit(lab.id, { group: "lab" });
    await reportFor(test, lab, MINUTE);
    await clock.advance(10 * MINUTE);
    expect(outbound.requests).toEqual([]);
    await hub.registry.edit(lab.id, { group: "" });
    await clock.advance(MINUTE);
    expect(outbound.requests).toHaveLength(1);
  });

  it("forgets silently what it does not cover any more", async () => {
    const test = await scene(ruleOf(OFFLINE));
    const { hub, clock, outbound, addNode, rule } = test;
    const node = await addNode();
    await reportFor(test, node, MINUTE);
    await clock.advance(3 * MINUTE);
    expect(hub.alerts.active()).toHaveLength(1);
    const { id, ...body } = rule;
    const scope: AlertRuleBody["scope"] = { cover: "only", nodes: [], groups: ["x"], tags: [] };
    await hub.alerts.replace(id, { ...body, scope });
    await clock.advance(2 * MINUTE);
    expect(hub.alerts.active()).toEqual([]);
    expect(outbound.bodies.map(({ event }) => event)).toEqual(["raised"]);
  });

  it("makes one message of many nodes that go at once", async () => {
    const test = await scene(ruleOf(OFFLINE));
    const { clock, outbound, addNode, connect } = test;
    const sessions = [];
    for (let number = 0; number < 30; number += 1) {
      sessions.push(connect(await addNode(`n${number}`)));
    }
    for (const session of sessions) session.report(nodeReport());
    await clock.advance(MINUTE);
    for (const session of sessions) session.close();
    await clock.advance(5 * MINUTE);
    const titles = outbound.bodies.map(({ title }) => String(title));
    expect(titles.length).toBeLessThanOrEqual(2);
    expect(titles[0]).toMatch(/^🔴 \d+ nodes: Offline: n\d+, n\d+, n\d+ and \d+ more$/);
  });
});

describe("a rule for a figure", () => {
  it("needs its share of the window, and is over with half of that", async () => {
    const test = await scene(ruleOf(CPU));
    const { hub, outbound, addNode } = test;
    const node = await addNode();
    await reportFor(test, node, 70 * SECOND, 95);
    expect(hub.alerts.active()).toEqual([]);
    await reportFor(test, node, 30 * SECOND, 95);
    expect(hub.alerts.active()).toEqual([expect.objectContaining({ value: 95 })]);
    await reportFor(test, node, 50 * SECOND, 1);
    expect(hub.alerts.active()).toHaveLength(1);
    await reportFor(test, node, 60 * SECOND, 1);
    expect(hub.alerts.active()).toEqual([]);
    expect(outbound.bodies.map(({ event }) => event)).toEqual(["raised", "cleared"]);
    expect(outbound.bodies[0]?.["body"]).toContain("CPU 95 %");
  });

  it("is not over because the node is silent", async () => {
    const test = await scene(ruleOf(CPU));
    const node = await test.addNode();
    await reportFor(test, node, 2 * MINUTE, 95);
    await test.clock.advance(30 * MINUTE);
    expect(test.hub.alerts.active()).toHaveLength(1);
  });

  it("begins anew when its condition is changed, and lets go when it is switched off or removed", async () => {
    const test = await scene(ruleOf(CPU));
    const { hub, rule, addNode } = test;
    const node = await addNode();
    await reportFor(test, node, 2 * MINUTE, 95);
    const { id, ...body } = rule;
    await hub.alerts.replace(id, { ...body, name: "another name" });
    expect(hub.alerts.active()).toEqual([expect.objectContaining({ ruleName: "another name" })]);
    await hub.alerts.replace(id, { ...body, condition: { ...CPU, threshold: 99 } });
    expect(hub.alerts.active()).toEqual([]);
    await hub.alerts.remove(id);
    expect(hub.alerts.rules).toEqual([]);
    await expect(hub.alerts.remove(id)).rejects.toThrow("no such alert rule");
  });
});

describe("other rules", () => {
  it("watch the month's traffic against the node's own limit", async () => {
    const test = await scene(ruleOf({ kind: "traffic", percent: 80 }));
    const { hub, clock, outbound, addNode, connect } = test;
    const node = await addNode();
    await hub.registry.edit(node.id, { trafficLimitBytes: 1e9, trafficLimitType: "sum" });
    const session = connect(node);
    const report = (receivedBytes: number) => nodeReport({ receivedBytes, sentBytes: 0 });
    session.report(report(0));
    await clock.advance(20 * SECOND);
    session.report(report(700_000_000));
    await clock.advance(20 * SECOND);
    expect(hub.alerts.active()).toEqual([]);
    session.report(report(850_000_000));
    await clock.advance(MINUTE);
    expect(outbound.bodies[0]?.["body"]).toContain("85 % of the month's traffic used");
  });

  it("watch the day on which a node expires", async () => {
    const { hub, clock, outbound, addNode } = await scene(ruleOf({ kind: "expiry", days: 7 }));
    const node = await addNode("alpha");
    await hub.registry.edit(node.id, { expiresAt: HUB_START + 30 * 86_400_000 });
    await clock.advance(MINUTE);
    expect(outbound.requests).toEqual([]);
    await hub.registry.edit(node.id, { expiresAt: HUB_START + 3 * 86_400_000 });
    await clock.advance(MINUTE);
    expect(outbound.bodies[0]?.["body"]).toContain("alpha: expires in 2 days");
  });

  it("watch how many pings of a task are lost", async () => {
    const condition = {
      kind: "ping",
      task: 1,
      measure: "loss",
      threshold: 50,
      windowSeconds: 60,
    } as const;
    const test = await scene(ruleOf(condition));
    const { hub, clock, outbound, addNode, connect } = test;
    const node = await addNode();
    const task = { name: "t", type: "icmp", target: "192.0.2.1", intervalSeconds: 5 } as const;
    await hub.probes.add({ ...task, cover: "except", nodes: [], weight: 0, isDefaultOn: false });
    const session = connect(node);
    for (let number = 0; number < 10; number += 1) {
      session.report(nodeReport());
      session.ping({ task: 1, elapsedMs: undefined });
      await clock.advance(5 * SECOND);
    }
    expect(outbound.bodies[0]?.["body"]).toContain("100 % of pings lost");
  });

  it("are told again after some hours where that is wanted", async () => {
    const { hub, clock, outbound, addNode } = await scene(
      ruleOf({ kind: "expiry", days: 7 }, { reminderHours: 1 }),
    );
    const node = await addNode();
    await hub.registry.edit(node.id, { expiresAt: HUB_START });
    await clock.advance(65 * MINUTE);
    expect(outbound.bodies.map(({ event }) => event)).toEqual(["raised", "reminder"]);
  });
});

describe("a rule for computers behind KVMs", () => {
  const OFF = { kind: "kvm", alert: "poweredOff", afterSeconds: 60 } as const;

  it("is told once when one goes off and once when it is on again, and not by silence", async () => {
    const its = await scene(ruleOf(OFF));
    const { hub, clock, outbound } = its;
    const [box, plain] = [await its.addNode("box"), await its.addNode("plain")];
    its.connect(plain).report(nodeReport());
    const session = its.connect(box);
    const say = async (power: "on" | "off", seconds: number): Promise<void> => {
      for (let passed = 0; passed < seconds; passed += 5) {
        session.report(nodeReport());
        session.kvm(kvmStatus({ power }));
        await clock.advance(5 * SECOND);
      }
    };
    await say("on", 60);
    await say("off", 50);
    expect(hub.alerts.active()).toEqual([]);
    await say("off", 40);
    expect(hub.alerts.active()).toMatchObject([{ node: box.id, ruleName: "rule", value: null }]);
    // Away: what it said last still stands.
    await clock.advance(5 * MINUTE);
    expect(hub.presence.isOnline(box.id)).toBe(false);
    expect(hub.alerts.active()).toHaveLength(1);
    await say("on", 40);
    expect(hub.alerts.active()).toEqual([]);
    await clock.advance(2 * MINUTE);
    const told = outbound.requests.map(({ body }) => String(body));
    expect(told).toHaveLength(2);
    expect(told[0]).toContain("box: computer is off, since");
    expect(told[1]).toContain("box: computer is off, after");
    await hub.close();
  });

  it("shows beforehand who would raise it now", async () => {
    const its = await scene(ruleOf(OFF));
    const [box, lost] = [await its.addNode("box"), await its.addNode("lost")];
    for (const node of [box, lost]) {
      const session = its.connect(node);
      session.report(nodeReport());
      session.kvm(kvmStatus({ power: "off" }));
    }
    await its.clock.advance(30 * SECOND);
    const session = its.connect(box);
    session.report(nodeReport());
    session.report(nodeReport());
    expect(await its.hub.alerts.preview(ruleOf(OFF), 24)).toMatchObject({
      stepMs: 0,
      covered: 2,
      nodes: [{ node: box.id, spells: [{ from: its.clock.now(), to: null }] }],
    });
    await its.hub.close();
  });
});

describe("a restart of the hub", () => {
  it("tells nothing twice, raises no false alarm, and notices who did not come back", async () => {
    const clock = fakeClock(HUB_START);
    const path = `${tempDir()}/hub.db`;
    const first = await scene(ruleOf(OFFLINE), { clock, path });
    const [stays, gone, away] = [
      await first.addNode("stays"),
      await first.addNode("gone"),
      await first.addNode("away"),
    ];
    const session = first.connect(stays);
    const leaving = first.connect(gone);
    await reportFor(first, away, 20 * SECOND);
    for (let number = 0; number < 20; number += 1) {
      session.report(nodeReport());
      leaving.report(nodeReport());
      await clock.advance(10 * SECOND);
    }
    expect(first.outbound.bodies.map(({ node }) => node)).toEqual(["away"]);
    await first.hub.close();

    const second = await scene(ruleOf(OFFLINE), { clock, path });
    expect(second.hub.alerts.active().map(({ node }) => node)).toEqual([away.id]);
    await reportFor(second, stays, 5 * MINUTE);
    await clock.advance(5 * SECOND);
    expect(second.outbound.bodies.map(({ event, node }) => [event, node])).toEqual([
      ["raised", "gone"],
    ]);
    const events = await second.hub.events.list({ node: stays.id });
    expect(events.map(({ kind }) => kind)).toEqual(["online"]);
    await second.hub.close();
  });

  it("tells what was raised just before it", async () => {
    const clock = fakeClock(HUB_START);
    const path = `${tempDir()}/hub.db`;
    const first = await scene(ruleOf({ kind: "expiry", days: 7 }), { clock, path });
    const node = await first.addNode("alpha");
    await first.hub.registry.edit(node.id, { expiresAt: HUB_START });
    while (first.hub.alerts.active().length === 0) await clock.advance(SECOND);
    expect(first.outbound.requests).toEqual([]);
    await first.hub.close();
    const second = await scene(ruleOf({ kind: "expiry", days: 7 }), { clock, path });
    await clock.advance(MINUTE);
    expect(second.outbound.bodies.map(({ node: name }) => name)).toEqual(["alpha"]);
    await second.hub.close();
  });
});
