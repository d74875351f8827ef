// The response examples of the v0 documentation, with the fields that the real server has added since, and what the
// real server does where the documentation says otherwise (Nezha facts 2).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countryOfFlag } from "../../../src/api/nezha/http/node-figures.ts";
import { shortFloat } from "../../../src/api/nezha/http/v0-view.ts";
import { parseRegistration, registrationBody } from "../../../src/protocol/nezha/http.ts";
import { connectWs } from "../../support/ws-client.ts";
import { WebSocket } from "ws";
import { shapeOf, startNezhaSite } from "../../support/nezha-site.ts";
import type { NezhaSite } from "../../support/nezha-site.ts";

const NEVER = -62_135_596_800;
const REFUSED = { code: 403, message: "访问此接口需要认证" };
/** The machine of the example. */
const EXAMPLE = {
  facts: {
    platform: "darwin",
    platformVersion: "12.3.1",
    cpuModels: ["Apple M1 Pro 1 Physical Core"],
    memoryTotalBytes: 17_179_869_184,
    diskTotalBytes: 2_473_496_842_240,
    swapTotalBytes: 0,
    arch: "arm64",
    bootTimeSeconds: 1_652_683_962,
    countryCode: "hk",
    ipv4: "1.1.1.1",
  },
  report: {
    cpuPercent: 17.33,
    memoryUsedBytes: 14_013_841_408,
    swapTotalBytes: 0,
    swapUsedBytes: 0,
    diskUsedBytes: 2_335_048_912_896,
    receivedBytes: 2_710_273_234,
    sentBytes: 695_454_765,
    receivedBytesPerSecond: 10_806,
    sentBytesPerSecond: 5303,
    uptimeSeconds: 331_080,
    load1: 5.23,
    load5: 4.87,
    load15: 3.99,
    tcpConnections: 195,
    udpConnections: 70,
    processCount: 437,
    temperatures: [],
    gpus: [],
  },
} as const;
const EXAMPLE_HOST = {
  Platform: "darwin",
  PlatformVersion: "12.3.1",
  CPU: ["Apple M1 Pro 1 Physical Core"],
  MemTotal: 17_179_869_184,
  DiskTotal: 2_473_496_842_240,
  SwapTotal: 0,
  Arch: "arm64",
  Virtualization: "",
  BootTime: 1_652_683_962,
  CountryCode: "hk",
  Version: "",
  GPU: null,
};
const EXAMPLE_STATUS = {
  CPU: 17.33,
  MemUsed: 14_013_841_408,
  SwapUsed: 0,
  DiskUsed: 2_335_048_912_896,
  NetInTransfer: 2_710_273_234,
  NetOutTransfer: 695_454_765,
  NetInSpeed: 10_806,
  NetOutSpeed: 5303,
  Uptime: 331_080,
  Load1: 5.23,
  Load5: 4.87,
  Load15: 3.99,
  TcpConnCount: 195,
  UdpConnCount: 70,
  ProcessCount: 437,
  Temperatures: null,
  GPU: 0,
};
const zeros = (object: object): object =>
  Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      key,
      typeof value === "number" ? 0 : typeof value === "string" ? "" : null,
    ]),
  );

/** The two servers of the examples. */
async function exampleSite(): Promise<NezhaSite> {
  const site = await startNezhaSite();
  await site.connect({ name: "Server1", group: "Tag1" }, EXAMPLE);
  await site.add({ name: "Server2", group: "Tag2" });
  return site;
}

function resultOf(body: unknown): readonly Readonly<Record<string, unknown>>[] {
  const answer: { result: readonly Readonly<Record<string, unknown>>[] } = JSON.parse(
    JSON.stringify(body),
  );
  return answer.result;
}

