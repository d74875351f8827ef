import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Hub } from "../../src/hub/hub.ts";
import type { AgentSession } from "../../src/hub/ingest.ts";
import type { NodeRecord, NodeNotes } from "../../src/hub/registry.ts";
import type { NodeFacts, NodeReport } from "../../src/hub/report.ts";
import { hubOf } from "./access-fleet.ts";
import { quickHash } from "./auth-fixture.ts";
import { OWNER, createTestApp } from "./create-test-app.ts";
import type { TestApp } from "./create-test-app.ts";
import { nodeReport } from "./hub-fixture.ts";
import { tempDir } from "./temp-dir.ts";

/** A hub with its HTTP server. */
export interface NezhaSite {
  readonly test: TestApp;
  readonly hub: Hub;
  add(notes: Partial<NodeNotes>): Promise<NodeRecord>;
  /** A node that is connected and has reported. */
  connect(notes: Partial<NodeNotes>, figures?: Figures): Promise<AgentSession>;
  /** The answer to a guest, or to the owner. */
  read(path: string, as?: "guest" | "owner"): Promise<SiteAnswer>;
}

export interface Figures {
  readonly facts?: Partial<NodeFacts>;
  readonly report?: Partial<NodeReport>;
}

export interface SiteAnswer {
  readonly status: number;
  readonly body: unknown;
}

export async function startNezhaSite(config: object = {}): Promise<NezhaSite> {
  // A password that is quick to check: each of these tests begins with one.
  const htpasswdFile = join(tempDir(), "htpasswd");
  writeFileSync(htpasswdFile, `${OWNER.user}:${quickHash(OWNER.password)}\n`, { mode: 0o600 });
  const test = await createTestApp({
    config: { roles: ["hub"], auth: { htpasswdFile }, ...config },
  });
  const hub = hubOf(test);
  const add = async (notes: Partial<NodeNotes>): Promise<NodeRecord> =>
    (await hub.registry.add({ notes: { name: "node", ...notes } })).node;
  return {
    test,
    hub,
    add,
    async connect(notes, { facts = {}, report = {} } = {}) {
      const { id } = await add(notes);
      const identity = { node: id, dialect: "test", remoteAddress: "192.0.2.1" };
      const session = hub.ingest.attach(identity, { send: () => true, close: () => undefined });
      session.facts(facts);
      session.report(nodeReport(report));
      return session;
    },
    async read(path, as = "owner") {
      const { status, body } = await test.call("GET", path, as === "guest" ? { headers: {} } : {});
      const parsed: unknown = JSON.parse(body);
      return { status, body: parsed };
    },
  };
}

/** What is in a place of an answer, as its kind: what clients rely on. */
export function shapeOf(value: unknown): unknown {
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== "object") return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shapeOf(part)]));
}
