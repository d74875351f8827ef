import { ConfigSchema } from "./schema.ts";

/** `required` names only keys without a default. */
function withoutDefaulted(schema: object): object {
  const required: unknown = Reflect.get(schema, "required");
  const properties: unknown = Reflect.get(schema, "properties");
  if (!Array.isArray(required) || typeof properties !== "object" || properties === null) {
    return schema;
  }
  const needed = required.filter((key) => {
    const child: unknown = Reflect.get(properties, String(key));
    return typeof child !== "object" || child === null || !("default" in child);
  });
  return { ...schema, required: needed };
}

/** Without `required` at the levels that have defaults: the file states only what differs. */
function strip(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strip);
  if (typeof schema !== "object" || schema === null) return schema;
  const isSection = "default" in schema;
  const entries: [string, unknown][] = Object.entries(withoutDefaulted(schema));
  return Object.fromEntries(
    entries
      .filter(([key]) => !(isSection && key === "required"))
      .map(([key, value]) => [key, key === "default" ? value : strip(value)]),
  );
}

/** The JSON Schema of the configuration file for editors, as text. */
export function editorSchemaText(): string {
  const head = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "farhand.yaml",
  };
  return `${JSON.stringify(Object.assign(head, strip(ConfigSchema)), undefined, 2)}\n`;
}
