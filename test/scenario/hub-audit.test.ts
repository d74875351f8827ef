// Whatever people change in the fleet is in the audit table, by whichever dialect they did it.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditEntry } from "../../src/hub/audit.ts";
import { accessFleet } from "../support/access-fleet.ts";
import type { AccessFleet } from "../support/access-fleet.ts";

let fleet: AccessFleet;
let end = (): Promise<void> => Promise.resolve();

beforeAll(async () => {
  fleet = await accessFleet((close) => {
    end = close;
  });
});
afterAll(() => end());

interface Change {
  /** Method and path; `{}` is what the one before has answered as its id, uuid or user. */
  readonly route: string;
  readonly body?: unknown;
  readonly action: string;
}

/** As a full disk does: nothing can be added to the table. */
const FULL = "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END";
const FLEET = "/native/fleet";
const TASK = { type: "icmp", target: "192.0.2.1", intervalSeconds: 60, cover: "only", nodes: [] };
const RULE = {
  name: "gone",
  scope: { cover: "all" },
  condition: { kind: "offline", afterSeconds: 60 },
};
const CHANNEL = {
  name: "hook",
  settings: { kind: "webhook", url: "https://hooks.example/x", method: "POST" },
};

/** Through our own API: one for each of its routes that change something. */
const OWN: readonly Change[] = [
  { route: `POST ${FLEET}/nodes`, body: { name: "new" }, action: "node.add" },
  { route: `PATCH ${FLEET}/nodes/{}`, body: { name: "newer" }, action: "node.edit" },
  { route: `POST ${FLEET}/nodes/{}/token`, action: "node.token" },
  { route: `PATCH ${FLEET}/nodes/{}/permissions`, body: { command: true }, action: "node.permit" },
  { route: `DELETE ${FLEET}/nodes/{}`, action: "node.remove" },
  { route: `POST ${FLEET}/probe-tasks`, body: { ...TASK, name: "t" }, action: "probe.add" },
  { route: `PATCH ${FLEET}/probe-tasks/{}`, body: { ...TASK, name: "u" }, action: "probe.edit" },
  { route: `DELETE ${FLEET}/probe-tasks/{}`, action: "probe.remove" },
  { route: `POST ${FLEET}/commands`, body: { nodes: [1], command: "id" }, action: "command.run" },
  { route: `POST ${FLEET}/tokens`, body: { name: "t", role: "viewer" }, action: "token.add" },
  { route: `DELETE ${FLEET}/tokens/{}`, action: "token.remove" },
  {
    route: `POST ${FLEET}/accounts`,
    body: { user: "jane", password: "secret pass", role: "viewer" },
    action: "account.add",
  },
  { route: `PATCH ${FLEET}/accounts/jane`, body: { role: "operator" }, action: "account.edit" },
  { route: `DELETE ${FLEET}/accounts/jane/sessions`, action: "account.signOut" },
  { route: `DELETE ${FLEET}/accounts/jane`, action: "account.remove" },
  { route: `POST ${FLEET}/alert-rules`, body: RULE, action: "alert.add" },
  { route: `PUT ${FLEET}/alert-rules/{}`, body: RULE, action: "alert.edit" },
  { route: `DELETE ${FLEET}/alert-rules/{}`, action: "alert.remove" },
  { route: `POST ${FLEET}/channels`, body: CHANNEL, action: "channel.add" },
  { route: `PUT ${FLEET}/channels/{}`, body: CHANNEL, action: "channel.edit" },
  { route: `DELETE ${FLEET}/channels/{}`, action: "channel.remove" },
];
/** Changes nothing, or would speak to somebody; or ends a session that another test needs. */
const OTHERWISE: readonly string[] = [
  `POST ${FLEET}/alert-rules/preview`,
  `POST ${FLEET}/channels/test`,
  `POST ${FLEET}/channels/:id/test`,
  `PUT ${FLEET}/notification-settings`,
  `DELETE ${FLEET}/accounts/:user/sessions/:id`,
];
/** Through the other dialects. */
const OTHERS: readonly Change[] = [
  { route: "POST /api/token", body: { Note: "n" }, action: "token.add" },
  { route: "DELETE /api/token/{}", action: "token.remove" },
  { route: "POST /api/v1/server/register", body: { Name: "n" }, action: "node.add" },
  { route: "POST /api/admin/client/add", body: { name: "k" }, action: "node.add" },
  { route: "POST /api/admin/client/{}/edit", body: { name: "kk" }, action: "node.edit" },
  { route: "POST /api/admin/client/{}/remove", action: "node.remove" },
  {
    route: "POST /api/admin/ping/add",
    body: { name: "p", target: "192.0.2.1", type: "icmp", interval: 60, clients: [] },
    action: "probe.add",
  },
  { route: "POST /api/admin/settings/", body: { sitename: "Fleet" }, action: "site.edit" },
];

/** By what the thing that was made is called in further paths. */
function lastPart(body: string): string {
  if (!body.startsWith("{")) return "";
  const answer: Record<string, unknown> = JSON.parse(body);
  for (const one of [answer["node"], answer["result"], answer]) {
    if (typeof one !== "object" || one === null) continue;
    const named = new Map<string, unknown>(Object.entries(one));
    const name = named.get("uuid") ?? named.get("id") ?? named.get("token");
    if (typeof name === "string" || typeof name === "number") return String(name);
  }
  return "";
}

