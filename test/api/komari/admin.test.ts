import { describe, expect, it } from "vitest";
import { nodeReport } from "../../support/hub-fixture.ts";
import { komariSite } from "../../support/komari-site.ts";
import type { KomariSite } from "../../support/komari-site.ts";
import { OWNER_HEADERS } from "../../support/create-test-app.ts";
import { openTextSocket } from "../../support/text-socket.ts";

type Tree = Readonly<Record<string, unknown>>;

interface Enveloped<T> {
  readonly status: string;
  readonly message: string;
  readonly data: T;
}

async function listed(site: KomariSite): Promise<readonly Tree[]> {
  return (await site.asAdmin<readonly Tree[]>("/api/admin/client/list")).json;
}

async function actions(site: KomariSite): Promise<readonly string[]> {
  const entries = await site.hub.audit.list({ limit: 50 });
  return entries.map(({ action }) => action).filter((action) => !action.startsWith("session."));
}

describe("nodes, as admins edit them", () => {
  it("are added with a token that is in the list for as long as it takes to copy it, and in no file", async () => {
    const site = await komariSite();
    const { json } = await site.asAdmin<Tree>("/api/admin/client/add", { name: "web-1" });
    expect(json).toMatchObject({ status: "success" });
    expect(Object.keys(json).sort()).toEqual(["status", "token", "uuid"]);
    const { uuid, token } = json;
    expect(site.hub.registry.authenticate(String(token))?.uuid).toBe(uuid);
    const [node] = await listed(site);
    expect(node).toMatchObject({ uuid, name: "web-1", token, ipv4: "", remark: "", version: "" });
    const one = await site.asAdmin<Tree>(`/api/admin/client/${String(uuid)}/token`);
    expect(one.json).toEqual({ status: "success", token });
    // A node of an earlier run, as after a restart.
    const { node: old } = await site.addNode({ name: "old" });
    const unknown = await site.asAdmin<Tree>(`/api/admin/client/${old.uuid}/token`);
    expect(unknown.status).toBe(501);
    expect(unknown.json["message"]).toContain("hash");
    expect((await listed(site))[1]).toMatchObject({ name: "old", token: "" });
  });

  it("get a new token where the old one is asked for, and the old one is worth nothing", async () => {
    const site = await komariSite();
    const { node, token } = await site.addNode();
    const path = `/api/admin/client/${node.uuid}/token`;
    const { json } = await site.asAdmin<{ token: string }>(path, {});
    expect(site.hub.registry.authenticate(token)).toBeUndefined();
    expect(site.hub.registry.authenticate(json.token)?.id).toBe(node.id);
  });

  it("take what people write down in every form that front ends send, and nothing of what agents tell", async () => {
    const site = await komariSite();
    const { node } = await site.addNode({}, { osName: "Linux" });
    const { status, json } = await site.asAdmin<Tree>(`/api/admin/client/${node.uuid}/edit`, {
      uuid: "somebody else",
      name: "db-1",
      token: "",
      remark: "private",
      public_remark: "public",
      group: "g",
      tags: "a;b<red>;",
      price: "9.9",
      billing_cycle: 30,
      auto_renewal: true,
      currency: "€",
      expired_at: "2027-01-02T00:00:00Z",
      weight: 3,
      hidden: true,
      traffic_limit: 1000,
      traffic_limit_type: "sum",
      region: "🇭🇰",
      os: "FakeOS",
      id: 99,
      created_at: "2020-01-01T00:00:00Z",
    });
    expect([status, json]).toEqual([200, { status: "success", message: "" }]);
    expect(site.hub.registry.byId(node.id)).toMatchObject({
      uuid: node.uuid,
      name: "db-1",
      remark: "private",
      publicRemark: "public",
      tags: ["a", "b<red>"],
      price: 9.9,
      billingCycleDays: 30,
      isAutoRenewal: true,
      expiresAt: Date.UTC(2027, 0, 2),
      weight: 3,
      isHidden: true,
      trafficLimitType: "sum",
      facts: { osName: "Linux" },
    });
    await site.asAdmin(`/api/admin/client/${node.uuid}/edit`, { expired_at: null });
    expect(site.hub.registry.byId(node.id)?.expiresAt).toBeUndefined();
    await site.asAdmin(`/api/admin/client/${node.uuid}/edit`, {
      expired_at: "0001-01-01T00:00:00Z",
    });
    expect(site.hub.registry.byId(node.id)?.expiresAt).toBeUndefined();
    expect(await actions(site)).toContain("node.edit");
  });

  it("refuse what is not right without changing anything", async () => {
    const site = await komariSite();
    const { node } = await site.addNode({ name: "n" });
    const path = `/api/admin/client/${node.uuid}/edit`;
    const bad: readonly (readonly [unknown, number])[] = [
      [{ name: "" }, 400],
      [{ name: 5 }, 400],
      [{ price: "much" }, 400],
      [{ price: -7 }, 400],
      [{ weight: 1.5 }, 400],
      [{ hidden: "yes" }, 400],
      [{ expired_at: "soon" }, 400],
      [{ traffic_limit_type: "other" }, 400],
      [{ token: "chosen-by-me" }, 501],
      ["{not json", 400],
    ];
    for (const [body, status] of bad) {
      expect([body, (await site.asAdmin(path, body)).status]).toEqual([body, status]);
    }
    expect(site.hub.registry.byId(node.id)).toEqual(node);
    expect((await site.asAdmin("/api/admin/client/nobody/edit", { name: "x" })).status).toBe(404);
  });

  it("are put in order and removed", async () => {
    const site = await komariSite();
    const [a, b] = [await site.addNode({ name: "a" }), await site.addNode({ name: "b" })];
    await site.asAdmin("/api/admin/client/order", { [a.node.uuid]: 2, [b.node.uuid]: 1, other: 9 });
    expect(site.hub.registry.nodes.map(({ weight }) => weight)).toEqual([2, 1]);
    const { json } = await site.asAdmin<Tree>(`/api/admin/client/${a.node.uuid}/remove`, {});
    expect(json).toEqual({ status: "success", message: "" });
    expect((await listed(site)).map(({ name }) => name)).toEqual(["b"]);
    expect(await actions(site)).toContain("node.remove");
  });
});

