import { describe, expect, it } from "vitest";
import { hubFixture, HUB_START, nodeReport } from "../support/hub-fixture.ts";

const raised = (node: number, at: number) => ({
  at,
  node,
  kind: "raised" as const,
  rule: 1,
  severity: "warning" as const,
  value: 12.5,
  text: "rule",
});

describe("the event log", () => {
  it("is read newest first, page by page, and for one node", async () => {
    const { hub, clock } = await hubFixture();
    for (let number = 0; number < 5; number += 1) hub.events.append(raised(number % 2, number));
    await clock.advance(1000);
    const first = await hub.events.list({ limit: 3 });
    expect(first.map(({ at }) => at)).toEqual([4, 3, 2]);
    const rest = await hub.events.list({ limit: 3, before: first.at(-1)?.id });
    expect(rest.map(({ at }) => at)).toEqual([1, 0]);
    expect((await hub.events.list({ node: 1 })).map(({ at }) => at)).toEqual([3, 1]);
    expect(first[0]).toMatchObject({ kind: "raised", severity: "warning", value: 12.5 });
  });

  it("forgets what is older than three months", async () => {
    const { hub, clock } = await hubFixture();
    hub.events.append(raised(1, HUB_START - 91 * 86_400_000));
    hub.events.append(raised(2, HUB_START - 89 * 86_400_000));
    await clock.advance(3_600_000);
    expect((await hub.events.list({})).map(({ node }) => node)).toEqual([2]);
  });

  it("knows since when a node is there or away, and forgets it with the node", async () => {
    const { hub, clock, addNode, connect } = await hubFixture();
    const node = await addNode();
    expect(hub.events.lastPresence(node.id)).toBeUndefined();
    connect(node).report(nodeReport());
    expect(hub.events.lastPresence(node.id)).toEqual({ isOnline: true, at: HUB_START });
    await clock.advance(60_000);
    expect(hub.events.lastPresence(node.id)?.isOnline).toBe(false);
    await hub.registry.remove(node.id);
    expect(hub.events.lastPresence(node.id)).toBeUndefined();
  });
});
