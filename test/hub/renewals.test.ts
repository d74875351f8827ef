import { describe, expect, it } from "vitest";
import { renewedExpiry } from "../../src/hub/renewals.ts";
import type { NodeNotes } from "../../src/hub/registry.ts";
import { hubFixture, HUB_START, nodeReport } from "../support/hub-fixture.ts";

const DAY = 86_400_000;

async function renewed(notes: Partial<NodeNotes>, now: number, isOnline = true) {
  const { hub, addNode } = await hubFixture();
  const node = await hub.registry.edit((await addNode()).id, { isAutoRenewal: true, ...notes });
  return renewedExpiry(node, isOnline, now);
}

describe("a node that is paid for by itself", () => {
  it("expires a month later where its cycle means a month, and on the last day of short ones", async () => {
    const expiresAt = Date.UTC(2026, 0, 31, 8);
    expect(await renewed({ expiresAt, billingCycleDays: 30 }, expiresAt)).toBe(
      Date.UTC(2026, 1, 28, 8),
    );
    const later = Date.UTC(2026, 3, 15);
    expect(await renewed({ expiresAt, billingCycleDays: 30 }, later)).toBe(
      Date.UTC(2026, 3, 30, 8),
    );
    expect(await renewed({ expiresAt, billingCycleDays: 365 }, expiresAt)).toBe(
      Date.UTC(2027, 0, 31, 8),
    );
    expect(await renewed({ expiresAt, billingCycleDays: 10 }, expiresAt + 25 * DAY)).toBe(
      expiresAt + 30 * DAY,
    );
  });

  it("is not renewed before its time, while it is away, or without a cycle", async () => {
    const due = { expiresAt: HUB_START, billingCycleDays: 30 };
    expect(await renewed(due, HUB_START - 1)).toBeUndefined();
    expect(await renewed(due, HUB_START, false)).toBeUndefined();
    expect(await renewed({ ...due, billingCycleDays: -1 }, HUB_START)).toBeUndefined();
    expect(await renewed({ ...due, isAutoRenewal: false }, HUB_START)).toBeUndefined();
    expect(
      await renewed({ expiresAt: undefined, billingCycleDays: 30 }, HUB_START),
    ).toBeUndefined();
  });

  it("gets its new date from the hub", async () => {
    const { hub, clock, addNode, connect } = await hubFixture();
    const node = await addNode();
    const due = { expiresAt: HUB_START - DAY, billingCycleDays: 30, isAutoRenewal: true };
    await hub.registry.edit(node.id, due);
    const session = connect(node);
    for (let passed = 0; passed < 70; passed += 5) {
      session.report(nodeReport());
      await clock.advance(5000);
    }
    expect(hub.registry.byId(node.id)?.expiresAt).toBe(Date.UTC(2026, 1, 4));
  });
});
