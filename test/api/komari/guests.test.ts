import { describe, expect, it } from "vitest";
import { OWNER_HEADERS } from "../../support/create-test-app.ts";
import { nodeReport } from "../../support/hub-fixture.ts";
import { loadFigures, pingFigures } from "../../support/hub-storage.ts";
import { komariSite, minutesBefore } from "../../support/komari-site.ts";
import type { KomariSite } from "../../support/komari-site.ts";
import { openTextSocket } from "../../support/text-socket.ts";

type Tree = Readonly<Record<string, unknown>>;

interface Fleet {
  readonly site: KomariSite;
  /** Everybody may see this one. */
  readonly open: string;
  readonly hidden: string;
  readonly task: number;
}

/** Two nodes with reports, history and ping results; one of them is hidden. */
async function fleet(): Promise<Fleet> {
  const site = await komariSite();
  const facts = { ipv4: "203.0.113.9", ipv6: "2001:db8::9", agentVersion: "9.8.7" };
  const [open, hidden] = [
    await site.addNode({ name: "open", remark: "REMARK" }, facts),
    await site.addNode({ name: "SECRETNODE", isHidden: true }, facts),
  ];
  const nodes = [open.node.id, hidden.node.id];
  const task = await site.hub.probes.add({
    name: "loop",
    type: "tcp",
    target: "192.0.2.77:443",
    intervalSeconds: 60,
    cover: "only",
    nodes,
    weight: 0,
    isDefaultOn: false,
  });
  for (const { node } of [open, hidden]) site.connect(node).session.report(nodeReport());
  const [at = 0] = minutesBefore(Date.now(), 1);
  const pings = [pingFigures(task.id, 20)];
  site.hub.series.append(nodes.map((node) => ({ node, at, load: loadFigures(), pings })));
  return { site, open: open.node.uuid, hidden: hidden.node.uuid, task: task.id };
}

/** Every way in which nodes can be asked for. */
function restPaths({ open, hidden, task }: Fleet): readonly string[] {
  return [
    "/api/nodes",
    "/api/public",
    "/api/me",
    "/api/version",
    "/api/task/ping",
    `/api/recent/${open}`,
    `/api/recent/${hidden}`,
    `/api/records/load?uuid=${open}&hours=1`,
    `/api/records/load?uuid=${hidden}&hours=1`,
    `/api/records/load?uuid=${hidden.toUpperCase()}&hours=1`,
    `/api/records/ping?uuid=${hidden}&hours=1`,
    `/api/records/ping?task_id=${task}&hours=1`,
  ];
}

function rpcCalls({ open, hidden, task }: Fleet): readonly (readonly [string, unknown])[] {
  return [
    ["common:getNodes", {}],
    ["common:getNodes", { uuid: hidden }],
    ["common:getNodes", [hidden]],
    ["common:getNodesLatestStatus", {}],
    ["common:getNodesLatestStatus", { uuid: hidden }],
    ["common:getNodesLatestStatus", { uuids: [open, hidden] }],
    ["common:getNodeRecentStatus", { uuid: hidden }],
    ["common:getRecords", { type: "load", uuid: hidden }],
    ["common:getRecords", { type: "load" }],
    ["common:getRecords", { type: "ping", uuid: hidden }],
    ["common:getRecords", { type: "ping", task_id: task }],
    ["common:getRecords", { type: "ping" }],
    ["public:getNodesInformation", {}],
    ["public:getPublicPingTasks", {}],
    ["public:getClientRecentRecords", { uuid: hidden }],
    ["public:getRecordsByUUID", { uuid: hidden, hours: "1" }],
    ["public:getPingRecords", { uuid: hidden }],
    ["public:getPingRecords", { task_id: String(task) }],
    ["public:queryMetrics", { metric_key: "cpu.usage" }],
    ["public:queryMetrics", { metric_key: "ping.latency_ms", entity_id: hidden }],
    ["public:getPingMetricStats", {}],
    ["public:getPingMetricStats", { uuid: hidden }],
  ];
}

async function rpc(site: KomariSite, method: string, params: unknown): Promise<string> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  return (await site.asGuest("/api/rpc2", { method: "POST", body })).body;
}

