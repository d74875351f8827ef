import { describe, expect, it } from "vitest";
import type { AccountView, AuditView, IssuedTokenView } from "../../../src/protocol/fleet/admin.ts";
import type { IssuedNodeView, NodeDetail } from "../../../src/protocol/fleet/nodes.ts";
import type { ProbeTaskView } from "../../../src/protocol/fleet/probes.ts";
import { addAccount } from "../../support/app-accounts.ts";
import { OWNER } from "../../support/create-test-app.ts";
import { fleetApp, GUEST } from "../../support/fleet-app.ts";
import type { FleetApp } from "../../support/fleet-app.ts";
import { nodeReport } from "../../support/hub-fixture.ts";

async function actions({ get }: FleetApp): Promise<string[]> {
  const { entries } = await get<AuditView>("/audit");
  return entries.map(({ action, user }) => `${user} ${action}`).reverse();
}

describe("nodes over the fleet API", () => {
  it("are added with a token that is told once, edited, given a new token and removed, all of it on record", async () => {
    const app = await fleetApp({ config: { hub: { nezha: { listen: "127.0.0.1:0" } } } });
    const { hub, call } = app;
    const added = await call("POST", "/nodes", { name: "alpha", tags: ["x"], expiresAt: 5 });
    expect(added.status).toBe(201);
    const { node, token, install }: IssuedNodeView = JSON.parse(added.body);
    expect(hub.registry.authenticate(token)?.uuid).toBe(node.uuid);
    expect(install.map(({ agent }) => agent)).toEqual(["farhand", "komari", "nezha", "nezha"]);
    expect(install.every(({ command }) => command.includes(token))).toBe(true);
    const edited = await call("PATCH", `/nodes/${node.uuid}`, { group: "home", expiresAt: null });
    expect(JSON.parse(edited.body)).toMatchObject({
      name: "alpha",
      group: "home",
      expiresAt: null,
    });
    const renewed: IssuedNodeView = JSON.parse(
      (await call("POST", `/nodes/${node.uuid}/token`)).body,
    );
    expect(hub.registry.authenticate(token)).toBeUndefined();
    expect(hub.registry.authenticate(renewed.token)?.id).toBe(node.id);
    expect((await call("DELETE", `/nodes/${node.uuid}`)).status).toBe(204);
    expect(hub.registry.nodes).toEqual([]);
    expect(await actions(app)).toEqual(
      ["node.add", "node.added", "node.edit", "node.token", "node.remove"].map(
        (act) => `${OWNER.user} ${act}`,
      ),
    );
  });

  it("refuse what does not fit, with the name of the field", async () => {
    const { call, addNode } = await fleetApp();
    const node = await addNode();
    const answer = await call("PATCH", `/nodes/${node.uuid}`, { price: "dear" });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({ error: "VALIDATION" });
    expect(answer.body).toContain("price");
    expect((await call("PATCH", `/nodes/${node.uuid}`, { uuid: "x" })).status).toBe(400);
    expect((await call("PATCH", "/nodes/nobody", {})).status).toBe(404);
  });

  it("tell guests neither addresses nor remarks, and of hidden ones nothing", async () => {
    const { addNode, connect, get, call } = await fleetApp();
    const open = await addNode({ name: "open", remark: "under the stairs" });
    const hidden = await addNode({ name: "hidden", isHidden: true });
    const session = connect(open);
    session.facts({ ipv4: "198.51.100.7", osName: "Debian" });
    session.report(nodeReport());
    const asMember = await get<NodeDetail>(`/nodes/${open.uuid}`);
    expect(asMember.private).toMatchObject({
      remark: "under the stairs",
      ipv4: "198.51.100.7",
      remoteAddress: "192.0.2.1",
      permissions: { command: false, terminal: false },
    });
    const asGuest = await call("GET", `/nodes/${open.uuid}`, undefined, GUEST);
    expect(JSON.parse(asGuest.body)).toMatchObject({ private: null, facts: { os: "Debian" } });
    expect(asGuest.body).not.toMatch(/198\.51|192\.0\.2|stairs/);
    for (const path of ["", "/load", "/pings", "/recent"]) {
      const answer = await call("GET", `/nodes/${hidden.uuid}${path}`, undefined, GUEST);
      expect(answer.status).toBe(404);
    }
    expect((await call("GET", `/nodes/${hidden.uuid}/load`)).status).toBe(200);
  });
});

