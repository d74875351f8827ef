import { describe, expect, it } from "vitest";
import { enAuditActions } from "../../src/web/i18n/en/audit-actions.ts";
import { zhAuditActions } from "../../src/web/i18n/zh-cn/audit-actions.ts";
import { sourcesUnder } from "../support/source-tree.ts";

/** Everything that is written into the audit table. */
const written = sourcesUnder("src", /^src\/(?:hub|api|http|roles)\/.*\.ts$/).flatMap(
  ({ text }) => text.match(/(?<=\baction: ")\w+\.\w+(?=")/g) ?? [],
);

describe("the words for what people did", () => {
  it("are there for every action that the hub writes down", () => {
    expect(written.length).toBeGreaterThan(30);
    expect(written.filter((action) => !Object.hasOwn(enAuditActions, action))).toEqual([]);
  });

  it("are none that nothing writes", () => {
    expect(Object.keys(enAuditActions).filter((action) => !written.includes(action))).toEqual([]);
  });

  it("differ from each other in both languages, so that nobody takes one for another", () => {
    for (const words of [enAuditActions, zhAuditActions].map(Object.values)) {
      expect(new Set(words).size).toBe(words.length);
    }
  });
});