describe("ping tasks, as admins edit them", () => {
  it("are added, listed with their target, changed, put in order and removed, with and without a slash", async () => {
    const site = await komariSite();
    const [a, b] = [await site.addNode(), await site.addNode()];
    const add = {
      name: "CF",
      target: "1.1.1.1",
      type: "icmp",
      interval: 60,
      clients: [a.node.uuid],
    };
    const { json } = await site.asAdmin<Enveloped<{ task_id: number }>>("/api/admin/ping/add", add);
    expect(json.data).toEqual({ task_id: 1 });
    const task = { id: 1, weight: 0, default_on: false, ...add };
    for (const path of ["/api/admin/ping", "/api/admin/ping/"]) {
      expect((await site.asAdmin<Enveloped<unknown>>(path)).json.data).toEqual([task]);
    }
    await site.asAdmin("/api/admin/ping/edit", {
      tasks: [{ ...task, name: "CF2", clients: [a.node.uuid, b.node.uuid], default_on: true }],
    });
    await site.asAdmin("/api/admin/ping/order", { "1": 5 });
    expect(site.hub.probes.tasks).toMatchObject([
      { name: "CF2", nodes: [a.node.id, b.node.id], isDefaultOn: true, weight: 5 },
    ]);
    await site.asAdmin("/api/admin/ping/delete", { id: [1] });
    expect(site.hub.probes.tasks).toEqual([]);
  });

  it("refuse what is no task", async () => {
    const site = await komariSite();
    const good = { name: "n", target: "192.0.2.1", type: "icmp", interval: 60, clients: [] };
    const bad = [
      {},
      { ...good, name: "" },
      { ...good, type: "arp" },
      { ...good, target: "" },
      { ...good, interval: 0 },
      { ...good, interval: "often" },
    ];
    for (const body of bad) {
      const { status } = await site.asAdmin("/api/admin/ping/add", body);
      expect([body, status]).toEqual([body, 400]);
    }
    const unknown = await site.asAdmin("/api/admin/ping/add", { ...good, clients: ["nobody"] });
    expect(unknown.status).toBe(404);
    expect((await site.asAdmin("/api/admin/ping/delete", { id: [7] })).status).toBe(404);
    expect((await site.asAdmin("/api/admin/ping/delete", {})).status).toBe(400);
  });
});

