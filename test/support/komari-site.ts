import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Hub } from "../../src/hub/hub.ts";
import type { AgentSession } from "../../src/hub/ingest.ts";
import type { IssuedNode, NodeNotes, NodeRecord } from "../../src/hub/registry.ts";
import type { NodeFacts } from "../../src/hub/report.ts";
import type { HubRole } from "../../src/roles/hub.ts";
import type { Role } from "../../src/roles/role.ts";
import { htpasswdOf } from "./auth-fixture.ts";
import { createTestApp, OWNER } from "./create-test-app.ts";
import type { TestApp } from "./create-test-app.ts";
import { httpCall } from "./http-request.ts";
import type { HttpOptions } from "./http-request.ts";
import { recordingLink } from "./hub-fixture.ts";
import type { RecordingLink } from "./hub-fixture.ts";

function isHubRole(role: Role): role is HubRole {
  return role.name === "hub";
}

export interface SiteAnswer<T = unknown> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly json: T;
  readonly body: string;
}

/** A hub as viewers and admins see it. */
export interface KomariSite {
  readonly app: TestApp;
  readonly hub: Hub;
  /** Without any credential. */
  asGuest<T>(path: string, options?: HttpOptions): Promise<SiteAnswer<T>>;
  /** As the owner. A body that is no text is sent as JSON. */
  asAdmin<T>(path: string, body?: unknown): Promise<SiteAnswer<T>>;
  addNode(notes?: Partial<NodeNotes>, facts?: Partial<NodeFacts>): Promise<IssuedNode>;
  connect(node: NodeRecord): { readonly session: AgentSession; readonly link: RecordingLink };
}

function answerOf<T>(reply: Awaited<ReturnType<typeof httpCall>>): SiteAnswer<T> {
  const { status, headers, body } = reply;
  const isJson = headers["content-type"]?.startsWith("application/json") === true;
  return { status, headers, body, json: isJson ? JSON.parse(body) : undefined };
}

/** Part of the configuration file may be given. */
export async function komariSite(
  config: Readonly<Record<string, unknown>> = {},
): Promise<KomariSite> {
  const dataDir = mkdtempSync(join(tmpdir(), "farhand-site-"));
  // Hooks run last to first: the app is closed before.
  onTestFinished(() => {
    rmSync(dataDir, { recursive: true, force: true });
  });
  // An account whose password takes no time to check.
  writeFileSync(join(dataDir, "htpasswd"), htpasswdOf({ [OWNER.user]: OWNER.password }));
  const app = await createTestApp({ dataDir, config: { roles: ["hub"], ...config } });
  const role = app.app.roles.find(isHubRole);
  if (role === undefined) throw new Error("The app has no hub");
  const { hub } = role;
  return {
    app,
    hub,
    asGuest: async (path, options = {}) => answerOf(await httpCall(app.url, path, options)),
    async asAdmin(path, body) {
      const method = body === undefined ? "GET" : "POST";
      const text = typeof body === "string" ? body : JSON.stringify(body);
      return answerOf(await app.call(method, path, body === undefined ? {} : { body: text }));
    },
    async addNode(notes = {}, facts = {}) {
      const issued = await hub.registry.add({ notes });
      hub.registry.learn(issued.node.id, facts);
      return { ...issued, node: hub.registry.byId(issued.node.id) ?? issued.node };
    },
    connect(node) {
      const link = recordingLink();
      const identity = { node: node.id, dialect: "test", remoteAddress: "192.0.2.1" };
      return { session: hub.ingest.attach(identity, link), link };
    },
  };
}

/** Rows of the history: one each minute of the last `minutes`, the newest in the minute before the running one. */
export function minutesBefore(now: number, minutes: number): readonly number[] {
  const last = Math.floor(now / 60_000) * 60_000 - 60_000;
  return Array.from({ length: minutes }, (_, index) => last - (minutes - 1 - index) * 60_000);
}
