// What clients of dashboards from v1 on read (Nezha facts 3): the same fleet, beside the older paths.
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { RawData } from "ws";
import type { AgentTask } from "../../../src/hub/ingest.ts";
import { nodeReport } from "../../support/hub-fixture.ts";
import { startNezhaSite } from "../../support/nezha-site.ts";
import type { NezhaSite } from "../../support/nezha-site.ts";

const OWNER = { "X-KVMD-User": "admin", "X-KVMD-Passwd": "correct horse" } as const;
const NEVER = "0001-01-01T00:00:00Z";
const UNAUTHORIZED = { status: 200, body: { error: "ApiErrorUnauthorized" } };
const FACTS = {
  platform: "debian",
  platformVersion: "12.7",
  cpuModels: ["AMD EPYC 2 Virtual Core"],
  virtualization: "kvm",
  arch: "x86_64",
  bootTimeSeconds: 1_767_000_000,
  agentVersion: "2.3.3",
  ipv4: "203.0.113.1",
  countryCode: "de",
  memoryTotalBytes: 1000,
  swapTotalBytes: 200,
  diskTotalBytes: 9000,
} as const;
const MEMBERS_HOST = {
  platform: "debian",
  platform_version: "12.7",
  cpu: ["AMD EPYC 2 Virtual Core"],
  mem_total: 1000,
  disk_total: 9000,
  swap_total: 200,
  arch: "x86_64",
  virtualization: "kvm",
  boot_time: 1_767_000_000,
  version: "2.3.3",
};
const { platform_version: _version, version: _agent, ...GUESTS_HOST } = MEMBERS_HOST;
const STATE = {
  cpu: 12.5,
  mem_used: 400,
  swap_used: 20,
  disk_used: 300,
  net_in_transfer: 7000,
  net_out_transfer: 6000,
  net_in_speed: 70,
  net_out_speed: 60,
  uptime: 86_400,
  load_1: 0.5,
  load_5: 0.25,
  load_15: 0.125,
  tcp_conn_count: 11,
  udp_conn_count: 12,
  process_count: 13,
  temperatures: [{ Name: "cpu", Temperature: 41.5 }],
};

/** One node that reports, one that never did, and one that is hidden. */
async function threeNodes(): Promise<NezhaSite> {
  const site = await startNezhaSite();
  await site.connect({ name: "web", group: "eu", publicRemark: "hello" }, { facts: FACTS });
  await site.add({ name: "new", group: "eu", weight: 3 });
  await site.add({ name: "secret", group: "vault", isHidden: true });
  return site;
}

const textOf = (message: RawData): string =>
  Buffer.isBuffer(message) ? message.toString("utf8") : "";

const data = (body: unknown): unknown => Reflect.get(Object(body), "data");

