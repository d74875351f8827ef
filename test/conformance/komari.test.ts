/**
 * Answers recorded from servers of the original, one line each; what changes from server to server is NODE and TOKEN.
 * Ours have to have every key of them with a value of the same type, the same status, and the same words where the
 * recorded answer is a refusal. Keys beside them are those of other versions.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { OWNER_HEADERS } from "../support/create-test-app.ts";
import { nodeReport } from "../support/hub-fixture.ts";
import { loadFigures, pingFigures } from "../support/hub-storage.ts";
import { komariSite, minutesBefore } from "../support/komari-site.ts";
import type { KomariSite } from "../support/komari-site.ts";

interface Recorded {
  readonly as: "guest" | "admin";
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly status: number;
  readonly answer: unknown;
}

type Tree = Readonly<Record<string, unknown>>;

function recorded(name: string): readonly Recorded[] {
  const text = readFileSync(new URL(`komari/${name}`, import.meta.url), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const entry: Recorded = JSON.parse(line);
      return entry;
    });
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Places where ours differ on purpose, and why. */
const DEVIATIONS: readonly (readonly [RegExp, string])[] = [
  // Of a server of 2025: every ping record has two empty objects beside its figures, a megabyte a day.
  [/records\[\]\.(?:client_info|task)(?:$|\.)/, "not of newer servers"],
  [/^GET \/api\/records\/ping 2025.*message$/, "newer words"],
  // Of a server of 2025: null instead of an empty list, which front ends of all versions can do without.
  [/records\/load\?uuid=nobody.*2025.*records$/, "an empty list"],
  [/\.error\.data(?:$|\.)/, "the message says it"],
];

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

/** Refusals are read by programs, letter by letter. */
function wordsDiffer(wanted: unknown, found: unknown, place: string): boolean {
  if (!place.endsWith("message") || wanted === "" || wanted === "text") return false;
  return wanted !== found;
}

/** What is missing or of another type, one line each. */
function differences(wanted: unknown, found: unknown, place: string): readonly string[] {
  if (DEVIATIONS.some(([pattern]) => pattern.test(place))) return [];
  if (typeOf(wanted) !== typeOf(found)) {
    return [`${place}: ${typeOf(wanted)} wanted, ${typeOf(found)} found`];
  }
  if (isTree(wanted) && isTree(found)) {
    return Object.entries(wanted).flatMap(([key, value]) =>
      differences(value, found[key], `${place}.${key}`),
    );
  }
  if (!Array.isArray(wanted) || !Array.isArray(found)) {
    return wordsDiffer(wanted, found, place) ? [`${place}: '${String(found)}'`] : [];
  }
  if (wanted.length === 0) return [];
  return found.length === 0
    ? [`${place}: an empty list`]
    : differences(wanted[0], found[0], `${place}[]`);
}

async function siteLikeThat(): Promise<{ site: KomariSite; uuid: string; cookie: string }> {
  const site = await komariSite();
  const { node } = await site.addNode({ name: "node" }, { osName: "Linux", logicalCores: 2 });
  const task = await site.hub.probes.add({
    name: "loop",
    type: "tcp",
    target: "192.0.2.7:80",
    intervalSeconds: 10,
    cover: "only",
    nodes: [node.id],
    weight: 0,
    isDefaultOn: false,
  });
  site.connect(node).session.report(nodeReport());
  const pings = [pingFigures(task.id, 3)];
  const rows = minutesBefore(Date.now(), 5).map((at) => ({
    node: node.id,
    at,
    load: loadFigures(),
    pings,
  }));
  site.hub.series.append(rows);
  const login = await site.asGuest("/api/login", {
    method: "POST",
    body: JSON.stringify({ username: "admin", password: OWNER_HEADERS["X-KVMD-Passwd"] }),
  });
  return { site, uuid: node.uuid, cookie: String(login.headers["set-cookie"]?.split(";")[0]) };
}

describe.each([
  ["2026", "server-2026-08.jsonl"],
  ["2025", "server-2025-07.jsonl"],
])("answers recorded from a server of %s", (year, name) => {
  it("are all found in ours", async () => {
    const { site, uuid, cookie } = await siteLikeThat();
    const problems: string[] = [];
    for (const { as, method, path, body, status, answer } of recorded(name)) {
      const own = (text: string): string => text.replaceAll("NODE", uuid);
      const reply = await site.asGuest(own(path), {
        method,
        headers: as === "admin" ? { Cookie: cookie } : {},
        ...(body === undefined ? {} : { body: own(JSON.stringify(body)) }),
      });
      const rpc = isTree(body) ? ` ${JSON.stringify(body)}` : "";
      const place = `${method} ${path}${rpc} ${year} as ${as}`;
      if (reply.status !== status) problems.push(`${place}: status ${reply.status}, not ${status}`);
      const wanted: unknown = JSON.parse(own(JSON.stringify(answer)));
      problems.push(...differences(wanted, reply.json, place));
    }
    expect(problems.join("\n")).toBe("");
  });
});
