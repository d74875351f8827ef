import { describe, expect, it } from "vitest";
import { LIVE, LIVE_FIELDS } from "../../../src/protocol/fleet/live.ts";
import type { FleetBeat, FleetSnapshot } from "../../../src/protocol/fleet/live.ts";
import { fleetApp, GUEST } from "../../support/fleet-app.ts";
import { HUB_START, kvmStatus, nodeReport } from "../../support/hub-fixture.ts";

const KVM = kvmStatus({ health: "warning", problems: ["hot"], consoleUrl: "/kvm/" });

/** Lets the beat pass; the frames travel over a real socket. */
const BEAT_MS = 500;

describe("the rows of the live socket", () => {
  it("have the fields in the order that the table says", () => {
    expect(LIVE_FIELDS.map((name) => LIVE[name])).toEqual(LIVE_FIELDS.map((_, index) => index));
  });
});

describe("GET /nodes", () => {
  it("gives every node with a row of its latest figures", async () => {
    const { addNode, connect, get } = await fleetApp();
    const node = await addNode({ name: "alpha", group: "home", tags: ["x"] });
    connect(node).report(nodeReport());
    const { t, nodes, rows } = await get<FleetSnapshot>("/nodes");
    expect(t).toBe("all");
    expect(nodes).toEqual([
      expect.objectContaining({
        id: node.id,
        uuid: node.uuid,
        name: "alpha",
        memoryTotalBytes: 1000,
      }),
    ]);
    const [row = []] = rows;
    expect(row).toHaveLength(LIVE_FIELDS.length);
    expect(row[LIVE.id]).toBe(node.id);
    expect(row[LIVE.presence]).toBe(1);
    expect(row[LIVE.reportAt]).toBe(HUB_START / 1000);
    expect(row[LIVE.cpuPercent]).toBe(12.5);
    expect(row[LIVE.memoryUsedBytes]).toBe(400);
    expect(row[LIVE.temperatureCelsius]).toBe(41.5);
    expect(row[LIVE.processCount]).toBe(13);
  });

  it("shows a node that has never reported as unknown", async () => {
    const { addNode, get } = await fleetApp();
    await addNode();
    const { rows } = await get<FleetSnapshot>("/nodes");
    expect(rows[0]).toHaveLength(LIVE_FIELDS.length);
    expect(rows[0]?.slice(1).every((figure) => figure === 0)).toBe(true);
  });

  it("keeps hidden nodes, KVM states and alerts from guests", async () => {
    const { addNode, hub, get } = await fleetApp();
    const seen = await addNode({ name: "seen" });
    const hidden = await addNode({ name: "hidden", isHidden: true });
    hub.kvm.set(seen.id, KVM);
    const asGuest = await get<FleetSnapshot>("/nodes", GUEST);
    expect(asGuest.nodes.map(({ name, kvm }) => [name, kvm])).toEqual([["seen", null]]);
    expect(asGuest.rows.map(([id]) => id)).toEqual([seen.id]);
    const asMember = await get<FleetSnapshot>("/nodes");
    expect(asMember.nodes.map(({ id, kvm }) => [id, kvm])).toEqual([
      [seen.id, KVM],
      [hidden.id, null],
    ]);
  });

  it("shows guests nothing of a private fleet, and lets a stale credential be a guest", async () => {
    const { hub, call } = await fleetApp();
    const stale = { Cookie: `auth_token=${"0".repeat(64)}` };
    expect((await call("GET", "/nodes", undefined, stale)).status).toBe(200);
    await hub.site.change({ isPrivate: true });
    expect((await call("GET", "/nodes", undefined, GUEST)).status).toBe(401);
    expect((await call("GET", "/nodes")).status).toBe(200);
  });
});

