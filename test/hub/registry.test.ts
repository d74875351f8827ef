import { afterEach, describe, expect, it } from "vitest";
import { ValidationError } from "../../src/core/errors.ts";
import { ProbeTaskNotFoundError } from "../../src/hub/probes.ts";
import { FleetFullError, NodeExistsError, NodeNotFoundError } from "../../src/hub/registry.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { HUB_START, hubFixture } from "../support/hub-fixture.ts";
import type { HubFixture } from "../support/hub-fixture.ts";
import { openTestStorage } from "../support/hub-storage.ts";
import { tempDir } from "../support/temp-dir.ts";

const UUID = "4a1b2c3d-0000-4000-8000-00000000abcd";

const open: HubFixture[] = [];
afterEach(async () => {
  for (const { hub } of open.splice(0)) await hub.close();
});

async function start(options: Parameters<typeof hubFixture>[0] = {}): Promise<HubFixture> {
  const fixture = await hubFixture(options);
  open.push(fixture);
  return fixture;
}

/** The same database in a new process. */
function restartable() {
  const path = `${tempDir()}/hub.db`;
  const clock = fakeClock(HUB_START);
  return async () => {
    for (const { hub } of open.splice(0)) await hub.close();
    return start({ clock, storage: await openTestStorage(clock, { path }) });
  };
}

describe("the registry", () => {
  it("gives every node an identity and a token that nobody else has", async () => {
    const { hub } = await start();
    const one = await hub.registry.add({});
    const two = await hub.registry.add({ uuid: UUID.toUpperCase(), notes: { name: "two" } });
    expect(one.node.uuid).not.toBe(two.node.uuid);
    expect(two.node).toMatchObject({ uuid: UUID, name: "two", price: 0, tags: [] });
    expect(one.token).toMatch(/^[0-9A-Za-z]{32}$/);
    expect(hub.registry.authenticate(one.token)?.id).toBe(one.node.id);
    expect(hub.registry.authenticate(two.token)?.id).toBe(two.node.id);
    expect(hub.registry.authenticate("x")).toBeUndefined();
    expect(hub.registry.authenticate("")).toBeUndefined();
    expect(hub.registry.nodes.map(({ id }) => id)).toEqual([one.node.id, two.node.id]);
  });

  it("keeps everything over a restart, but no token that could be read", async () => {
    const restart = restartable();
    const first = await restart();
    const { node, token } = await first.hub.registry.add({ uuid: UUID, notes: { name: "n" } });
    await first.hub.registry.edit(node.id, { tags: ["a<red>"], expiresAt: 5, isHidden: true });
    first.hub.registry.learn(node.id, { osName: "Debian", cpuModels: ["A72"] });
    await first.clock.advance(2000);
    const before = first.hub.registry.byId(node.id);
    const rows = await first.storage.tables.read({ sql: "SELECT * FROM node", values: [] });
    expect(JSON.stringify(rows)).not.toContain(token);
    const { hub } = await restart();
    expect(hub.registry.byUuid(UUID)).toEqual(before);
    expect(before).toMatchObject({ tags: ["a<red>"], isHidden: true, facts: { osName: "Debian" } });
    expect(hub.registry.authenticate(token)?.id).toBe(node.id);
  });

  it("names a node after its system until somebody names it", async () => {
    const restart = restartable();
    const first = await restart();
    const { node } = await first.hub.registry.add({ uuid: UUID, hasToken: false });
    const nameNow = () => first.hub.registry.byId(node.id)?.name;
    expect(node.name).toBe("4a1b2c3d");
    first.hub.registry.learn(node.id, { arch: "arm64" });
    expect(nameNow()).toBe("4a1b2c3d");
    first.hub.registry.learn(node.id, { platform: "debian\u202e\n", platformVersion: "13" });
    expect(nameNow()).toBe("debian 4a1b");
    first.hub.registry.learn(node.id, { platform: "ubuntu" });
    expect(nameNow()).toBe("debian 4a1b");
    await first.clock.advance(2000);
    const { hub } = await restart();
    expect(hub.registry.byUuid(UUID)?.name).toBe("debian 4a1b");
    const other = await hub.registry.add({ notes: { name: "mail" } });
    hub.registry.learn(other.node.id, { platform: "debian" });
    expect(hub.registry.byId(other.node.id)?.name).toBe("mail");
  });

  it("never gives a number again", async () => {
    const restart = restartable();
    const { hub } = await restart();
    const { node } = await hub.registry.add({});
    await hub.registry.remove(node.id);
    const again = await restart();
    expect((await again.hub.registry.add({})).node.id).toBeGreaterThan(node.id);
  });

  it("replaces a token at once", async () => {
    const { hub } = await start();
    const { node, token } = await hub.registry.add({});
    const renewed = await hub.registry.renewToken(node.id);
    expect(hub.registry.authenticate(token)).toBeUndefined();
    expect(hub.registry.authenticate(renewed.token)?.id).toBe(node.id);
  });

  it("refuses identities that are taken or none, too many nodes, and unknown ones", async () => {
    const { hub } = await start({ maxNodes: 2 });
    const both = [hub.registry.add({ uuid: UUID }), hub.registry.add({ uuid: UUID })];
    const [first, second] = await Promise.allSettled(both);
    expect(first?.status).toBe("fulfilled");
    expect(second).toMatchObject({ reason: expect.any(NodeExistsError) });
    await expect(hub.registry.add({ uuid: "../x" })).rejects.toThrow(ValidationError);
    await hub.registry.add({});
    await expect(hub.registry.add({})).rejects.toThrow(FleetFullError);
    await expect(hub.registry.edit(99, {})).rejects.toThrow(NodeNotFoundError);
    await expect(hub.registry.remove(99)).rejects.toThrow(NodeNotFoundError);
  });

  it.each([
    [{ name: " " }],
    [{ name: "x".repeat(300) }],
    [{ price: Number.NaN }],
    [{ price: -2 }],
    [{ weight: 0.5 }],
    [{ trafficLimitBytes: -1 }],
    [{ tags: Array.from({ length: 100 }, () => "t") }],
  ])("refuses notes like %j and changes nothing", async (notes) => {
    const { hub, addNode } = await start();
    const node = await addNode("right");
    await expect(hub.registry.edit(node.id, notes)).rejects.toThrow(ValidationError);
    expect(hub.registry.byId(node.id)).toEqual(node);
  });

  it("tells its listeners what changed", async () => {
    const { hub } = await start();
    const told: string[] = [];
    hub.registry.subscribe(({ kind, node }) => {
      told.push(`${kind} ${node.name}`);
    });
    const { node } = await hub.registry.add({ notes: { name: "a" } });
    await hub.registry.edit(node.id, { name: "b" });
    hub.registry.learn(node.id, { osName: "" });
    await hub.registry.renewToken(node.id);
    await hub.registry.remove(node.id);
    expect(told).toEqual(["added a", "changed b", "tokenChanged b", "removed b"]);
  });
});

