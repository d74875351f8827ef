import { describe, expect, it } from "vitest";
import { nodeReport } from "../../support/hub-fixture.ts";
import { loadFigures, pingFigures } from "../../support/hub-storage.ts";
import { komariSite, minutesBefore } from "../../support/komari-site.ts";
import type { KomariSite } from "../../support/komari-site.ts";
import { openTextSocket } from "../../support/text-socket.ts";

// The examples of the published description of the dialect, as data: every key has to be there with the same type.
// Keys beside them are those that newer servers have added. Where the servers differ from the description, the test
// says so.

const ME = {
  "2fa_enabled": false,
  logged_in: true,
  sso_id: "",
  sso_type: "",
  username: "admin",
  uuid: "dba6c900-0b7f-4513-b0c5-45e21acb64a0",
};

const PUBLIC = {
  allow_cors: true,
  custom_body: "",
  custom_head: "",
  description: "A simple server monitor tool.",
  disable_password_login: false,
  oauth_enable: false,
  ping_record_preserve_time: 24,
  record_enabled: true,
  record_preserve_time: 720,
  sitename: "Komari Monitor",
};

const VERSION = { hash: "bb43b25e373f9f4c6b1ce096eef95138b3525676", version: "dev" };

const NODE = {
  uuid: "4addbaf1-7ffb-474c-98ee-4ffd476755ff",
  name: "Localhost",
  cpu_name: "DO-Regular",
  virtualization: "kvm",
  arch: "amd64",
  cpu_cores: 1,
  os: "Debian GNU/Linux 12 (bookworm)",
  gpu_name: "Red Hat, Inc. Virtio 1.0 GPU (rev 01)",
  region: "🇸🇬",
  mem_total: 479_670_272,
  swap_total: 2_147_479_552,
  disk_total: 10_524_137_472,
  weight: 0,
  price: -1,
  billing_cycle: 30,
  currency: "$",
  expired_at: "2026-04-13 00:00:00.0000000+00:00",
  group: "新加坡",
  tags: "",
  created_at: "2025-05-30 09:10:19.1305505+00:00",
  updated_at: "2025-07-15 07:31:41.9808535+00:00",
};

const REPORT = {
  cpu: { usage: 3.960_396_039_846_468_6 },
  ram: { total: 479_670_272, used: 179_847_168 },
  swap: { total: 2_147_479_552, used: 104_382_464 },
  load: { load1: 0.07, load5: 0.04, load15: 0.01 },
  disk: { total: 10_524_137_472, used: 6_860_439_552 },
  network: { up: 318, down: 124, totalUp: 9_935_855_576, totalDown: 32_250_973_581 },
  connections: { tcp: 59, udp: 4 },
  uptime: 3_975_401,
  process: 80,
  message: "",
  updated_at: "2025-07-15T07:32:34.566485833Z",
};

const LOAD_RECORD = {
  client: "4addbaf1-7ffb-474c-98ee-4ffd476755ff",
  time: "2025-07-15T07:30:00.000Z",
  cpu: 15.5,
  gpu: 0,
  // Bytes on every server, although the description shows and says percent.
  ram: 45.8,
  ram_total: 479_670_272,
  swap: 4.9,
  swap_total: 2_147_479_552,
  load: 0.07,
  temp: 45.2,
  disk: 65.2,
  disk_total: 10_524_137_472,
  net_in: 1024,
  net_out: 2048,
  net_total_up: 9_935_855_576,
  net_total_down: 32_250_973_581,
  process: 80,
  connections: 59,
  connections_udp: 4,
};

const PING_RECORD = { task_id: 1, time: "2025-07-15T07:30:00.000Z", value: 25.5 };
const PING_TASK = { id: 1, interval: 30, name: "百度" };

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

type Tree = Readonly<Record<string, unknown>>;

function shapeOf(value: unknown): unknown {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  if (Array.isArray(value)) return value.map(shapeOf);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}

/** The part of an answer that an example has, as types. */
function likeExample(answer: unknown, example: Tree): void {
  expect(shapeOf(answer)).toMatchObject(shapeOf(example) as Tree);
}

