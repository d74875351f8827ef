import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { describeError } from "../../src/core/errors.ts";
import { User } from "../../src/protocol/pasarguard/messages.ts";
import { UserSyncError } from "../../src/proxy/proxy-errors.ts";
import { INBOUNDS, panelConfig, panelUser, proxyFixture } from "../support/proxy-fixture.ts";

interface Client {
  readonly email: string;
  readonly [key: string]: unknown;
}

function clientsOf(config: string, tag: string): readonly Client[] {
  const { inbounds } = JSON.parse(config) as {
    inbounds: { tag: string; settings: { clients: Client[] } }[];
  };
  return inbounds.find((inbound) => inbound.tag === tag)?.settings.clients ?? [];
}

describe("users of a Start", () => {
  it("get an account of the kind of each inbound", async () => {
    const { core, start } = proxyFixture();
    await start();
    const id = "11111111-2222-4333-8444-555555555555";
    const { config } = core.latest;
    const key = createHash("sha256").update("ss 42").digest().subarray(0, 16).toString("base64");
    expect(INBOUNDS.map((tag) => clientsOf(config, tag))).toEqual([
      [{ email: "42", level: 0, id }],
      [{ email: "42", level: 0, id, flow: "" }],
      [{ email: "42", level: 0, password: "trojan 42" }],
      [{ email: "42", level: 0, password: "ss 42", method: "aes-256-gcm" }],
      [{ email: "42", level: 0, password: key }],
    ]);
  });

  it("are only in the inbounds that name them, the last of one name winning", async () => {
    const { core, start } = proxyFixture();
    await start({
      users: [panelUser("42", ["vmess"]), panelUser("42", ["vless"]), panelUser("43", ["VLESS"])],
    });
    expect(INBOUNDS.map((tag) => core.latest.core.usersOf(tag))).toEqual([[], ["42"], [], [], []]);
  });

  it("without a usable account are left out, so that the core starts", async () => {
    const { core, start } = proxyFixture();
    const broken = User.create({
      email: "44",
      proxies: {
        vmess: { id: "" },
        vless: { id: "no uuid", flow: "" },
        trojan: { password: "" },
        shadowsocks: { password: "p", method: "rot13" },
        wireguard: undefined,
        hysteria: { auth: "" },
      },
      inbounds: INBOUNDS,
    });
    await start({ users: [broken, User.create({ email: "45", inbounds: INBOUNDS })] });
    expect(INBOUNDS.map((tag) => core.latest.core.usersOf(tag))).toEqual([[], [], [], [], ["44"]]);
  });

  it("keep a key of shadowsocks 2022 that is one already", async () => {
    const { core, start } = proxyFixture();
    const key = Buffer.alloc(16, 7).toString("base64");
    const user = panelUser("42");
    const proxies = { ...user.proxies, shadowsocks: { password: key, method: "" } };
    await start({ users: [User.create({ ...user, proxies: { ...proxies } as never })] });
    expect(clientsOf(core.latest.config, "ss22")).toMatchObject([{ password: key }]);
  });

  it("do not touch excluded inbounds", async () => {
    const { proxy, core, start } = proxyFixture();
    await start({ excludeInbounds: ["vless"] });
    await proxy.syncUser(panelUser("43"));
    expect(core.latest.core.usersOf("vless")).toEqual([]);
    expect(core.latest.core.usersOf("vmess")).toEqual(["42", "43"]);
  });
});

describe("one user", () => {
  it("is added, changed and removed while the core runs", async () => {
    const { proxy, core, start } = proxyFixture();
    await start();
    await proxy.syncUser(panelUser("43"));
    await proxy.syncUser(panelUser("42", ["vmess", "ss"]));
    const { core: running } = core.latest;
    expect(INBOUNDS.map((tag) => running.usersOf(tag))).toEqual([
      ["42", "43"],
      ["43"],
      ["43"],
      ["42", "43"],
      ["43"],
    ]);
    expect(running.accountOf("ss22", "43")).toBe("xray.proxy.shadowsocks_2022.Account");
    await proxy.syncUser(panelUser("43", []));
    expect(running.usersOf("vmess")).toEqual(["42"]);
    expect(core.lives).toHaveLength(1);
  });

  it("is put in order where the core has another idea", async () => {
    const { proxy, core, start } = proxyFixture();
    await start();
    core.latest.core.inbounds.get("vmess")?.users.set("43", "unknown");
    core.latest.core.inbounds.get("vmess")?.users.delete("42");
    await proxy.syncUser(panelUser("43"));
    await proxy.syncUser(panelUser("42"));
    expect(core.latest.core.usersOf("vmess")).toEqual(["42", "43"]);
  });

  it("without a name is refused", async () => {
    const { proxy, start } = proxyFixture();
    await start();
    await expect(proxy.syncUser(panelUser(""))).rejects.toThrow("email is required");
  });

  it("whom the core refuses is reported for every inbound", async () => {
    const { proxy, core, start } = proxyFixture();
    await start();
    const refusal = proxy.syncUser(panelUser("refuse", ["vmess", "trojan"]));
    await expect(refusal).rejects.toThrow(UserSyncError);
    await expect(refusal).rejects.toThrow(
      /^failed to add user:\nvmess: refuse: .*failed to parse user\ntrojan: refuse: /,
    );
    expect(core.lives).toHaveLength(1);
  });

  it("who is the first of a shadowsocks 2022 inbound costs a restart, and no traffic", async () => {
    const { proxy, core, start } = proxyFixture();
    await start({ users: [] });
    core.latest.core.counters.set("user>>>42>>>traffic>>>uplink", 500n);
    await proxy.syncUser(panelUser("42"));
    expect(core.lives.map(({ isRunning }) => isRunning)).toEqual([false, true]);
    expect(core.latest.core.usersOf("ss22")).toEqual(["42"]);
    const { stats } = await proxy.stats({ name: "42", reset: true, type: 5 });
    expect(stats).toEqual([{ name: "42", link: "traffic", type: "uplink", value: 500n }]);
    await proxy.syncUser(panelUser("43"));
    expect(core.lives).toHaveLength(2);
  });
});