describe("settings", () => {
  it("are read as one object, changed one at a time among all of them, and shown to the public", async () => {
    const site = await komariSite();
    const { json } = await site.asAdmin<Enveloped<Tree>>("/api/admin/settings/");
    expect(json.data).toMatchObject({ sitename: "Farhand", private_site: false, custom_head: "" });
    const changed = { ...json.data, sitename: "My fleet", custom_head: "<style></style>" };
    expect((await site.asAdmin("/api/admin/settings", changed)).status).toBe(200);
    const { data } = (await site.asGuest<Enveloped<Tree>>("/api/public")).json;
    expect(data).toMatchObject({ sitename: "My fleet", custom_head: "<style></style>" });
    expect(await actions(site)).toContain("site.edit");
  });

  it("that are set elsewhere are refused with a word on where, and nothing is changed", async () => {
    const site = await komariSite();
    const bad: readonly (readonly [Tree, number])[] = [
      [{ sitename: "x", api_key: "0123456789abcdef" }, 501],
      [{ sitename: "x", geo_ip_enabled: true }, 501],
      [{ sitename: "x", invented: 1 }, 501],
      [{ sitename: 5 }, 400],
      [{ private_site: "yes" }, 400],
      [{ custom_body: "x".repeat(70_000) }, 400],
    ];
    for (const [body, status] of bad) {
      const answer = await site.asAdmin<Tree>("/api/admin/settings", body);
      expect([Object.keys(body), answer.status]).toEqual([Object.keys(body), status]);
      expect(answer.json["message"]).not.toBe("");
    }
    expect(site.hub.site.values.siteName).toBe("Farhand");
    // Old front ends send keys that are nothing here, with nothing in them.
    const old = await site.asAdmin("/api/admin/settings", {
      telegram_bot_token: "",
      sitename: "y",
    });
    expect(old.status).toBe(200);
    expect(site.hub.site.values.siteName).toBe("y");
  });

  it("of the web terminal are kept as they are", async () => {
    const site = await komariSite();
    const path = "/api/admin/settings/xtermjs";
    const { data } = (await site.asAdmin<Enveloped<Tree>>(path)).json;
    expect(data).toMatchObject({ terminalPadding: 16, terminalOptions: { fontSize: 16 } });
    await site.asAdmin(path, { ...data, terminalPadding: 4, own: "x" });
    const changed = (await site.asAdmin<Enveloped<Tree>>(path)).json.data;
    expect(changed).toEqual({ ...data, terminalPadding: 4, own: "x" });
  });
});

describe("commands", () => {
  it("run on nodes that allow it, and their results are told in the words of this dialect", async () => {
    const site = await komariSite();
    const { node } = await site.addNode();
    const { session, link } = site.connect(node);
    session.report(nodeReport());
    const body = { command: "uptime", clients: [node.uuid] };
    const refused = await site.asAdmin<Tree>("/api/admin/task/exec", body);
    expect(refused.status).toBe(403);
    expect(link.tasks).toEqual([]);
    await site.hub.control.permit({ user: "admin", address: "" }, node.id, { command: true });
    const { json } = await site.asAdmin<Enveloped<{ task_id: string }>>(
      "/api/admin/task/exec",
      body,
    );
    expect(json.data).toMatchObject({ clients: [node.uuid], queued_clients: null });
    const { task_id: id } = json.data;
    expect(link.tasks).toEqual([{ kind: "command", run: id, command: "uptime" }]);
    const path = `/api/admin/task/${id}/result/${node.uuid}`;
    const waiting = (await site.asAdmin<Enveloped<Tree>>(path)).json.data;
    expect(waiting).toMatchObject({ client: node.uuid, exit_code: null, finished_at: null });
    site.hub.control.finish(node.id, { id, output: "up 3 days", exitCode: 0 });
    const done = (await site.asAdmin<Enveloped<Tree>>(`/api/admin/task/${id}`)).json.data;
    expect(done).toMatchObject({
      task_id: id,
      command: "uptime",
      clients: [node.uuid],
      results: [{ result: "up 3 days", exit_code: 0 }],
    });
    for (const list of ["/api/admin/task/all", `/api/admin/task/client/${node.uuid}`]) {
      expect((await site.asAdmin<Enveloped<Tree[]>>(list)).json.data).toHaveLength(1);
    }
  });

  it("need a command, nodes that are there, and one that is online", async () => {
    const site = await komariSite();
    const { node } = await site.addNode();
    const bad: readonly (readonly [unknown, number, string])[] = [
      [{ command: " ", clients: [node.uuid] }, 400, "Command cannot be empty"],
      [{ command: "id", clients: [] }, 400, "clients is required"],
      [{ command: "id", clients: ["nobody"] }, 404, "Client not found"],
      [{ command: "id", clients: [node.uuid] }, 400, "No clients connected"],
    ];
    for (const [body, status, message] of bad) {
      const answer = await site.asAdmin<Tree>("/api/admin/task/exec", body);
      expect([answer.status, answer.json["message"]]).toEqual([status, message]);
    }
    expect((await site.asAdmin("/api/admin/task/none")).status).toBe(404);
  });
});