async function admin(): Promise<string> {
  const login = { user: "admin", passwd: "correct horse" };
  const { headers } = await fleet.test.call("POST", "/api/auth/login", {
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(login).toString(),
  });
  return /auth_token=[0-9a-f]{64}/.exec(headers["set-cookie"] ?? "")?.[0] ?? "";
}

const newest = async (): Promise<readonly AuditEntry[]> => fleet.hub.audit.list({ limit: 5 });

interface Made {
  readonly status: number;
  readonly answer: string;
}

/** One change after the other, `{}` being what the one before has made. */
async function walk(
  changes: readonly Change[],
  visit: (change: Change, send: () => Promise<Made>) => Promise<Made>,
): Promise<void> {
  const Cookie = await admin();
  let id = "";
  for (const change of changes) {
    const { route, body } = change;
    const [method = "", path = ""] = route.replace("{}", id).split(" ");
    const made = await visit(change, async () => {
      const reply = await fleet.test.call(method, path, {
        headers: body === undefined ? { Cookie } : { Cookie, "Content-Type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: reply.status, answer: reply.body };
    });
    id = lastPart(made.answer) || id;
  }
}

/** What came of each change: its status and the acts that it has added. */
async function make(changes: readonly Change[]): Promise<string[]> {
  const problems: string[] = [];
  await walk(changes, async ({ route, action }, send) => {
    const before = (await newest())[0]?.id ?? 0;
    const made = await send();
    const added = (await newest()).filter((entry) => entry.id > before);
    const isThere = added.some((entry) => entry.action === action && entry.user === "admin");
    if (made.status >= 300) problems.push(`${route}: ${made.status} ${made.answer.slice(0, 200)}`);
    if (!isThere) problems.push(`${route}: no ${action}`);
    return made;
  });
  return problems;
}

/** Everything that people can change. */
async function fleetNow(): Promise<string> {
  const { registry, probes, alerts, notify, site, control } = fleet.hub;
  const { accounts, auth } = fleet.test.app;
  const allowed = registry.nodes.map(({ id }) => control.permissions(id));
  const people = await accounts.list();
  const tokens = (await auth.tokens.list()).map(({ id }) => id);
  const channels = notify.channels();
  const { nodes } = registry;
  const { tasks } = probes;
  const { rules } = alerts;
  const { values } = site;
  return JSON.stringify({ nodes, allowed, people, tokens, tasks, rules, channels, values });
}

/** Each of them without room for a line and then with it: which were done, or done in part, the first time. */
async function makeWithoutRoom(changes: readonly Change[]): Promise<string[]> {
  const { tables } = fleet.hub.storage;
  const problems: string[] = [];
  await walk(changes, async ({ route }, send) => {
    const before = await fleetNow();
    await tables.write([{ sql: FULL, values: [] }]);
    const refused = await send();
    await tables.write([{ sql: "DROP TRIGGER full", values: [] }]);
    if (!refused.answer.includes("no room")) problems.push(`${route}: ${refused.status}`);
    if ((await fleetNow()) !== before) problems.push(`${route}: done in part`);
    return send();
  });
  return problems;
}

describe("the audit table", () => {
  it("has every change that is made through our own API", async () => {
    expect(await make(OWN)).toEqual([]);
  });

  it("has a test for every route of our own API that changes something", () => {
    const made = OWN.map(({ route }) => route.replace("jane", ":name").replace("{}", ":name"));
    const known = new Set([...made, ...OTHERWISE].map((name) => name.replace(/:\w+/, ":name")));
    const routes = fleet.routes.filter(
      ({ method, url }) => url.startsWith(FLEET) && !["GET", "HEAD"].includes(method),
    );
    const names = routes.map(({ method, url }) => `${method} ${url.replace(/:\w+/, ":name")}`);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
    expect(names.length).toBeGreaterThanOrEqual(OWN.length);
  });

  it("has changes that are made through the dialects of others", async () => {
    expect(await make(OTHERS)).toEqual([]);
  });

  it("refuses every change that it has no room for", async () => {
    await fleet.hub.site.change({ siteName: "Before" });
    expect(await makeWithoutRoom([...OWN, ...OTHERS])).toEqual([]);
  });

  it("has sign-ins, and a sum of those that were refused", async () => {
    const { test, hub } = fleet;
    const json = { headers: { "Content-Type": "application/json" } };
    const komari = { username: "viewer", password: "correct horse" };
    await test.call("POST", "/api/login", { ...json, body: JSON.stringify(komari) });
    const nezha = { username: "operator", password: "correct horse" };
    await test.call("POST", "/api/v1/login", { ...json, body: JSON.stringify(nezha) });
    const signIns = await hub.audit.list({ action: "session.open" });
    expect(new Set(signIns.map(({ user }) => user))).toEqual(
      new Set(["admin", "operator", "viewer"]),
    );
  });

  it("keeps no secret in its words", async () => {
    const text = JSON.stringify(await fleet.hub.audit.list({ limit: 1000 }));
    for (const secret of ["correct horse", "secret pass", ...Object.values(fleet.apiTokens)]) {
      expect(text).not.toContain(secret);
    }
    expect(text).not.toMatch(/\bfht[0-9A-Za-z]{29}\b/);
  });
});
