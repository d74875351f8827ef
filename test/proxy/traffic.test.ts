import { describe, expect, it } from "vitest";
import { StatType } from "../../src/protocol/pasarguard/messages.ts";
import type { Stat } from "../../src/protocol/pasarguard/messages.ts";
import { IncompleteRequestError } from "../../src/proxy/proxy-errors.ts";
import { panelConfig, panelUser, proxyFixture } from "../support/proxy-fixture.ts";

const COUNTERS = {
  "user>>>42>>>traffic>>>uplink": 10,
  "user>>>42>>>traffic>>>downlink": 20,
  "user>>>43>>>traffic>>>uplink": 30,
  "inbound>>>vless>>>traffic>>>uplink": 40,
  "outbound>>>direct>>>traffic>>>downlink": 50,
  "user>>>odd": 60,
};

async function setUp() {
  const fixture = proxyFixture();
  await fixture.start({ config: panelConfig({ counters: COUNTERS }) });
  const read = (type: number, name = "", reset = false) =>
    fixture.proxy.stats({ name, reset, type });
  const sum = async (type: number, reset = false): Promise<bigint> => {
    const { stats } = await read(type, "", reset);
    return stats.reduce((total, { value }) => total + value, 0n);
  };
  return { ...fixture, read, sum };
}

const short = ({ name, type, link, value }: Stat): string => `${name} ${type} ${link} ${value}`;

describe("traffic counters", () => {
  it.each([
    [
      StatType.UsersStat,
      "",
      ["42 uplink traffic 10", "42 downlink traffic 20", "43 uplink traffic 30"],
    ],
    [
      StatType.UsersStat,
      "43",
      ["42 uplink traffic 10", "42 downlink traffic 20", "43 uplink traffic 30"],
    ],
    [StatType.UserStat, "43", ["43 uplink traffic 30"]],
    [StatType.UserStat, "unknown", []],
    [StatType.Inbounds, "", ["vless uplink traffic 40"]],
    [StatType.Inbound, "vless", ["vless uplink traffic 40"]],
    [StatType.Outbounds, "", ["direct downlink traffic 50"]],
    [StatType.Outbound, "direct", ["direct downlink traffic 50"]],
  ])("of type %i and name '%s' are %j", async (type, name, expected) => {
    const { read } = await setUp();
    expect((await read(type, name)).stats.map(short)).toEqual(expected);
  });

  it.each([
    [StatType.Outbound, "tag required"],
    [StatType.Inbound, "tag required"],
    [StatType.UserStat, "email required"],
    [9, "not implemented stat type"],
  ])("of type %i without a name: %s", async (type, text) => {
    const { read } = await setUp();
    await expect(read(type)).rejects.toThrow(new IncompleteRequestError(text));
  });

  it("are zero after a reading that resets, and only those that were read", async () => {
    const { sum } = await setUp();
    expect(await sum(StatType.UsersStat)).toBe(60n);
    expect(await sum(StatType.UsersStat, true)).toBe(60n);
    expect(await sum(StatType.UsersStat, true)).toBe(0n);
    expect(await sum(StatType.Inbounds)).toBe(40n);
  });

  it("that did not reach the panel are part of the next reading, once", async () => {
    const { core, read, sum } = await setUp();
    const lost = await read(StatType.UsersStat, "", true);
    lost.takeBack();
    lost.takeBack();
    core.latest.core.counters.set("user>>>42>>>traffic>>>uplink", 5n);
    expect(await sum(StatType.UsersStat)).toBe(65n);
    expect(await sum(StatType.UsersStat, true)).toBe(65n);
    expect(await sum(StatType.UsersStat, true)).toBe(0n);
  });

  it("are not counted twice when a reading without reset is lost", async () => {
    const { read, sum } = await setUp();
    (await read(StatType.UsersStat)).takeBack();
    expect(await sum(StatType.UsersStat)).toBe(60n);
  });

  it("survive a restart on purpose, of every kind", async () => {
    const { proxy, core, start, sum } = await setUp();
    const config = panelConfig({ counters: COUNTERS });
    await start({ config, users: [] });
    core.latest.core.counters.set("user>>>42>>>traffic>>>uplink", 1010n);
    await proxy.syncUser(panelUser("42"));
    expect(core.lives).toHaveLength(3);
    for (const name of Object.keys(COUNTERS)) core.latest.core.counters.set(name, 0n);
    expect(await sum(StatType.UsersStat, true)).toBe(1060n);
    expect(await sum(StatType.Outbounds, true)).toBe(50n);
    expect(await sum(StatType.UsersStat, true)).toBe(0n);
  });

  it("that a panel has read survive a crash right afterwards in its hands only", async () => {
    const { core, clock, read, sum } = await setUp();
    const { stats } = await read(StatType.UsersStat, "", true);
    core.latest.crash();
    await clock.advance(3000);
    for (const name of Object.keys(COUNTERS)) core.latest.core.counters.set(name, 0n);
    expect(stats).toHaveLength(3);
    expect(await sum(StatType.UsersStat, true)).toBe(0n);
  });

  it("of an earlier panel's core are not those of the next", async () => {
    const { read, sum, start } = await setUp();
    (await read(StatType.UsersStat, "", true)).takeBack();
    await start();
    expect(await sum(StatType.UsersStat)).toBe(0n);
  });
});