describe("WebSocket /live", () => {
  it("begins with everything and goes on with what changed", async () => {
    const { addNode, connect, socket, clock } = await fleetApp();
    const [first, second] = [await addNode({ name: "first" }), await addNode({ name: "second" })];
    const session = connect(first);
    session.report(nodeReport());
    const live = await socket("/live");
    expect((await live.next<FleetSnapshot>()).nodes).toHaveLength(2);
    session.report(nodeReport({ cpuPercent: 99.94 }));
    await clock.advance(BEAT_MS);
    const beat = await live.next<FleetBeat>();
    expect(beat).toEqual({ t: "beat", at: HUB_START + BEAT_MS, rows: [expect.any(Array)] });
    expect(beat.rows?.[0]?.[LIVE.cpuPercent]).toBe(99.9);
    expect(beat.rows?.[0]?.[LIVE.id]).not.toBe(second.id);
  });

  it("is silent while nothing happens, and tells when a node goes and comes back", async () => {
    const { addNode, connect, socket, clock } = await fleetApp();
    const node = await addNode();
    const session = connect(node);
    session.report(nodeReport());
    const live = await socket("/live", GUEST);
    await live.next();
    session.close();
    await clock.advance(9000);
    expect(live.waiting).toBe(0);
    await clock.advance(3000);
    const away = await live.next<FleetBeat>();
    expect(away.rows?.[0]?.[LIVE.presence]).toBe(2);
    const again = connect(node);
    again.report(nodeReport());
    await clock.advance(1000);
    again.report(nodeReport());
    await clock.advance(BEAT_MS);
    const beats = [await live.next<FleetBeat>(), await live.next<FleetBeat>()];
    expect(beats.at(-1)?.rows?.[0]?.[LIVE.presence]).toBe(1);
  });

  it("takes a node away from guests when it is hidden, and gives it back", async () => {
    const { addNode, hub, socket, clock } = await fleetApp();
    const node = await addNode({ name: "now and then" });
    const live = await socket("/live", GUEST);
    await live.next();
    await hub.registry.edit(node.id, { isHidden: true });
    await clock.advance(BEAT_MS);
    expect(await live.next()).toMatchObject({ gone: [node.id] });
    await hub.registry.edit(node.id, { isHidden: false });
    await clock.advance(BEAT_MS);
    const back = await live.next<FleetBeat>();
    expect(back.nodes?.map(({ id }) => id)).toEqual([node.id]);
    expect(back.rows).toHaveLength(1);
  });

  it("tells about new, edited and removed nodes and about the machine behind a KVM device", async () => {
    const { addNode, hub, socket, clock } = await fleetApp();
    const live = await socket("/live");
    expect((await live.next<FleetSnapshot>()).nodes).toEqual([]);
    const node = await addNode({ name: "new" });
    await clock.advance(BEAT_MS);
    expect(await live.next()).toMatchObject({ nodes: [{ name: "new", kvm: null }] });
    hub.kvm.set(node.id, KVM);
    await clock.advance(BEAT_MS);
    const told = await live.next<FleetBeat>();
    expect(told.nodes?.[0]?.kvm).toEqual(KVM);
    expect(told.rows).toBeUndefined();
    await hub.registry.remove(node.id);
    await clock.advance(BEAT_MS);
    expect(await live.next()).toEqual({ t: "beat", at: expect.any(Number), gone: [node.id] });
  });

  it("sends guests away when the fleet becomes private", async () => {
    const { hub, socket, clock } = await fleetApp();
    const live = await socket("/live", GUEST);
    await live.next();
    await hub.site.change({ isPrivate: true });
    await clock.advance(BEAT_MS);
    expect(await live.closed).toEqual([1008, "sign in to see this fleet"]);
  });

  it("has room for so many guests from one place, and for members all the same", async () => {
    const { socket } = await fleetApp();
    const guests = await Promise.all(Array.from({ length: 100 }, () => socket("/live", GUEST)));
    const refused = await socket("/live", GUEST);
    expect(await refused.closed).toEqual([1013, "too many viewers"]);
    const member = await socket("/live");
    expect(await member.next()).toMatchObject({ t: "all" });
    guests[0]?.socket.close();
    await guests[0]?.closed;
    // The other end of that connection may take a moment longer to close.
    let isIn = false;
    while (!isIn) {
      const next = await socket("/live", GUEST);
      const first = next.next().then(
        () => true,
        () => false,
      );
      isIn = await first;
    }
    expect(isIn).toBe(true);
  });

  it("does nothing while nobody looks", async () => {
    const { socket, clock } = await fleetApp();
    const before = clock.pending;
    const live = await socket("/live");
    await live.next();
    live.socket.close();
    await live.closed;
    await clock.advance(1000);
    expect(clock.pending).toBeLessThanOrEqual(before + 1);
  });
});