describe("a terminal", () => {
  it("is joined to the agent's end: what is typed and its size one way, output the other", async () => {
    const site = await komariSite();
    const { node } = await site.addNode();
    const { link } = site.connect(node);
    await site.hub.control.permit({ user: "admin", address: "" }, node.id, { terminal: true });
    const path = `/api/admin/client/${node.uuid}/terminal`;
    const browser = await openTextSocket(site.app.url, path, OWNER_HEADERS);
    await expect.poll(() => link.tasks.length).toBe(1);
    const [task] = link.tasks;
    if (task?.kind !== "terminal") throw new Error("no terminal was asked for");
    const agent = site.hub.control.joinTerminal(node.id, task.stream);
    if (agent === undefined) throw new Error("the stream is not there");
    const typed: string[] = [];
    const sizes: (readonly number[])[] = [];
    agent.onReceive((bytes) => {
      typed.push(Buffer.from(bytes).toString());
    });
    agent.onResize((columns, rows) => {
      sizes.push([columns, rows]);
    });
    browser.socket.send(Buffer.from("ls\r"), { binary: true });
    browser.send('{"type":"heartbeat","timestamp":"now"}');
    browser.send('{"type":"resize","cols":100,"rows":30}');
    browser.send('{"type":"input","input":"id\\r"}');
    browser.send("plain");
    await expect.poll(() => typed.join("")).toBe("ls\rid\rplain");
    expect(sizes).toEqual([[100, 30]]);
    agent.send(Buffer.from("total 0\r\n"));
    expect(await browser.next()).toBe("total 0\r\n");
    agent.close("exited");
    expect(await browser.next()).toContain("The terminal has ended");
    expect(await browser.closed).toBe(1000);
    expect(await actions(site)).toContain("terminal.open");
  });

  it("says why there is none, and is for admins only", async () => {
    const site = await komariSite();
    const { node } = await site.addNode();
    const path = `/api/admin/client/${node.uuid}/terminal`;
    const browser = await openTextSocket(site.app.url, path, OWNER_HEADERS);
    expect(await browser.next()).toContain("switched off for this node");
    await expect(openTextSocket(site.app.url, path)).rejects.toThrow("401");
    const nobody = "/api/admin/client/nobody/terminal";
    await expect(openTextSocket(site.app.url, nobody, OWNER_HEADERS)).rejects.toThrow("404");
  });
});