describe("GET /api/v1/server/list", () => {
  it("answers as in the example", async () => {
    const site = await exampleSite();
    const { status, body } = await site.read("/api/v1/server/list?tag=");
    expect(status).toBe(200);
    const since = { display_index: 0, hide_for_guest: false };
    expect(body).toEqual({
      code: 0,
      message: "success",
      result: [
        {
          id: 1,
          name: "Server1",
          tag: "Tag1",
          last_active: Math.floor((site.hub.ingest.latest(1)?.at ?? 0) / 1000),
          ipv4: "1.1.1.1",
          ipv6: "",
          valid_ip: "1.1.1.1",
          ...since,
        },
        {
          id: 2,
          name: "Server2",
          tag: "Tag2",
          last_active: NEVER,
          ipv4: "",
          ipv6: "",
          valid_ip: "",
          ...since,
        },
      ],
    });
    const [first = {}] = resultOf(body);
    expect(Object.keys(first)).toEqual([
      "id",
      "name",
      "tag",
      "last_active",
      "ipv4",
      "ipv6",
      "valid_ip",
      "display_index",
      "hide_for_guest",
    ]);
  });

  it("knows the groups, and an unknown one is an empty list", async () => {
    const site = await exampleSite();
    const ids = async (query: string) =>
      resultOf((await site.read(`/api/v1/server/list?${query}`)).body).map(({ id }) => id);
    expect([await ids("tag=Tag2"), await ids("tag=tag2"), await ids("tag=none")]).toEqual([
      [2],
      [],
      [],
    ]);
  });
});

describe("GET /api/v1/server/details", () => {
  it("answers as in the example: zeros for a server that never reported, null for lists", async () => {
    const site = await exampleSite();
    const { body } = await site.read("/api/v1/server/details?id=1,2&tag=");
    const [first = {}, second = {}] = resultOf(body);
    expect(first).toMatchObject({ id: 1, host: EXAMPLE_HOST, status: EXAMPLE_STATUS });
    expect(Object.keys(first)).toEqual([
      "id",
      "name",
      "tag",
      "last_active",
      "ipv4",
      "ipv6",
      "valid_ip",
      "display_index",
      "hide_for_guest",
      "host",
      "status",
    ]);
    expect(second).toMatchObject({
      id: 2,
      last_active: NEVER,
      host: { ...zeros(EXAMPLE_HOST), CPU: null },
      status: zeros(EXAMPLE_STATUS),
    });
    expect(Object.keys(Object(first["host"]))).toEqual(Object.keys(EXAMPLE_HOST));
    expect(Object.keys(Object(first["status"]))).toEqual(Object.keys(EXAMPLE_STATUS));
  });

  it("writes lists that an agent sends, and prefers the older address", async () => {
    const site = await startNezhaSite();
    await site.connect(
      { name: "full" },
      {
        facts: { gpuModels: ["A100"], ipv4: "203.0.113.1", ipv6: "2001:db8::1" },
        report: { gpuPercent: 7.5, temperatures: [{ name: "cpu", celsius: 41.5 }] },
      },
    );
    const [node] = resultOf((await site.read("/api/v1/server/details")).body);
    expect(node).toMatchObject({
      ipv6: "2001:db8::1",
      valid_ip: "203.0.113.1",
      host: { GPU: ["A100"] },
      status: { GPU: 7.5, Temperatures: [{ Name: "cpu", Temperature: 41.5 }] },
    });
  });

  it("tells order and who is hidden in the list of all only, where clients look for it", async () => {
    const site = await startNezhaSite();
    await site.add({ name: "later", weight: 5 });
    await site.add({ name: "hidden", isHidden: true });
    const pairs = async (query: string) =>
      resultOf((await site.read(`/api/v1/server/details${query}`)).body).map((node) => [
        node["display_index"],
        node["hide_for_guest"],
      ]);
    // Smaller weights come first elsewhere, larger numbers here.
    expect(await pairs("")).toEqual([
      [-5, false],
      [0, true],
    ]);
    expect(await pairs("?id=1,2")).toEqual([
      [0, false],
      [0, false],
    ]);
  });

  it.each([
    // The documentation says that id comes first; the real server looks at the tag first.
    ["id=1&tag=Tag2", [2]],
    ["id=2,1", [2, 1]],
    ["id=1,1", [1, 1]],
    ["id=abc", []],
    ["id=-1", []],
    ["id=999", []],
    ["id=1,abc,999,2", [1, 2]],
    ["id=9007199254740993", []],
    ["tag=none", []],
  ] as const)("understands %s as the real server does", async (query, expected) => {
    const site = await exampleSite();
    const { status, body } = await site.read(`/api/v1/server/details?${query}`);
    expect([status, resultOf(body).map(({ id }) => id)]).toEqual([200, expected]);
  });
});

