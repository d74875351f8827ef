import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { editorSchemaText } from "../../src/config/editor-schema.ts";
import { walkSchema } from "../../src/config/json-schema.ts";
import type { JsonSchema } from "../../src/config/json-schema.ts";
import { loadConfig } from "../../src/config/load.ts";
import { describeProblem } from "../../src/config/problems.ts";
import { ConfigSchema } from "../../src/config/schema.ts";

const system = (name: string) =>
  readFileSync(new URL(`../../system/${name}`, import.meta.url), "utf8");

describe("system/config.schema.json", () => {
  it("is what `farhand print-schema` prints today", () => {
    expect(system("config.schema.json")).toBe(editorSchemaText());
  });

  it("demands no key that has a default", () => {
    const schema: JsonSchema = JSON.parse(editorSchemaText());
    for (const { path, schema: part } of walkSchema(schema, { sections: true })) {
      expect([path, part.required]).toEqual([path, undefined]);
    }
  });

  it("keeps the demands of free entries", () => {
    expect(editorSchemaText()).toMatch(/"required": \[\s*"pin",\s*"mode"\s*\]/);
  });
});

describe("system/farhand.yaml", () => {
  const text = system("farhand.yaml");
  const load = (content: string) =>
    loadConfig({
      env: {},
      readFile: (path) => Promise.resolve(path === "farhand.yaml" ? content : "secret-of-a-file"),
      file: "farhand.yaml",
    });
  const complaints = async (content: string) => {
    const result = await load(content);
    return result.ok ? [] : result.problems.map(describeProblem);
  };

  it("is valid as it stands", async () => {
    expect(await complaints(text)).toEqual([]);
  });

  /** The example with every commented-out setting switched on; prose is marked by `##`. */
  const uncommented = text.replaceAll(/^# (?!yaml-)/gm, "");

  it("is valid with every setting that it shows", async () => {
    expect(uncommented).not.toBe(text);
    expect(await complaints(uncommented)).toEqual([]);
  });

  it("shows every section", async () => {
    const result = await load(uncommented);
    const missing = Array.from(walkSchema(ConfigSchema, { sections: false }))
      .map(({ path }) => path.join("."))
      .filter((path) => !result.ok || result.loaded.origins.get(path) !== "file");
    expect(missing).toEqual([]);
  });
});