describe("many users", () => {
  const many = (count: number, inbounds?: readonly string[]): readonly User[] =>
    Array.from({ length: count }, (_, index) => panelUser(`user-${index}`, inbounds));

  it("are merged: others stay, and nobody who is in order is touched", async () => {
    const { proxy, core, start } = proxyFixture();
    await start();
    await proxy.mergeUsers(many(250));
    expect(core.latest.core.usersOf("vless")).toHaveLength(251);
    const before = core.latest.core.calls.get("AlterInbound");
    await proxy.mergeUsers(many(250));
    expect(core.latest.core.calls.get("AlterInbound")).toBe(before);
    await proxy.mergeUsers(many(10, ["vmess"]));
    expect(core.latest.core.usersOf("vless")).toHaveLength(241);
    expect(core.lives).toHaveLength(1);
  });

  it("replace all others", async () => {
    const { proxy, core, start } = proxyFixture();
    await start();
    await proxy.mergeUsers(many(50));
    await proxy.replaceUsers([panelUser("user-7"), panelUser("new")]);
    for (const tag of INBOUNDS) expect(core.latest.core.usersOf(tag)).toEqual(["new", "user-7"]);
    await proxy.replaceUsers([]);
    expect(core.latest.core.usersOf("vmess")).toEqual([]);
  });

  it("are all in effect but the refused ones, who are tried again the next time", async () => {
    const { proxy, core, start } = proxyFixture();
    await start();
    const wanted = [panelUser("a"), panelUser("refuse"), panelUser("b")];
    await expect(proxy.mergeUsers(wanted)).rejects.toThrow(/^failed to update users:\n/);
    expect(core.latest.core.usersOf("vmess")).toEqual(["42", "a", "b"]);
    const before = core.latest.core.calls.get("AlterInbound") ?? 0;
    await expect(proxy.mergeUsers(wanted)).rejects.toThrow(UserSyncError);
    const removalsAndAdditions = 2 * INBOUNDS.length;
    expect(core.latest.core.calls.get("AlterInbound")).toBe(before + removalsAndAdditions);
  });

  it("are in effect after a crash in the middle", async () => {
    const { proxy, core, clock, start } = proxyFixture();
    await start();
    const wanted = [...many(100), panelUser("crash", ["vmess"]), ...many(50)];
    await expect(proxy.mergeUsers(wanted)).rejects.toThrow(UserSyncError);
    await clock.advance(2000);
    expect(core.lives).toHaveLength(2);
    expect(core.latest.core.usersOf("vless")).toHaveLength(101);
  });

  it("beyond what can be told one by one in time come with a new core, and no traffic is lost", async () => {
    const { proxy, core, start } = proxyFixture();
    await start();
    core.latest.core.counters.set("user>>>42>>>traffic>>>uplink", 500n);
    await proxy.mergeUsers(many(2000));
    expect(core.lives).toHaveLength(2);
    expect(core.latest.core.calls.get("AlterInbound")).toBeUndefined();
    expect(core.latest.core.usersOf("ss")).toHaveLength(2001);
    const { stats } = await proxy.stats({ name: "42", reset: true, type: 5 });
    expect(stats).toMatchObject([{ value: 500n }]);
  });

  it("leave no core behind when the node ends in the middle of it", async () => {
    const { proxy, core, clock, start } = proxyFixture();
    await start();
    core.isSilent = true;
    const outcome = proxy.mergeUsers(many(2000)).catch(describeError);
    await clock.advance(500);
    expect(core.lives.map(({ isRunning }) => isRunning)).toEqual([false, true]);
    await proxy.close();
    expect(core.lives.map(({ isRunning }) => isRunning)).toEqual([false, false]);
    expect(await outcome).toBe("context cancelled");
  });

  it("wait for each other, and figures do not wait for them", async () => {
    const { proxy, core, start } = proxyFixture();
    await start();
    const order: string[] = [];
    const note = (what: string) => () => order.push(what);
    await Promise.all([
      proxy.mergeUsers(many(200)).then(note("first")),
      proxy.replaceUsers([panelUser("last")]).then(note("second")),
      proxy.backendStats().then(note("figures")),
    ]);
    expect(order).toEqual(["figures", "first", "second"]);
    expect(core.latest.core.usersOf("ss")).toEqual(["last"]);
  });
});

describe("flows", () => {
  it("of an inbound are stronger than those of a user, in the core's API only", async () => {
    const { proxy, core, start } = proxyFixture();
    const config = panelConfig().replace(
      '{"tag":"vless","protocol":"vless","settings":{}}',
      '{"tag":"vless","protocol":"vless","settings":{"flow":"xtls-rprx-vision"}}',
    );
    await start({ config });
    await proxy.syncUser(panelUser("43"));
    expect(clientsOf(core.latest.config, "vless")).toMatchObject([{ flow: "" }]);
    expect(core.latest.core.lastValue).toContain("xtls-rprx-vision");
  });
});