describe("the credential", () => {
  it.each(["/api/v1/server/list", "/api/v1/server/details"])(
    "is demanded by %s, in a success",
    async (path) => {
      const site = await startNezhaSite();
      for (const authorization of ["", "x".repeat(32), "Bearer nothing"]) {
        const headers = authorization === "" ? {} : { Authorization: authorization };
        const { status, body } = await site.test.call("GET", path, { headers });
        expect([status, JSON.parse(body)]).toEqual([200, REFUSED]);
      }
    },
  );

  it("is a token as it is, or after Bearer, or the cookie of the original", async () => {
    const site = await startNezhaSite();
    const made = await site.test.call("POST", "/api/token", {
      headers: { ...OWNER, "Content-Type": "application/json" },
      body: JSON.stringify({ Note: "for a bot" }),
    });
    const { code, message, result }: { code: number; message: string; result: { token: string } } =
      JSON.parse(made.body);
    expect([code, message, result]).toEqual([
      200,
      "success",
      { note: "for a bot", token: result.token },
    ]);
    expect(result.token).toHaveLength(32);
    const login = await site.test.call("POST", "/api/v1/login", {
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ username: "admin", password: "correct horse" }),
    });
    const session: { data: { token: string } } = JSON.parse(login.body);
    for (const headers of [
      { Authorization: result.token },
      { Authorization: `Bearer ${result.token}` },
      { Cookie: `nezha-dashboard=${session.data.token}` },
    ]) {
      const { body } = await site.test.call("GET", "/api/v1/server/list", { headers });
      expect(JSON.parse(body)).toEqual({ code: 0, message: "success", result: [] });
    }
    // It is listed without its text, cannot make others, and is gone when it is removed.
    const asToken = { Authorization: result.token };
    const refused = await site.test.call("POST", "/api/token", { headers: asToken, body: "{}" });
    expect(JSON.parse(refused.body)).toEqual(REFUSED);
    const listed = JSON.stringify((await site.read("/api/token")).body);
    expect(listed).toContain("for a bot");
    expect(listed).not.toContain(result.token);
    const remove = () => site.test.call("DELETE", `/api/token/${result.token}`, { headers: OWNER });
    expect(JSON.parse((await remove()).body)).toEqual({ code: 200, message: "success" });
    expect(JSON.parse((await remove()).body)).toEqual({ code: 400, message: "token 不存在" });
    const { body } = await site.test.call("GET", "/api/v1/server/list", { headers: asToken });
    expect(JSON.parse(body)).toEqual(REFUSED);
  });
});

const OWNER = { "X-KVMD-User": "admin", "X-KVMD-Passwd": "correct horse" } as const;

/** Two minutes of answers. */
async function withPings(site: NezhaSite): Promise<{ readonly minute: number }> {
  const { hub } = site;
  const shared = { target: "192.0.2.1", intervalSeconds: 60, cover: "except", nodes: [] } as const;
  const rest = { weight: 0, isDefaultOn: true } as const;
  for (const name of ["Monitor1", "Monitor2"]) {
    await hub.probes.add({ ...shared, ...rest, name, type: "icmp" });
  }
  await hub.probes.add({
    ...shared,
    ...rest,
    name: "page",
    type: "http",
    target: "http://x.example",
  });
  const minute = Math.floor(Date.now() / 60_000) * 60_000 - 120_000;
  const figures = { sent: 2, lost: 0, minMs: 60, maxMs: 70 };
  const pings = [
    { ...figures, task: 1, meanMs: 68.2 },
    { ...figures, task: 2, meanMs: 66.6, lost: 1 },
    { ...figures, task: 3, meanMs: 5 },
  ];
  hub.series.append([
    { node: 1, at: minute, pings },
    { node: 1, at: minute + 60_000, pings: [{ ...figures, task: 1, meanMs: 70.1 }] },
  ]);
  return { minute };
}

