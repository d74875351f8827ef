import { describe, expect, it } from "vitest";
import { compileScope } from "../../../src/hub/alerts/scope.ts";
import { NO_NOTES } from "../../../src/hub/node-notes.ts";
import type { NodeNotes, NodeRecord } from "../../../src/hub/registry.ts";
import { NO_FACTS } from "../../../src/hub/report.ts";

function node(id: number, notes: Partial<NodeNotes> = {}): NodeRecord {
  const base = { uuid: `uuid ${id}`, hasToken: true, createdAt: 0, updatedAt: 0, facts: NO_FACTS };
  return { ...NO_NOTES, ...base, id, ...notes };
}

const nobody = { nodes: [], groups: [], tags: [] };

describe("the scope of a rule", () => {
  it("that is empty means no node, but for 'all' and 'except'", () => {
    expect(compileScope({ ...nobody, cover: "only" })(node(1))).toBe(false);
    expect(compileScope({ ...nobody, cover: "except" })(node(1))).toBe(true);
    expect(compileScope({ ...nobody, cover: "all" })(node(1))).toBe(true);
  });

  it("lists nodes, groups and tags, with their colors or without", () => {
    const covers = compileScope({
      cover: "only",
      nodes: [1],
      groups: ["home"],
      tags: ["nas<red>"],
    });
    expect(covers(node(1))).toBe(true);
    expect(covers(node(2))).toBe(false);
    expect(covers(node(2, { group: "home" }))).toBe(true);
    expect(covers(node(2, { tags: ["x", "nas<blue>"] }))).toBe(true);
    expect(covers(node(2, { tags: ["nasty"] }))).toBe(false);
  });

  it("does not take nodes without a group for those of an empty name", () => {
    expect(compileScope({ ...nobody, cover: "only", groups: [""] })(node(1))).toBe(false);
  });
});