interface Enveloped<T> {
  readonly status: string;
  readonly message: string;
  readonly data: T;
}

async function siteWithNode(): Promise<{ site: KomariSite; uuid: string; id: number }> {
  const site = await komariSite();
  const { node } = await site.addNode(
    {
      name: "Localhost",
      group: "新加坡",
      price: -1,
      billingCycleDays: 30,
      expiresAt: Date.UTC(2026, 3, 13),
      tags: ["a", "b<red>"],
    },
    {
      osName: "Debian GNU/Linux 12 (bookworm)",
      cpuModels: ["DO-Regular"],
      gpuModels: ["Virtio GPU"],
      countryCode: "sg",
      arch: "amd64",
      virtualization: "kvm",
      logicalCores: 1,
      memoryTotalBytes: 479_670_272,
      swapTotalBytes: 2_147_479_552,
      diskTotalBytes: 10_524_137_472,
      ipv4: "203.0.113.9",
      agentVersion: "1.2.3",
    },
  );
  return { site, uuid: node.uuid, id: node.id };
}

describe("the published examples", () => {
  it("of /api/me: who is signed in, and a guest in two keys", async () => {
    const site = await komariSite();
    const { json } = await site.asAdmin<Tree>("/api/me");
    likeExample(json, ME);
    expect(json).toMatchObject({ username: "admin", logged_in: true });
    expect(Object.keys(json).sort()).toEqual(Object.keys(ME).sort());
    const guest = await site.asGuest("/api/me");
    expect([guest.status, guest.json]).toEqual([200, { username: "Guest", logged_in: false }]);
  });

  it("of /api/public: the settings with hours as numbers", async () => {
    const site = await komariSite();
    const { json } = await site.asGuest<Enveloped<Tree>>("/api/public");
    expect({ status: json.status, message: json.message }).toEqual({
      status: "success",
      message: "",
    });
    likeExample(json.data, PUBLIC);
    expect(json.data).toMatchObject({ private_site: false, theme: "default", theme_settings: {} });
  });

  it("of /api/version: a hash of forty digits, of which front ends show the beginning", async () => {
    const site = await komariSite();
    const { json } = await site.asGuest<Enveloped<Tree>>("/api/version");
    likeExample(json.data, VERSION);
    expect(json.data["hash"]).toMatch(/^[0-9a-f]{40}$/);
    expect(Object.keys(json.data).sort()).toEqual(["hash", "version"]);
  });

  it("of /api/nodes: every key, times as RFC 3339, and nothing that only admins may know", async () => {
    const { site, uuid } = await siteWithNode();
    const { json } = await site.asAdmin<Enveloped<readonly Tree[]>>("/api/nodes");
    expect(json.data).toHaveLength(1);
    likeExample(json.data[0], NODE);
    expect(json.data[0]).toMatchObject({
      uuid,
      region: "🇸🇬",
      tags: "a;b<red>",
      expired_at: "2026-04-13T00:00:00Z",
      gpu_name: "Virtio GPU",
    });
    expect(json.data[0]?.["created_at"]).toMatch(TIME);
    expect(json.data[0]?.["updated_at"]).toMatch(TIME);
    for (const key of ["ipv4", "ipv6", "remark", "version", "token", "public_remark"]) {
      expect(json.data[0]).not.toHaveProperty(key);
    }
  });

  it("of /api/nodes: null for an expiry that is not set", async () => {
    const site = await komariSite();
    await site.addNode({ name: "bare" });
    const { json } = await site.asGuest<Enveloped<readonly Tree[]>>("/api/nodes");
    expect(json.data[0]).toMatchObject({
      expired_at: null,
      gpu_name: "None",
      region: "",
      tags: "",
    });
  });

  it("of /api/recent: nested reports of the last minute, and an empty list without any", async () => {
    const { site, uuid, id } = await siteWithNode();
    const path = `/api/recent/${uuid}`;
    expect((await site.asGuest<Enveloped<unknown>>(path)).json.data).toEqual([]);
    const node = site.hub.registry.byId(id);
    if (node === undefined) throw new Error("no node");
    site.connect(node).session.report(nodeReport({ cpuPercent: 0 }));
    const { json } = await site.asGuest<Enveloped<readonly Tree[]>>(path);
    expect(json.data).toHaveLength(1);
    likeExample(json.data[0], REPORT);
    expect(json.data[0]).toMatchObject({
      uuid,
      cpu: { usage: 0.01 },
      ram: { total: 1000, used: 400 },
      network: { up: 60, down: 70, totalUp: 6000, totalDown: 7000 },
    });
    expect(json.data[0]?.["updated_at"]).toMatch(TIME);
  });

  it("of /api/records/load: flat records in ascending order, used bytes instead of percent", async () => {
    const { site, uuid, id } = await siteWithNode();
    const times = minutesBefore(Date.now(), 3);
    site.hub.series.append(times.map((at) => ({ node: id, at, load: loadFigures(), pings: [] })));
    const { json } = await site.asGuest<Enveloped<{ count: number; records: readonly Tree[] }>>(
      `/api/records/load?uuid=${uuid}&hours=1`,
    );
    expect(json.data).toMatchObject({ count: 3, has_gpu_data: false });
    expect(json.data.records.map(({ time }) => Date.parse(String(time)))).toEqual(times);
    likeExample(json.data.records[0], LOAD_RECORD);
    const figures = loadFigures();
    expect(json.data.records[0]).toMatchObject({
      client: uuid,
      ram: figures.memoryUsedBytes,
      net_in: figures.receivedBytesPerSecond,
      net_out: figures.sentBytesPerSecond,
      traffic_up: figures.sentDeltaBytes,
      connections: figures.tcpConnections,
    });
  });

  it("of /api/records/ping: newest first, whole milliseconds, -1 for lost ones", async () => {
    const { site, uuid, id } = await siteWithNode();
    const task = await site.hub.probes.add({
      name: "百度",
      type: "icmp",
      target: "192.0.2.7",
      intervalSeconds: 30,
      cover: "only",
      nodes: [id],
      weight: 0,
      isDefaultOn: false,
    });
    const [first, second] = minutesBefore(Date.now(), 2);
    const lost = { task: task.id, sent: 2, lost: 2, meanMs: 0, minMs: 0, maxMs: 0 };
    site.hub.series.append([
      { node: id, at: first ?? 0, pings: [pingFigures(task.id, 25.5)] },
      { node: id, at: second ?? 0, pings: [lost] },
    ]);
    const { json, body } = await site.asGuest<
      Enveloped<{ count: number; records: readonly Tree[]; tasks: readonly Tree[] }>
    >(`/api/records/ping?uuid=${uuid}&hours=1`);
    expect(json.data.count).toBe(2);
    likeExample(json.data.records[0], PING_RECORD);
    likeExample(json.data.tasks[0], PING_TASK);
    expect(json.data.records.map(({ value }) => value)).toEqual([-1, 26]);
    expect(json.data.tasks[0]).toMatchObject({ total: 3, loss: (2 / 3) * 100, min: 26, max: 26 });
    // Who may look at results need not know what is measured.
    expect(body).not.toContain("192.0.2.7");
  });

  it("of the WebSocket /api/clients: no message key, who is online, and the last report of all", async () => {
    const { site, uuid, id } = await siteWithNode();
    const socket = await openTextSocket(site.app.url, "/api/clients");
    expect(await socket.ask("get")).toEqual({ status: "success", data: { online: [], data: {} } });
    const node = site.hub.registry.byId(id);
    if (node === undefined) throw new Error("no node");
    site.connect(node).session.report(nodeReport());
    const answer = await socket.ask<{ data: { online: string[]; data: Record<string, Tree> } }>(
      `get ${uuid}`,
    );
    expect(Object.keys(answer).sort()).toEqual(["data", "status"]);
    expect(answer.data.online).toEqual([uuid]);
    likeExample(answer.data.data[uuid], REPORT);
    expect(answer.data.data[uuid]).not.toHaveProperty("uuid");
    expect(answer.data.data[uuid]).not.toHaveProperty("gpu");
  });
});