describe("GET /api/v1/monitor/{id}", () => {
  it("answers as in the example, to guests as well, with a lost packet as 0 ms", async () => {
    const site = await startNezhaSite();
    await site.add({ name: "Server1" });
    const { minute } = await withPings(site);
    const { status, body } = await site.read("/api/v1/monitor/1", "guest");
    expect(status).toBe(200);
    const shared = { server_id: 1, server_name: "Server1" };
    expect(body).toEqual({
      code: 0,
      message: "success",
      result: [
        {
          ...shared,
          monitor_id: 1,
          monitor_name: "Monitor1",
          created_at: [minute, minute + 60_000],
          avg_delay: [68.2, 70.1],
        },
        {
          ...shared,
          monitor_id: 2,
          monitor_name: "Monitor2",
          created_at: [minute],
          avg_delay: [33.3],
        },
      ],
    });
    const [first = {}] = resultOf(body);
    expect(Object.keys(first)).toEqual([
      "monitor_id",
      "server_id",
      "monitor_name",
      "server_name",
      "created_at",
      "avg_delay",
    ]);
  });

  it("is an empty list without any answer, where the original says null", async () => {
    const site = await startNezhaSite();
    await site.add({});
    expect((await site.read("/api/v1/monitor/1")).body).toEqual({
      code: 0,
      message: "success",
      result: [],
    });
  });

  it.each([
    ["abc", 400, { code: 400, message: "id参数错误" }],
    ["-1", 400, { code: 400, message: "id参数错误" }],
    ["0", 404, { code: 404, message: "id不存在" }],
    ["99", 404, { code: 404, message: "id不存在" }],
    ["1", 403, { code: 403, message: "需要认证" }],
  ])("answers a guest who asks for %s with %d", async (id, status, body) => {
    const site = await startNezhaSite();
    await site.add({ isHidden: true });
    expect(await site.read(`/api/v1/monitor/${id}`, "guest")).toEqual({ status, body });
  });

  it("shows a hidden node to those who are signed in, and nothing to guests of a private page", async () => {
    const site = await startNezhaSite();
    await site.add({ isHidden: true });
    expect((await site.read("/api/v1/monitor/1")).status).toBe(200);
    await site.hub.site.change({ isPrivate: true });
    const closed = { status: 200, body: { code: 403, message: "访问受限" } };
    expect(await site.read("/api/v1/monitor/1", "guest")).toEqual(closed);
  });
});

describe("POST /api/v1/server/register", () => {
  const post = (
    site: NezhaSite,
    query: string,
    body: string,
    headers: Record<string, string> = OWNER,
  ) =>
    site.test.call("POST", `/api/v1/server/register${query}`, {
      headers: { ...headers, "Content-Type": "application/json" },
      body,
    });

  it("makes a node with the documented defaults, and its secret lets an agent in", async () => {
    const site = await startNezhaSite();
    const { status, body } = await post(site, "", "{}");
    expect(status).toBe(200);
    const answer: Record<string, unknown> = JSON.parse(body);
    expect(shapeOf(answer)).toEqual({ code: "number", message: "string", secret: "string" });
    expect(answer).toMatchObject({ code: 200, message: "Server created successfully" });
    const [node] = site.hub.registry.nodes;
    expect(node).toMatchObject({
      name: "127.0.0.1",
      group: "AutoRegister",
      remark: "",
      isHidden: true,
    });
    expect(site.hub.registry.authenticate(String(answer["secret"]))?.id).toBe(node?.id);
    expect(parseRegistration(body)).toEqual({ ok: true, secret: answer["secret"] });
    const [made, wanted] = await site.hub.audit.list({});
    expect(made).toMatchObject({ user: "admin", action: "node.added", node: node?.id });
    expect(wanted).toMatchObject({ user: "admin", action: "node.add" });
  });

  it.each(["1", "true"])("tells the secret alone with simple=%s, in quotes", async (simple) => {
    const site = await startNezhaSite();
    const { body, headers } = await post(site, `?simple=${simple}`, '{"name":"abcd"}');
    expect(body).toMatch(/^"[0-9A-Za-z]{32}"$/);
    expect(headers["content-type"]).toBe("application/json; charset=utf-8");
  });

  it("takes what it is told, names in any case", async () => {
    const site = await startNezhaSite();
    const wanted = { name: "abcd", tag: "T", note: "N", hideForGuest: false };
    await post(site, "", registrationBody({ ...wanted, hideForGuest: true }));
    await post(site, "", JSON.stringify({ NAME: "b", tag: "", hideforguest: "off" }));
    expect(site.hub.registry.nodes).toMatchObject([
      { name: "abcd", group: "T", remark: "N", isHidden: true },
      { name: "b", group: "AutoRegister", isHidden: false },
    ]);
  });

  it.each(["", "[]", "{", '"x"', '{"Name":1}'])("refuses the body %j", async (body) => {
    const site = await startNezhaSite();
    const reply = await post(site, "?simple=1", body);
    const failed = { code: 400, message: "Parse JSON failed", secret: "" };
    expect([reply.status, JSON.parse(reply.body)]).toEqual([400, failed]);
    expect(site.hub.registry.nodes).toEqual([]);
  });

  it("says why nothing was made", async () => {
    const site = await startNezhaSite({ hub: { maxNodes: 1 } });
    await post(site, "", "{}");
    const full = await post(site, "", "{}");
    const message = "Database error: There are 1 nodes already";
    expect([full.status, JSON.parse(full.body)]).toEqual([500, { code: 500, message, secret: "" }]);
    expect((await post(site, "?simple=1", "{}")).body).toBe('""');
    const stranger = await post(site, "", "{}", {});
    expect([stranger.status, JSON.parse(stranger.body)]).toEqual([200, REFUSED]);
  });
});

