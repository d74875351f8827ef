import { describe, expect, it } from "vitest";
import { parseText, readEnvironment, variableOf } from "../../src/config/environment.ts";
import { schemaAt, walkSchema } from "../../src/config/json-schema.ts";
import type { JsonSchema } from "../../src/config/json-schema.ts";
import { ConfigSchema } from "../../src/config/schema.ts";

function meaning(path: string, text: string): unknown {
  const schema: JsonSchema | undefined = schemaAt(ConfigSchema, path.split("."));
  if (schema === undefined) throw new Error(`no ${path}`);
  return parseText(schema, text);
}

describe("variableOf", () => {
  it.each([
    ["dataDir", "FARHAND__DATA_DIR"],
    ["http.allowedOrigins", "FARHAND__HTTP__ALLOWED_ORIGINS"],
    ["http.tls.mode", "FARHAND__HTTP__TLS__MODE"],
    ["auth.initialPassword", "FARHAND__AUTH__INITIAL_PASSWORD"],
    ["device.hid.mouseXRange", "FARHAND__DEVICE__HID__MOUSE_X_RANGE"],
  ])("of %s is %s", (path, variable) => {
    expect(variableOf(path.split("."))).toBe(variable);
  });

  it("is different for every key", () => {
    const entries = Array.from(walkSchema(ConfigSchema, { sections: true }));
    const variables = new Set(entries.map(({ path }) => variableOf(path)));
    expect(variables.size).toBe(entries.length);
  });
});

describe("parseText", () => {
  it.each([
    ["http.port", "8080", 8080],
    ["http.port", "eighty", "eighty"],
    ["http.port", "", ""],
    ["auth.checkCacheSeconds", "0.5", 0.5],
    ["auth.extend", "Yes", true],
    ["auth.extend", "0", false],
    ["auth.extend", "maybe", "maybe"],
    ["roles", "device, agent", ["device", "agent"]],
    ["roles", '["hub"]', ["hub"]],
    ["http.trustedProxies", "", []],
    ["device.atx.enabled", "auto", "auto"],
    ["device.atx.enabled", "true", true],
    ["device.hid.baudRate", "9600", 9600],
    ["device.atx.powerLed", "none", "none"],
    ["device.atx.powerLed", '{"chip":"a","line":1}', { chip: "a", line: 1 }],
    ["device.atx.powerLed", '{"chip":"a"}', { chip: "a" }],
    ["device.gpio.scheme", '{"a":{"pin":1,"mode":"input"}}', { a: { pin: 1, mode: "input" } }],
    ["device.gpio.scheme", "{broken", "{broken"],
    ["dataDir", "123", "123"],
  ])("takes for %s the text %j as %j", (path, text, value) => {
    expect(meaning(path, text)).toEqual(value);
  });
});

describe("readEnvironment", () => {
  it("ignores variables of others and the name of the file", () => {
    const env = { PATH: "/bin", FARHAND: "x", FARHAND__CONFIG: "/x" };
    expect(readEnvironment(env)).toEqual({ inputs: [], problems: [] });
  });

  it("reports an unknown variable without its value", () => {
    const { problems } = readEnvironment({ FARHAND__AUTH__INITAL_PASSWORD: "secret" });
    expect(problems).toMatchObject([
      { nearest: "FARHAND__AUTH__INITIAL_PASSWORD", value: undefined },
    ]);
  });
});
