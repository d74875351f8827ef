// A device that is also a hub, with everything switched on, and everybody who may come to it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import {
  formatApiTokens,
  hashOfApiToken,
  newApiToken,
} from "../../src/http/auth/api-token-file.ts";
import { SESSION_COOKIES } from "../../src/http/auth/credentials.ts";
import { USER_ROLES } from "../../src/http/auth/principal.ts";
import type { UserRole } from "../../src/http/auth/principal.ts";
import type { Hub } from "../../src/hub/hub.ts";
import type { NodeRecord } from "../../src/hub/registry.ts";
import type { HubRole } from "../../src/roles/hub.ts";
import type { Role } from "../../src/roles/role.ts";
import { quickHash } from "./auth-fixture.ts";
import { createTestApp } from "./create-test-app.ts";
import type { TestApp, TestAppOptions } from "./create-test-app.ts";
import { inertSettings } from "./inert-settings.ts";
import { nodeReport } from "./hub-fixture.ts";

export interface WalkedRoute {
  readonly method: string;
  readonly url: string;
  readonly access: string;
  readonly isSocket: boolean;
}

/** Somebody, by what they send. */
export interface Visitor {
  readonly name: string;
  /** Undefined for those who are nobody here. */
  readonly role: UserRole | undefined;
  readonly isAgent: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** Appended to the address. */
  readonly query: string;
}

export interface AccessFleet {
  readonly test: TestApp;
  readonly hub: Hub;
  readonly routes: readonly WalkedRoute[];
  readonly visitors: readonly Visitor[];
  readonly hidden: NodeRecord;
  readonly visible: NodeRecord;
  /** Texts and figures that are known of the hidden node only; its identities are not among them. */
  readonly secrets: readonly string[];
  /** Of each role, as they are shown. */
  readonly apiTokens: Readonly<Record<UserRole, string>>;
  readonly nezhaPort: number;
}

const PASSWORD = "correct horse";

export const NEZHA_SECRET = "shared-secret-of-agents";
export const DISCOVERY_KEY = "a-key-of-some-length";

const HIDDEN = {
  name: "Hidden-4711",
  group: "Vault-4711",
  tags: ["tag-4711"],
  remark: "remark-4711",
  publicRemark: "public-remark-4711",
  region: "region-4711",
} as const;
const HIDDEN_FACTS = {
  osName: "os-4711",
  kernelVersion: "kernel-4711",
  cpuModels: ["cpu-4711"],
  ipv4: "198.51.100.77",
  agentVersion: "agent-4711",
} as const;
const HIDDEN_ADDRESS = "203.0.113.77";
const HIDDEN_UPTIME = 47_114_711;
const HIDDEN_TASK = "task-4711";

function isHubRole(role: Role): role is HubRole {
  return role.name === "hub";
}

export function hubOf({ app }: TestApp): Hub {
  const role = app.roles.find(isHubRole);
  if (role === undefined) throw new Error("The app has no hub role");
  return role.hub;
}

const person = (
  name: string,
  role: UserRole | undefined,
  headers: Readonly<Record<string, string>>,
): Visitor => ({ name, role, isAgent: false, headers, query: "" });

function writeAccounts(dataDir: string): Record<UserRole, string> {
  const hash = quickHash(PASSWORD);
  const lines = (text: (role: string) => string): string => USER_ROLES.map(text).join("");
  const htpasswd = join(dataDir, "htpasswd");
  writeFileSync(
    htpasswd,
    lines((role) => `${role}:${hash}\n`),
    { mode: 0o600 },
  );
  writeFileSync(
    `${htpasswd}.roles`,
    lines((role) => `${role}:${role}\n`),
  );
  const tokens = { viewer: newApiToken(), operator: newApiToken(), admin: newApiToken() };
  const stored = USER_ROLES.map((role, index) => ({
    id: `${index}`.padStart(16, "0"),
    // All of them are the admin's: what counts is the token's own role.
    user: "admin",
    name: role,
    role,
    hash: hashOfApiToken(tokens[role]),
    createdAt: 1,
    expiresAt: null,
    lastUsedAt: null,
  }));
  writeFileSync(join(dataDir, "api-tokens.json"), formatApiTokens(stored), { mode: 0o600 });
  return tokens;
}

async function sessionOf(test: TestApp, role: UserRole): Promise<string> {
  const { headers } = await test.call("POST", "/api/auth/login", {
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ user: role, passwd: PASSWORD }).toString(),
  });
  const token = /auth_token=([0-9a-f]{64})/.exec(headers["set-cookie"] ?? "")?.[1];
  if (token === undefined) throw new Error("No session");
  return token;
}