describe("sessions, accounts and the record", () => {
  it("list and end the caller's sessions by ids with which nobody can sign in", async () => {
    const site = await komariSite();
    const login = await site.asGuest<Enveloped<{ "set-cookie": { session_token: string } }>>(
      "/api/login",
      { method: "POST", body: JSON.stringify({ username: "admin", password: "correct horse" }) },
    );
    const token = login.json.data["set-cookie"].session_token;
    const cookie = { headers: { Cookie: `session_token=${token}` } };
    const { json } = await site.asGuest<{ current: string; data: readonly Tree[] }>(
      "/api/admin/session/get",
      cookie,
    );
    expect(json).toMatchObject({ status: "success" });
    expect(json.data.map(({ session }) => session)).toEqual([json.current]);
    expect(json.data[0]).toMatchObject({ login_method: "password", ip: "127.0.0.1" });
    expect(JSON.stringify(json)).not.toContain(token);
    await site.asAdmin("/api/admin/session/remove", { session: json.current });
    expect((await site.asGuest<Tree>("/api/me", cookie)).json).toMatchObject({ logged_in: false });
    expect((await site.asAdmin("/api/admin/session/remove", { session: "x" })).status).toBe(400);
  });

  it("show what was done, newest first, page by page", async () => {
    const site = await komariSite();
    for (const name of ["a", "b", "c"]) await site.asAdmin("/api/admin/client/add", { name });
    const read = async (query: string) =>
      (
        await site.asAdmin<Enveloped<{ logs: readonly Tree[]; total: number }>>(
          `/api/admin/logs?${query}`,
        )
      ).json.data;
    const all = await read("limit=100&page=1");
    expect(all.logs).toHaveLength(all.total);
    const pages = [await read("limit=2&page=1"), await read("limit=2&page=2")];
    expect(pages.flatMap(({ logs }) => logs).map(({ id }) => id)).toEqual(
      all.logs.slice(0, 4).map(({ id }) => id),
    );
    expect(all.logs.find(({ message }) => String(message).includes("node.add"))).toMatchObject({
      msg_type: "info",
      ip: "127.0.0.1",
    });
    expect((await site.asAdmin("/api/admin/logs?page=0")).status).toBe(400);
    expect((await read("limit=2&page=9999")).logs).toEqual([]);
  });

  it("give an account a new password, and keep its name", async () => {
    const site = await komariSite();
    const { uuid } = (await site.asAdmin<{ uuid: string }>("/api/me")).json;
    const path = "/api/admin/update/user";
    expect((await site.asAdmin(path, { uuid, username: "root" })).status).toBe(501);
    expect((await site.asAdmin(path, { uuid, password: "short" })).status).toBe(400);
    expect((await site.asAdmin(path, { uuid: "other", password: "longer" })).status).toBe(400);
    expect((await site.asAdmin(path, { uuid, password: "battery staple" })).status).toBe(200);
    expect((await site.asAdmin("/api/admin/settings")).status).toBe(401);
  });
});