async function post(
  site: NezhaSite,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
) {
  const reply = await site.test.call("POST", path, {
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const parsed: unknown = JSON.parse(reply.body);
  return { status: reply.status, body: parsed, headers: reply.headers };
}

describe("signing in", () => {
  it("gives a session that works as bearer, as cookie, and as a page's own", async () => {
    const site = await startNezhaSite();
    const login = await post(site, "/api/v1/login", {
      username: "admin",
      password: "correct horse",
    });
    const { token, expire } = Object(data(login.body));
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(Date.parse(String(expire))).toBeGreaterThan(Date.now());
    expect(login.headers["set-cookie"]).toBe(`nz-jwt=${token}; HttpOnly; Path=/; SameSite=Strict`);
    for (const headers of [{ Authorization: `Bearer ${token}` }, { Cookie: `nz-jwt=${token}` }]) {
      const { body } = await site.test.call("GET", "/api/v1/profile", { headers });
      expect(data(JSON.parse(body))).toEqual({
        id: 1,
        created_at: NEVER,
        updated_at: NEVER,
        username: "admin",
        role: 0,
        login_ip: "127.0.0.1",
      });
      const again = await post(site, "/api/v1/refresh-token", {}, headers);
      expect(Object(data(again.body)).token).toBe(token);
    }
    const wrong = await post(site, "/api/v1/login", { username: "admin", password: "no" });
    expect({ status: wrong.status, body: wrong.body }).toEqual(UNAUTHORIZED);
  });

  it.each([{}, [], null, { username: 1 }, { username: "ADMIN!", password: "x" }])(
    "refuses %j without a word more",
    async (body) => {
      const site = await startNezhaSite();
      const reply = await post(site, "/api/v1/login", body);
      expect({ status: reply.status, body: reply.body }).toEqual(UNAUTHORIZED);
    },
  );

  it("tells the secret of agents to an admin, and never to a token", async () => {
    const site = await startNezhaSite({ hub: { nezha: { secret: "shared-secret" } } });
    const { body } = await site.read("/api/v1/profile");
    expect(data(body)).toMatchObject({ agent_secret: "shared-secret" });
    const made = await post(site, "/api/token", {}, OWNER);
    const { token } = Object(Reflect.get(Object(made.body), "result"));
    const asToken = await site.test.call("GET", "/api/v1/profile", {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(JSON.parse(asToken.body)).toEqual(UNAUTHORIZED.body);
  });
});

describe("what is for members", () => {
  it.each(["/api/v1/server", "/api/v1/service/list", "/api/v1/profile", "/api/v1/refresh-token"])(
    "is refused to guests: %s",
    async (path) => {
      const site = await startNezhaSite();
      expect(await site.read(path, "guest")).toEqual(UNAUTHORIZED);
    },
  );

  it("is the list of servers, in order, without what is empty", async () => {
    const site = await threeNodes();
    const { body } = await site.read("/api/v1/server");
    const times = { created_at: expect.any(String), updated_at: expect.any(String) };
    expect(body).toEqual({
      success: true,
      data: [
        {
          ...times,
          id: 1,
          name: "web",
          uuid: site.hub.registry.byId(1)?.uuid,
          public_note: "hello",
          display_index: 0,
          host: MEMBERS_HOST,
          state: STATE,
          geoip: { ip: { ipv4_addr: "203.0.113.1" }, country_code: "de" },
          last_active: new Date(site.hub.ingest.latest(1)?.at ?? 0).toISOString(),
        },
        {
          ...times,
          id: 3,
          name: "secret",
          uuid: site.hub.registry.byId(3)?.uuid,
          display_index: 0,
          hide_for_guest: true,
          host: {},
          state: {},
          geoip: { ip: {} },
          last_active: NEVER,
        },
        expect.objectContaining({ id: 2, display_index: -3 }),
      ],
    });
  });

  it.each([
    ["id=2", [2]],
    ["id=1,2", [1, 2]],
    // As in the original: what leads nowhere asks for nothing in particular.
    ["id=99", [1, 3, 2]],
    ["id=abc", [1, 3, 2]],
  ])("are the servers of %s", async (query, expected) => {
    const site = await threeNodes();
    const { body } = await site.read(`/api/v1/server?${query}`);
    const list: { data: { id: number }[] } = JSON.parse(JSON.stringify(body));
    expect(list.data.map(({ id }) => id)).toEqual(expected);
  });
});

describe("what is for guests", () => {
  it("is the page's name, and the version only for admins", async () => {
    const site = await startNezhaSite();
    const unused = { ip_change_notification_group_id: 0, cover: 0 };
    const config = { language: "en-US", site_name: "Farhand", ...unused };
    const guests = { success: true, data: { config, tsdb_enabled: true } };
    expect((await site.read("/api/v1/setting", "guest")).body).toEqual(guests);
    expect(data((await site.read("/api/v1/setting")).body)).toHaveProperty("version");
  });

  it("are groups of nodes that they see", async () => {
    const site = await threeNodes();
    const groupsFor = async (who: "guest" | "owner") => {
      const { body } = await site.read("/api/v1/server-group", who);
      const list: { data: { group: { name: string }; servers: number[] }[] } = JSON.parse(
        JSON.stringify(body),
      );
      return list.data.map(({ group, servers }) => [group.name, servers]);
    };
    expect(await groupsFor("guest")).toEqual([["eu", [1, 2]]]);
    expect(await groupsFor("owner")).toEqual([
      ["eu", [1, 2]],
      ["vault", [3]],
    ]);
  });

  it("is nothing at all where the page is private, but for its name", async () => {
    const site = await threeNodes();
    await site.hub.site.change({ isPrivate: true });
    for (const path of [
      "/api/v1/server-group",
      "/api/v1/service",
      "/api/v1/service/server",
      "/api/v1/service/1",
      "/api/v1/server/1/service",
      "/api/v1/server/1/metrics?metric=cpu",
      "/api/v1/service/1/history",
    ]) {
      expect([path, await site.read(path, "guest")]).toEqual([path, UNAUTHORIZED]);
    }
    expect((await site.read("/api/v1/setting", "guest")).status).toBe(200);
  });

  it("is an empty success where there is nothing", async () => {
    const site = await startNezhaSite();
    await site.add({});
    for (const path of ["/api/v1/server-group", "/api/v1/service/server", "/api/v1/service/1"]) {
      expect((await site.read(path, "guest")).body).toEqual({ success: true });
    }
    expect((await site.read("/api/v1/service", "guest")).body).toEqual({ success: true, data: {} });
  });

  it.each([
    ["/api/v1/service/abc", 'strconv.ParseUint: parsing "abc": invalid syntax'],
    ["/api/v1/service/99", "server not found"],
    ["/api/v1/server/3/service", "server not found"],
    ["/api/v1/server/1/service?period=7d", "unauthorized: only 1d data available for guests"],
    ["/api/v1/server/1/service?period=2d", "invalid period: 2d, expected 1d, 7d, or 30d"],
    [
      "/api/v1/server/1/service?period=constructor",
      "invalid period: constructor, expected 1d, 7d, or 30d",
    ],
    ["/api/v1/server/1/metrics?metric=none", "invalid metric name"],
    ["/api/v1/server/1/metrics", "invalid metric name"],
    ["/api/v1/service/7/history", "service not found"],
  ])("%s fails with '%s', in a success", async (path, error) => {
    const site = await threeNodes();
    expect(await site.read(path, "guest")).toEqual({ status: 200, body: { error } });
  });
});

const PROBE = {
  name: "gateway",
  type: "icmp",
  target: "192.0.2.1",
  intervalSeconds: 60,
  cover: "except",
  nodes: [],
  weight: 0,
  isDefaultOn: true,
} as const;

/** Two minutes of answers of two nodes, one of them hidden. */
async function withHistory(): Promise<{ readonly site: NezhaSite; readonly minute: number }> {
  const site = await startNezhaSite();
  const { hub } = site;
  await site.connect({ name: "web" }, { facts: FACTS });
  await site.add({ name: "secret", isHidden: true });
  await hub.probes.add(PROBE);
  await hub.probes.add({ ...PROBE, name: "vault", cover: "only", nodes: [2] });
  await hub.probes.add({ ...PROBE, name: "page", type: "http", target: "http://192.0.2.1/" });
  const minute = Math.floor(Date.now() / 60_000) * 60_000 - 120_000;
  const figures = { sent: 4, minMs: 1, maxMs: 9 };
  const pings = (meanMs: number, lost = 0) =>
    [1, 2, 3].map((task) => Object.assign({ task, meanMs, lost }, figures));
  hub.series.append([
    { node: 1, at: minute, pings: pings(10).filter(({ task }) => task !== 2) },
    { node: 1, at: minute + 60_000, pings: pings(25, 2).filter(({ task }) => task !== 2) },
    { node: 2, at: minute, pings: pings(1000) },
  ]);
  return { site, minute };
}

interface ServiceShown {
  readonly total_up: number;
  readonly delay: readonly number[];
  readonly up: readonly number[];
  readonly down: readonly number[];
}

function servicesOf(body: unknown): Readonly<Record<string, ServiceShown>> {
  const answer: { data: { services: Record<string, ServiceShown> } } = JSON.parse(
    JSON.stringify(body),
  );
  return answer.data.services;
}

describe("ping results", () => {
  it("are curves of a server, of all kinds from v2 on, with lost packets as 0 ms", async () => {
    const { site, minute } = await withHistory();
    const curve = {
      monitor_id: 1,
      server_id: 1,
      monitor_name: "gateway",
      server_name: "web",
      display_index: 0,
      created_at: [minute, minute + 60_000],
      avg_delay: [10, 12.5],
    };
    const old = await site.read("/api/v1/service/1", "guest");
    expect(old.body).toEqual({ success: true, data: [curve] });
    const now = await site.read("/api/v1/server/1/service", "guest");
    const page = { ...curve, monitor_id: 3, monitor_name: "page" };
    expect(now.body).toEqual({ success: true, data: [curve, page] });
    expect((await site.read("/api/v1/server/2/service", "guest")).body).toEqual({
      error: "server not found",
    });
    expect((await site.read("/api/v1/service/server", "guest")).body).toEqual({
      success: true,
      data: [1],
    });
    expect((await site.read("/api/v1/service/server")).body).toEqual({
      success: true,
      data: [1, 2],
    });
  });

  it("are thirty days of each task, without what hidden nodes have seen for guests", async () => {
    const { site } = await withHistory();
    const { body } = await site.read("/api/v1/service", "guest");
    const services = servicesOf(body);
    // A task that only a hidden node has is not told at all.
    expect(Object.keys(services)).toEqual(["1", "3"]);
    const [first] = Object.values(services);
    expect(first).toMatchObject({
      service_name: "gateway",
      current_up: 6,
      current_down: 2,
      total_up: 6,
      total_down: 2,
    });
    const days = [first?.delay, first?.up, first?.down];
    expect(days.map((list) => list?.length)).toEqual([30, 30, 30]);
    expect(days.map((list) => list?.at(-1))).toEqual([15, 6, 2]);
    const all = servicesOf((await site.read("/api/v1/service")).body);
    const totals = Object.entries(all).map(([id, { total_up: up }]) => [id, up]);
    expect(totals).toEqual([
      ["1", 10],
      ["2", 4],
      ["3", 10],
    ]);
    // Hiding takes effect at once.
    await site.hub.registry.edit(1, { isHidden: true });
    expect((await site.read("/api/v1/service", "guest")).body).toEqual({ success: true, data: {} });
  });

  it("are the history of one task, server by server", async () => {
    const { site, minute } = await withHistory();
    const { body } = await site.read("/api/v1/service/1/history", "guest");
    expect(data(body)).toEqual({
      service_id: 1,
      service_name: "gateway",
      servers: [
        {
          server_id: 1,
          server_name: "web",
          stats: {
            avg_delay: 15,
            up_percent: 75,
            total_up: 6,
            total_down: 2,
            data_points: [
              { ts: minute, delay: 10, status: 1 },
              { ts: minute + 60_000, delay: 12.5, status: 1 },
            ],
          },
        },
      ],
    });
    expect((await site.read("/api/v1/service/2/history", "guest")).body).toEqual({
      error: "service not found",
    });
    const members = Object(data((await site.read("/api/v1/service/2/history?period=30d")).body));
    expect(members.servers).toHaveLength(1);
  });

  it("are listed with their targets for members", async () => {
    const { site } = await withHistory();
    const { body } = await site.read("/api/v1/service/list");
    expect(Object(data(body))[1]).toEqual({
      created_at: NEVER,
      updated_at: NEVER,
      notification_group_id: 0,
      fail_trigger_tasks: [],
      recover_trigger_tasks: [],
      min_latency: 0,
      max_latency: 0,
      id: 2,
      name: "vault",
      type: 2,
      target: "192.0.2.1",
      duration: 60,
      display_index: 0,
      cover: 1,
      skip_servers: { "2": true },
      enable_show_in_service: true,
    });
  });
});

describe("curves of a server's figures", () => {
  it("are in the units of the original; what is not kept is empty", async () => {
    const site = await startNezhaSite();
    const session = await site.connect({ name: "web" }, { facts: FACTS });
    session.report(nodeReport());
    const valueOf = async (metric: string) => {
      const { body } = await site.read(`/api/v1/server/1/metrics?metric=${metric}`, "guest");
      const answer: { data: { data_points: { value: number }[] } } = JSON.parse(
        JSON.stringify(body),
      );
      const { data_points: points, ...rest } = answer.data;
      expect(rest).toEqual({ server_id: 1, server_name: "web", metric });
      return points.map(({ value }) => value);
    };
    await expect.poll(() => valueOf("cpu")).toEqual([12.5]);
    const seen = await Promise.all(
      ["memory", "net_in_speed", "load1", "temperature", "load5"].map(valueOf),
    );
    expect(seen).toEqual([[400], [70], [0.5], [41.5], []]);
  });
});

/** The frames of a feed as they come. */
async function frames(site: NezhaSite, count: number, headers: Record<string, string> = {}) {
  const url = `${site.test.url.replace("http", "ws")}/api/v1/ws/server`;
  const socket = new WebSocket(url, { headers });
  const seen: Record<string, unknown>[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.on("message", (message: RawData) => {
      const frame: Record<string, unknown> = JSON.parse(textOf(message));
      seen.push(frame);
      if (seen.length >= count) resolve();
    });
    socket.once("close", (code) => {
      reject(new Error(`closed with ${code}`));
    });
  });
  socket.terminate();
  return seen;
}

describe("the live feed /api/v1/ws/server", () => {
  it("tells guests neither versions nor hidden nodes, and notes only once", async () => {
    const site = await threeNodes();
    const [first, second] = await frames(site, 2);
    expect(first).toEqual({
      now: expect.any(Number),
      online: 1,
      servers: [
        {
          id: 1,
          name: "web",
          public_note: "hello",
          host: GUESTS_HOST,
          state: STATE,
          country_code: "de",
          last_active: new Date(site.hub.ingest.latest(1)?.at ?? 0).toISOString(),
        },
        { id: 2, name: "new", display_index: -3, host: {}, state: {}, last_active: NEVER },
      ],
    });
    expect(Object(second?.["servers"])[0]).not.toHaveProperty("public_note");
    const [members] = await frames(site, 1, OWNER);
    expect(members?.["servers"]).toEqual([
      expect.objectContaining({ name: "web", host: MEMBERS_HOST }),
      expect.objectContaining({ name: "secret" }),
      expect.objectContaining({ name: "new" }),
    ]);
  });

  it("sends guests away once the page is private", async () => {
    const site = await startNezhaSite();
    await site.hub.site.change({ isPrivate: true });
    await expect(frames(site, 1)).rejects.toThrow("closed with 1008");
    expect(await frames(site, 1, OWNER)).toEqual([{ now: expect.any(Number), online: 1 }]);
  });
});

describe("a terminal", () => {
  it("is ordered by an admin, joined by the same one, and typed into", async () => {
    const site = await startNezhaSite();
    const { hub } = site;
    const node = await site.add({ name: "web" });
    const tasks: AgentTask[] = [];
    const link = {
      send: (task: AgentTask) => tasks.push(task) > 0,
      close: () => undefined,
    };
    hub.ingest.attach({ node: node.id, dialect: "test", remoteAddress: "" }, link);
    const denied = await post(site, "/api/v1/terminal", { server_id: 1 }, OWNER);
    expect(denied.body).toEqual({ error: "permission denied" });
    await hub.control.permit({ user: "admin", address: "" }, node.id, { terminal: true });
    const ordered = await post(site, "/api/v1/terminal", { server_id: 1 }, OWNER);
    const { session_id: id, ...rest } = Object(data(ordered.body));
    expect(rest).toEqual({ server_id: 1, server_name: "web" });
    const [task] = tasks;
    const stream = task?.kind === "terminal" ? task.stream : "";
    const end = hub.control.joinTerminal(node.id, stream);
    const typed: string[] = [];
    end?.onReceive((bytes) => {
      typed.push(Buffer.from(bytes).toString("utf8"));
    });
    const sizes: number[][] = [];
    end?.onResize((columns, rows) => {
      sizes.push([columns, rows]);
    });
    const url = `${site.test.url.replace("http", "ws")}/api/v1/ws/terminal/${id}`;
    const socket = new WebSocket(url, { headers: OWNER });
    const output = new Promise<string>((resolve) => {
      socket.once("message", (message: RawData) => {
        resolve(textOf(message));
      });
    });
    await once(socket, "open");
    socket.send("text");
    socket.send(Buffer.concat([Buffer.of(0), Buffer.from("binary")]));
    socket.send(Buffer.concat([Buffer.of(1), Buffer.from('{"Rows":40,"Cols":120}')]));
    await expect.poll(() => [typed.join(" "), sizes]).toEqual(["text binary", [[120, 40]]]);
    end?.send(Buffer.from("$ "));
    expect(await output).toBe("$ ");
    const closed = once(socket, "close");
    end?.close("exited");
    expect((await closed)[0]).toBe(1000);
    const again = new WebSocket(url, { headers: OWNER });
    expect((await once(again, "close"))[0]).toBe(1008);
  });
});