/** The first frame of a feed. */
function firstFrame(
  site: NezhaSite,
  path: string,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const socket = new WebSocket(`${site.test.url.replace("http", "ws")}${path}`, { headers });
  return new Promise((resolve, reject) => {
    socket.once("message", (data: Buffer) => {
      socket.close();
      resolve(JSON.parse(data.toString("utf8")));
    });
    socket.once("close", (code) => {
      reject(new Error(`closed with ${code}`));
    });
    socket.once("error", reject);
  });
}

describe("the live feed /ws", () => {
  it("begins at once with every node, in order, with the objects of the real server", async () => {
    const site = await startNezhaSite();
    await site.connect({ name: "last", weight: 1 }, EXAMPLE);
    await site.add({ name: "first" });
    await site.add({ name: "secret", isHidden: true });
    const frame: { now: number; servers: Record<string, unknown>[] } = JSON.parse(
      JSON.stringify(await firstFrame(site, "/ws")),
    );
    expect(frame.now % 1000).toBe(0);
    expect(frame.servers.map(({ Name }) => Name)).toEqual(["first", "last"]);
    expect(frame.servers[0]).toMatchObject({ DeletedAt: null, LastActive: "0001-01-01T00:00:00Z" });
    expect(frame.servers[1]).toMatchObject({ Host: EXAMPLE_HOST, State: EXAMPLE_STATUS });
    expect(Object.keys(frame.servers[1] ?? {})).toEqual([
      "ID",
      "CreatedAt",
      "UpdatedAt",
      "DeletedAt",
      "Name",
      "Tag",
      "DisplayIndex",
      "HideForGuest",
      "EnableDDNS",
      "Host",
      "State",
      "LastActive",
    ]);
    const all: { servers: unknown[] } = JSON.parse(
      JSON.stringify(await firstFrame(site, "/ws", OWNER)),
    );
    expect(all.servers).toHaveLength(3);
  });

  it("leaves the servers out when there are none, and guests when the page is private", async () => {
    const site = await startNezhaSite();
    expect(shapeOf(await firstFrame(site, "/ws"))).toEqual({ now: "number" });
    await site.hub.site.change({ isPrivate: true });
    await expect(firstFrame(site, "/ws")).rejects.toThrow("closed with 1008");
    expect(shapeOf(await firstFrame(site, "/ws", OWNER))).toEqual({ now: "number" });
  });

  it("goes on", async () => {
    const site = await startNezhaSite();
    const client = await connectWs(site.test.url, "/ws", {});
    expect(await client.close()).toBe(1005);
  });
});

describe("small conversions", () => {
  it("writes the shortest number that is the same in 32 bits", () => {
    fc.assert(
      fc.property(fc.float({ min: 0, max: Math.fround(60_000), noNaN: true }), (value) => {
        const short = shortFloat(value);
        expect(Math.fround(short)).toBe(value);
        expect(String(short).replace(/^0\.0*|[.]|e.*$/g, "").length).toBeLessThanOrEqual(10);
      }),
    );
    expect([shortFloat(68.2275), shortFloat(0), shortFloat(0.1)]).toEqual([68.2275, 0, 0.1]);
  });

  it("finds the country of a flag, and none in other texts", () => {
    expect(["🇭🇰", "🇺🇸", "", "HK", "🏴", "🇭", "🇭🇰🇭🇰"].map(countryOfFlag)).toEqual([
      "hk",
      "us",
      "",
      "",
      "",
      "",
      "",
    ]);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0x1f1e0, max: 0x1f205 }), { maxLength: 3 }),
        (points) => {
          expect(countryOfFlag(String.fromCodePoint(...points))).toMatch(/^(?:[a-z]{2})?$/);
        },
      ),
    );
  });
});