/** Every form of every credential is somebody's; that all forms are equal is for the tests of `Auth` to say. */
async function peopleOf(test: TestApp, tokens: Record<UserRole, string>): Promise<Visitor[]> {
  const people: Visitor[] = [];
  for (const [index, role] of USER_ROLES.entries()) {
    const cookie = SESSION_COOKIES[index + 1] ?? SESSION_COOKIES[0];
    const scheme = role === "operator" ? "" : "Bearer ";
    const session = await sessionOf(test, role);
    people.push(
      person(`${role} by headers`, role, { "X-KVMD-User": role, "X-KVMD-Passwd": PASSWORD }),
      person(`${role} by a token`, role, { Authorization: `${scheme}${tokens[role]}` }),
      person(`${role} by a cookie`, role, { Cookie: `${cookie}=${session}` }),
    );
  }
  return people;
}

const STRANGERS: readonly Visitor[] = [
  person("nobody", undefined, {}),
  person("an unknown session", undefined, { Cookie: `session_token=${"0".repeat(64)}` }),
  person("an unknown token", undefined, { Authorization: `Bearer ${newApiToken()}` }),
  person("a wrong password", undefined, { "X-KVMD-User": "stranger", "X-KVMD-Passwd": "wrong" }),
];

function agentsOf(token: string): Visitor[] {
  const agent = { role: undefined, isAgent: true } as const;
  return [
    { ...agent, name: "an agent", headers: {}, query: `token=${token}` },
    {
      ...agent,
      name: "an agent by header",
      headers: { Authorization: `Bearer ${token}` },
      query: "",
    },
  ];
}

async function fillHub(hub: Hub) {
  const visible = await hub.registry.add({ notes: { name: "Visible-1", group: "Open" } });
  const hidden = await hub.registry.add({ notes: { ...HIDDEN, isHidden: true } });
  for (const { node } of [visible, hidden]) {
    const remoteAddress = node.isHidden ? HIDDEN_ADDRESS : "203.0.113.1";
    const link = { send: () => true, close: () => undefined };
    const session = hub.ingest.attach({ node: node.id, dialect: "test", remoteAddress }, link);
    if (node.isHidden) session.facts(HIDDEN_FACTS);
    session.report(nodeReport(node.isHidden ? { uptimeSeconds: HIDDEN_UPTIME } : {}));
    await hub.control.permit({ user: "admin", address: "" }, node.id, { command: true });
  }
  const task = { type: "icmp", target: "192.0.2.9", intervalSeconds: 60, weight: 0 } as const;
  const rest = { cover: "only", isDefaultOn: true } as const;
  const [mine, both] = [[hidden.node.id], [visible.node.id, hidden.node.id]];
  await hub.probes.add({ ...task, ...rest, name: HIDDEN_TASK, nodes: mine });
  await hub.probes.add({ ...task, ...rest, name: "task of both", nodes: both });
  return { visible, hidden };
}

/** Where the hub waits for agents, as it has told. */
function nezhaPortOf({ logLines }: TestApp): number {
  const told = /"port":(\d+).*Waiting for Nezha agents/.exec(logLines.join("\n"))?.[1];
  if (told === undefined) throw new Error("The hub waits for no agents");
  return Number(told);
}

/** Runs until `onClose` says so, or the test ends. */
export async function accessFleet(
  onClose: (close: () => Promise<void>) => void = onTestFinished,
): Promise<AccessFleet> {
  const dataDir = mkdtempSync(join(tmpdir(), "farhand-access-"));
  const tokens = writeAccounts(dataDir);
  const pikvmRoot = join(dataDir, "web");
  for (const folder of ["login", "share", "kvm"]) {
    mkdirSync(join(pikvmRoot, folder), { recursive: true });
  }
  writeFileSync(join(pikvmRoot, "index.html"), "<title>index</title>");
  const routes: WalkedRoute[] = [];
  const onRoute: TestAppOptions["onRoute"] = (route) => {
    const isSocket = route.websocket === true || route.wsHandler !== undefined;
    for (const method of [route.method].flat()) {
      routes.push({ method, url: route.url, access: route.config?.access ?? "unstated", isSocket });
    }
  };
  const test = await createTestApp({
    dataDir,
    settings: inertSettings(),
    onRoute,
    onClose: (close) => {
      onClose(async () => {
        await close();
        rmSync(dataDir, { recursive: true, force: true });
      });
    },
    config: {
      roles: ["device", "hub"],
      device: { terminal: { enabled: true }, web: { pikvmRoot } },
      hub: {
        discoveryKey: DISCOVERY_KEY,
        nezha: { secret: NEZHA_SECRET, listen: "127.0.0.1:0" },
      },
    },
  });
  const hub = hubOf(test);
  const { visible, hidden } = await fillHub(hub);
  const people = await peopleOf(test, tokens);
  return {
    test,
    hub,
    routes,
    visitors: [...STRANGERS, ...agentsOf(visible.token), ...people],
    visible: visible.node,
    hidden: hidden.node,
    secrets: [
      ...Object.values(HIDDEN).flat(),
      ...Object.values(HIDDEN_FACTS).flat(),
      HIDDEN_ADDRESS,
      String(HIDDEN_UPTIME),
      HIDDEN_TASK,
    ],
    apiTokens: tokens,
    nezhaPort: nezhaPortOf(test),
  };
}