describe("ping tasks", () => {
  const settings = {
    name: "web",
    type: "tcp",
    target: "example.net:443",
    intervalSeconds: 30,
    cover: "only",
    nodes: [1],
    weight: 0,
    isDefaultOn: true,
  } as const;

  it("are kept over a restart and removed with their results", async () => {
    const restart = restartable();
    const first = await restart();
    const task = await first.hub.probes.add(settings);
    await first.hub.probes.edit(task.id, { name: "site" });
    const { hub } = await restart();
    expect(hub.probes.tasks).toEqual([{ ...settings, id: task.id, name: "site" }]);
    await hub.probes.remove(task.id);
    expect(hub.probes.tasks).toEqual([]);
    expect((await hub.probes.add(settings)).id).toBeGreaterThan(task.id);
    await expect(hub.probes.remove(task.id)).rejects.toThrow(ProbeTaskNotFoundError);
  });

  it.each([
    [{ name: "" }],
    [{ target: "" }],
    [{ target: "host:0" }],
    [{ target: "host; reboot" }],
    [{ type: "icmp", target: "-f" }],
    [{ type: "http", target: "file:///etc/passwd" }],
    [{ intervalSeconds: 1 }],
    [{ intervalSeconds: 30.5 }],
    [{ nodes: [0.5] }],
  ] as const)("are refused with %j", async (part) => {
    const { hub } = await start();
    await expect(hub.probes.add({ ...settings, ...part })).rejects.toThrow(ValidationError);
    expect(hub.probes.tasks).toEqual([]);
  });

  it.each([
    ["icmp", "192.0.2.1"],
    ["icmp", "2001:db8::1"],
    ["icmp", "a_b.example.net"],
    ["tcp", "[2001:db8::1]:22"],
    ["tcp", "example.net"],
    ["http", "https://example.net/x?y"],
  ] as const)("take %s to %s", async (type, target) => {
    const { hub } = await start();
    expect(await hub.probes.add({ ...settings, type, target })).toMatchObject({ type, target });
  });
});