describe("ping tasks over the fleet API", () => {
  it("are made, changed and removed", async () => {
    const { addNode, call, get } = await fleetApp();
    const { id } = await addNode();
    const body = { name: "gateway", type: "icmp", target: "192.0.2.9", cover: "only", nodes: [id] };
    const made: ProbeTaskView = JSON.parse((await call("POST", "/probe-tasks", body)).body);
    expect(made).toMatchObject({ ...body, intervalSeconds: 60, isDefaultOn: false });
    const changed = await call("PATCH", `/probe-tasks/${made.id}`, { intervalSeconds: 30 });
    expect(JSON.parse(changed.body)).toMatchObject({ name: "gateway", intervalSeconds: 30 });
    expect((await call("POST", "/probe-tasks", { ...body, target: "not a host" })).status).toBe(
      400,
    );
    expect((await call("DELETE", `/probe-tasks/${made.id}`)).status).toBe(204);
    expect(await get("/probe-tasks")).toEqual([]);
  });
});

describe("accounts over the fleet API", () => {
  it("are made, changed and removed, but never the last admin", async () => {
    const app = await fleetApp();
    const { call, get } = app;
    const added = await call("POST", "/accounts", {
      user: "eve",
      password: "p ass",
      role: "viewer",
    });
    expect(added.status).toBe(201);
    expect(added.body).not.toContain("p ass");
    expect((await call("PATCH", "/accounts/eve", { role: "operator" })).status).toBe(204);
    const accounts = await get<AccountView[]>("/accounts");
    expect(accounts.map(({ user, role }) => [user, role])).toEqual([
      [OWNER.user, "admin"],
      ["eve", "operator"],
    ]);
    const refused = await call("PATCH", `/accounts/${OWNER.user}`, { role: "viewer" });
    expect([refused.status, JSON.parse(refused.body).error]).toEqual([409, "LAST_ADMIN"]);
    expect((await call("DELETE", `/accounts/${OWNER.user}`)).status).toBe(409);
    expect((await call("DELETE", "/accounts/eve")).status).toBe(204);
    expect((await call("DELETE", "/accounts/eve")).status).toBe(404);
  });

  it("may have tokens for programs, which are told once and end when they are revoked", async () => {
    const { call, get } = await fleetApp();
    const made = await call("POST", "/tokens", { name: "prometheus", role: "viewer" });
    const { id, token }: IssuedTokenView = JSON.parse(made.body);
    const bearer = { Authorization: `Bearer ${token}` };
    const metrics = await call("GET", "/metrics", undefined, bearer);
    expect(metrics.status).toBe(200);
    expect(metrics.body).toContain("\nfarhand_hub_nodes 0\n");
    expect(metrics.body).toContain("\nfarhand_hub_messages_failed_total 0\n");
    expect((await call("GET", "/audit", undefined, bearer)).status).toBe(403);
    expect(JSON.stringify(await get("/tokens"))).not.toContain(token);
    expect((await call("DELETE", `/tokens/${id}`)).status).toBe(204);
    expect((await call("GET", "/metrics", undefined, bearer)).status).toBe(403);
  });
});

describe("the database over the fleet API", () => {
  it("is told in figures and comes as a file that is whole", async () => {
    const { addNode, get, call, clock } = await fleetApp();
    await addNode();
    await clock.advance(1000);
    expect(await get("/storage")).toMatchObject({ status: "ready", nodes: 1, droppedRows: 0 });
    const { status, headers, body } = await call("GET", "/backup");
    expect(status).toBe(200);
    expect(body.startsWith("SQLite format 3")).toBe(true);
    expect(headers["content-disposition"]).toBe('attachment; filename="farhand-hub-2026-01-05.db"');
  });
});

describe("who may do what over the fleet API", () => {
  it("is decided for every route: admins administer, viewers look, guests see the public part", async () => {
    const app = await fleetApp();
    const viewer = await addAccount(app.test, "vera", "viewer");
    const node = await app.addNode();
    const admin = [
      ["POST", "/nodes"],
      ["PATCH", `/nodes/${node.uuid}`],
      ["DELETE", `/nodes/${node.uuid}`],
      ["POST", `/nodes/${node.uuid}/token`],
      ["GET", `/nodes/${node.uuid}/permissions`],
      ["PATCH", `/nodes/${node.uuid}/permissions`],
      ["GET", "/permissions"],
      ["POST", "/probe-tasks"],
      ["GET", "/accounts"],
      ["POST", "/accounts"],
      ["GET", "/tokens"],
      ["GET", "/audit"],
      ["GET", "/storage"],
      ["GET", "/backup"],
      ["GET", "/commands"],
      ["POST", "/commands"],
      ["GET", "/metrics"],
    ] as const;
    for (const [method, path] of admin) {
      expect([path, (await app.call(method, path, undefined, viewer)).status]).toEqual([path, 403]);
      expect([path, (await app.call(method, path, undefined, GUEST)).status]).toEqual([path, 401]);
    }
    await expect(app.socket(`/nodes/${node.uuid}/terminal`, viewer)).rejects.toThrow("403");
    expect((await app.call("GET", "/probe-tasks", undefined, viewer)).status).toBe(200);
    expect((await app.call("GET", "/probe-tasks", undefined, GUEST)).status).toBe(401);
    expect(app.hub.registry.nodes).toHaveLength(1);
  });
});