describe("guests", () => {
  it("find no trace of hidden nodes on any path, nor of addresses, remarks and targets", async () => {
    const known = await fleet();
    const { site, hidden } = known;
    const answers = [
      ...(await Promise.all(
        restPaths(known).map(async (path) => [path, (await site.asGuest(path)).body] as const),
      )),
      ...(await Promise.all(
        rpcCalls(known).map(
          async ([method, params]) =>
            [`${method} ${JSON.stringify(params)}`, await rpc(site, method, params)] as const,
        ),
      )),
    ];
    const socket = await openTextSocket(site.app.url, "/api/clients");
    for (const question of ["get", `get ${hidden}`]) {
      socket.send(question);
      answers.push([question, await socket.next()]);
    }
    for (const [asked, body] of answers) {
      expect([asked, body.includes(hidden), body.includes("SECRETNODE")]).toEqual([
        asked,
        false,
        false,
      ]);
      for (const secret of ["203.0.113.9", "2001:db8::9", "REMARK", "192.0.2.77", "9.8.7"]) {
        expect([asked, body.includes(secret)]).toEqual([asked, false]);
      }
    }
    const { json } = await site.asGuest<{ data: readonly unknown[] }>("/api/nodes");
    expect(json.data).toHaveLength(1);
  });

  it("are answered for a hidden node as for one that is not there", async () => {
    const { site, hidden } = await fleet();
    const nobody = "4addbaf1-7ffb-474c-98ee-4ffd476755ff";
    const same = async (call: (uuid: string) => Promise<string>): Promise<void> => {
      const [first, second] = [await call(hidden), await call(nobody)];
      expect(first.replaceAll(hidden, "X")).toBe(second.replaceAll(nobody, "X"));
    };
    await same(async (uuid) => (await site.asGuest(`/api/records/ping?uuid=${uuid}`)).body);
    await same((uuid) => rpc(site, "common:getNodes", { uuid }));
    await same((uuid) => rpc(site, "common:getNodesLatestStatus", { uuid }));
    const socket = await openTextSocket(site.app.url, "/api/clients");
    await same(async (uuid) => {
      socket.send(`get ${uuid}`);
      return socket.next();
    });
    // The words of the original for these, whether there is such a node or not being another matter there.
    const { status, json } = await site.asGuest<Tree>(`/api/recent/${hidden}`);
    expect([status, json]).toEqual([400, { status: "error", message: "UUID is required" }]);
  });

  it("lose sight of a node that is hidden while they look", async () => {
    const { site, open } = await fleet();
    const socket = await openTextSocket(site.app.url, "/api/clients");
    socket.send("get");
    expect(await socket.next()).toContain(open);
    await site.asAdmin(`/api/admin/client/${open}/edit`, { hidden: true });
    socket.send("get");
    expect(await socket.next()).not.toContain(open);
  });

  it("may not do what admins may, whichever way they ask", async () => {
    const { site, open } = await fleet();
    const { status, json } = await site.asGuest("/api/admin/client/list");
    expect([status, json]).toEqual([401, { status: "error", message: "Unauthorized." }]);
    const stale = { headers: { Cookie: `session_token=${"0".repeat(64)}` } };
    expect((await site.asGuest("/api/admin/client/list", stale)).status).toBe(401);
    const methods = [
      "admin:listClients",
      "admin:getClientToken",
      "admin:exec",
      "admin:editSettings",
    ];
    for (const method of methods) {
      const answer = await rpc(site, method, { uuid: open });
      expect(JSON.parse(answer)).toMatchObject({ error: { code: -32_041 } });
    }
  });

  it("see the first part of addresses where that is switched on", async () => {
    const { site, open } = await fleet();
    await site.hub.site.change({ showsMaskedAddresses: true });
    const answer = JSON.parse(await rpc(site, "common:getNodes", { uuid: open }));
    expect(answer.result).toMatchObject({ ipv4: "203.*.*.*", ipv6: "2001:*:*:*:*:*:*:*" });
  });
});

describe("people who are signed in", () => {
  it("see hidden nodes, and only admins see more of them than guests do of others", async () => {
    const { site, hidden } = await fleet();
    const { json } = await site.asAdmin<{ data: readonly Tree[] }>("/api/nodes");
    expect(json.data.map(({ hidden: isHidden }) => isHidden)).toEqual([false, true]);
    const socket = await openTextSocket(site.app.url, "/api/clients", OWNER_HEADERS);
    socket.send("get");
    expect(await socket.next()).toContain(hidden);
  });
});

describe("a private site", () => {
  const REFUSED = "Private site is enabled, please login first.";

  it("shows guests what the sign-in page needs and nothing else", async () => {
    const known = await fleet();
    const { site } = known;
    const before = await openTextSocket(site.app.url, "/api/clients");
    await site.hub.site.change({ isPrivate: true });
    const isOpen = (path: string): boolean => /^\/api\/(?:public|me|version)$/.test(path);
    for (const path of restPaths(known)) {
      const { status, json } = await site.asGuest<Tree>(path);
      expect([path, status]).toEqual([path, isOpen(path) ? 200 : 401]);
      expect([path, isOpen(path) || json["message"]]).toEqual([path, isOpen(path) || REFUSED]);
    }
    for (const [method, params] of rpcCalls(known)) {
      expect(JSON.parse(await rpc(site, method, params))).toMatchObject({
        error: { code: -32_041, message: "Private site enabled, please login first" },
      });
    }
    expect(await rpc(site, "public:getPublicSettings", {})).toContain('"private_site":true');
    await expect(openTextSocket(site.app.url, "/api/clients")).rejects.toThrow("401");
    // Who was looking when it became private.
    before.send("get");
    expect(await before.closed).toBe(1008);
    expect((await site.asAdmin("/api/nodes")).status).toBe(200);
  });
});

describe("pages of other sites", () => {
  const FRIEND = "https://status.example";

  it("may read when they are allowed to, without the visitor's session", async () => {
    const site = await komariSite({ http: { allowedOrigins: [FRIEND] } });
    const from = (origin: string) => site.asGuest("/api/nodes", { headers: { Origin: origin } });
    const { headers } = await from(FRIEND);
    expect(headers).toMatchObject({ "access-control-allow-origin": FRIEND, vary: "Origin" });
    expect(headers).not.toHaveProperty("access-control-allow-credentials");
    expect((await from("https://evil.example")).headers).not.toHaveProperty(
      "access-control-allow-origin",
    );
    const ask = (origin: string) =>
      site.asGuest("/api/records/load", { method: "OPTIONS", headers: { Origin: origin } });
    const preflight = await ask(FRIEND);
    expect(preflight.status).toBe(204);
    expect(preflight.headers["access-control-allow-headers"]).toContain("authorization");
    expect((await ask("https://evil.example")).status).toBe(403);
  });

  it("may not where nobody has said so", async () => {
    const site = await komariSite();
    const { headers } = await site.asGuest("/api/nodes", { headers: { Origin: FRIEND } });
    expect(headers).not.toHaveProperty("access-control-allow-origin");
  });
});