describe("alerts, as front ends of this dialect set them", () => {
  const OFFLINE = "/api/admin/notification/offline";
  const entry = (client: string, enable: boolean, grace: number) => ({
    client,
    enable,
    grace_period: grace,
  });

  async function missed(site: KomariSite): Promise<readonly unknown[]> {
    const { json } = await site.asAdmin<Enveloped<readonly Tree[]>>(OFFLINE);
    return json.data.map(({ enable, grace_period }) => [enable, grace_period]);
  }

  it("are rules of the hub that name the nodes, one for each time to wait", async () => {
    const site = await komariSite();
    const [a, b] = [await site.addNode({ name: "a" }), await site.addNode({ name: "b" })];
    const [first, second] = [a.node.uuid, b.node.uuid];
    expect(await missed(site)).toEqual([
      [false, 300],
      [false, 300],
    ]);
    await site.asAdmin(`${OFFLINE}/edit`, [entry(first, true, 60), entry(second, true, 60)]);
    expect(site.hub.alerts.rules).toMatchObject([
      {
        isEnabled: true,
        scope: { cover: "only", nodes: [a.node.id, b.node.id] },
        condition: { kind: "offline", afterSeconds: 60 },
      },
    ]);
    await site.asAdmin(`${OFFLINE}/edit`, [entry(second, true, 120)]);
    expect(await missed(site)).toEqual([
      [true, 60],
      [true, 120],
    ]);
    await site.asAdmin(`${OFFLINE}/disable`, [first]);
    expect(await missed(site)).toEqual([
      [false, 300],
      [true, 120],
    ]);
    expect(site.hub.alerts.rules).toHaveLength(1);
    await site.asAdmin(`${OFFLINE}/enable`, [first, second]);
    expect(await missed(site)).toEqual([
      [true, 300],
      [true, 120],
    ]);
  });

  it("cannot take one node out of a rule for all", async () => {
    const site = await komariSite();
    const { node } = await site.addNode();
    await site.hub.alerts.add({
      name: "all",
      isEnabled: true,
      severity: "warning",
      scope: { cover: "all", nodes: [], groups: [], tags: [] },
      condition: { kind: "offline", afterSeconds: 90 },
      channels: [],
      reminderHours: 0,
      tellsRecovery: true,
    });
    expect(await missed(site)).toEqual([[true, 90]]);
    const { status } = await site.asAdmin(`${OFFLINE}/disable`, [node.uuid]);
    expect(status).toBe(501);
    expect(await missed(site)).toEqual([[true, 90]]);
  });

  it("for load are written in the units of this dialect", async () => {
    const site = await komariSite();
    const { node } = await site.addNode();
    const path = "/api/admin/notification/load";
    const wanted = {
      name: "busy",
      clients: [node.uuid],
      metric: "net_in",
      threshold: 80,
      ratio: 0.8,
      interval: 15,
    };
    const { json } = await site.asAdmin<Enveloped<{ task_id: number }>>(`${path}/add`, wanted);
    expect(site.hub.alerts.rules).toMatchObject([
      {
        name: "busy",
        condition: {
          metric: "receivedBytesPerSecond",
          threshold: 10_000_000,
          windowSeconds: 900,
          sharePercent: 80,
        },
      },
    ]);
    const id = json.data.task_id;
    const listed = (await site.asAdmin<Enveloped<unknown>>(`${path}/`)).json.data;
    expect(listed).toEqual([{ id, ...wanted, last_notified: null }]);
    const edited = { ...wanted, id, metric: "cpu", threshold: 90 };
    await site.asAdmin(`${path}/edit`, { notifications: [edited] });
    expect(site.hub.alerts.rules[0]).toMatchObject({ condition: { metric: "cpuPercent" } });
    await site.asAdmin(`${path}/delete`, { id: [id] });
    expect(site.hub.alerts.rules).toEqual([]);
  });

  it("that are none are refused", async () => {
    const site = await komariSite();
    const { node } = await site.addNode();
    const load = {
      clients: [node.uuid],
      metric: "cpu",
      threshold: 90,
      ratio: 0.5,
      interval: 5,
    };
    const bad: readonly (readonly [string, unknown, number])[] = [
      ["offline/edit", [], 400],
      ["offline/edit", [entry(node.uuid, true, 0)], 400],
      ["offline/edit", [entry("nobody", true, 60)], 404],
      ["load/add", { ...load, metric: "mood" }, 400],
      ["load/add", { ...load, clients: [] }, 400],
      ["load/add", { ...load, threshold: "high" }, 400],
      ["load/add", { ...load, ratio: 2 }, 400],
      ["load/add", { ...load, interval: 500 }, 400],
      ["load/edit", { notifications: [{ id: 99, ...load }] }, 404],
      ["load/delete", { id: [99] }, 404],
      ["load/delete", {}, 400],
    ];
    for (const [path, body, status] of bad) {
      const answer = await site.asAdmin(`/api/admin/notification/${path}`, body);
      expect([path, body, answer.status]).toEqual([path, body, status]);
    }
    expect(site.hub.alerts.rules).toEqual([]);
    const test = await site.asAdmin<Tree>("/api/admin/test/sendMessage", {});
    expect([test.status, test.json["status"]]).toEqual([503, "error"]);
  });
});

describe("what this server does not do", () => {
  it("says so, and lists nothing", async () => {
    const site = await komariSite();
    const refused = [
      ["/api/admin/notification/traffic-report/edit", [{ client: "x", enable: true }]],
      ["/api/admin/settings/message-sender", { name: "telegram", addition: "{}" }],
      ["/api/admin/2fa/enable?code=123456", {}],
      ["/api/admin/update/mmdb", {}],
      ["/api/admin/record/clear", {}],
      ["/api/admin/clipboard", { text: "x" }],
    ] as const;
    for (const [path, body] of refused) {
      const { status, json } = await site.asAdmin<Tree>(path, body);
      expect([path, status, json["status"]]).toEqual([path, 501, "error"]);
      expect(String(json["message"]).length).toBeGreaterThan(10);
    }
    const geoip = await site.asAdmin<Tree>("/api/admin/test/geoip?ip=1.1.1.1");
    expect([geoip.status, geoip.json["message"]]).toEqual([
      400,
      "GeoIP is not enabled in the configuration.",
    ]);
    for (const path of ["notification/traffic-report", "clipboard", "plugin/list"]) {
      const { json } = await site.asAdmin<Enveloped<unknown>>(`/api/admin/${path}`);
      expect([path, json.data]).toEqual([path, []]);
    }
  });
});
