import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../../src/config/load.ts";
import { listSettings, withSettings } from "../../src/config/settings.ts";
import type { Setting } from "../../src/config/settings.ts";
import { ValidationError } from "../../src/core/errors.ts";

async function settingsOf(text: string, env: Record<string, string> = {}) {
  const readFile = (): Promise<string> => Promise.resolve(text);
  const result = await loadConfig({ file: "/farhand.yaml", env, readFile });
  if (!result.ok) throw new Error("The text is not valid");
  const settings = listSettings(result.loaded);
  return (path: string): Setting | undefined => settings.find((one) => one.path === path);
}

describe("listSettings", () => {
  it("tells value, default, limits and origin of every setting", async () => {
    const setting = await settingsOf("http: { port: 9000 }\nroles: [device, hub]\n");
    expect(setting("http.port")).toMatchObject({
      kind: "integer",
      value: 9000,
      origin: "file",
      isFixed: false,
    });
    expect(setting("roles")).toMatchObject({
      kind: "words",
      words: ["device", "agent", "hub", "proxy"],
      value: ["device", "hub"],
      default: ["device"],
    });
    expect(setting("http.tls.mode")).toMatchObject({ kind: "word", origin: "default" });
    expect(setting("hub.control.enabled")).toMatchObject({ kind: "flag" });
  });

  it("never tells a secret, only that there is one", async () => {
    const setting = await settingsOf("hub: { discoveryKey: very-secret-key }\n");
    expect(setting("hub.discoveryKey")).toMatchObject({ kind: "secret", value: null, isSet: true });
    expect(setting("hub.nezha.secret")).toMatchObject({ value: null, isSet: false });
    expect(JSON.stringify(setting("hub.discoveryKey"))).not.toContain("very-secret-key");
  });

  it("says that the environment beats the file", async () => {
    const setting = await settingsOf("http: { port: 9000 }\n", { FARHAND__HTTP__PORT: "9001" });
    expect(setting("http.port")).toMatchObject({ value: 9001, isFixed: true });
  });
});

describe("withSettings", () => {
  it("changes values and keeps comments and everything else", () => {
    const text = "# mine\nhttp:\n  port: 9000 # because\nroles: [device]\n";
    const changes = new Map<string, unknown>([
      ["http.port", 9443],
      ["hub.maxNodes", 5],
      ["log.level", "debug"],
    ]);
    expect(withSettings(text, changes)).toBe(
      "# mine\nhttp:\n  port: 9443 # because\nroles: [device]\nhub:\n  maxNodes: 5\nlog:\n  level: debug\n",
    );
  });

  it("goes back to the default by leaving the value out", () => {
    const text = "http:\n  port: 9000\n  host: 127.0.0.1\n";
    expect(withSettings(text, new Map([["http.port", undefined]]))).toBe(
      "http:\n  host: 127.0.0.1\n",
    );
  });

  it("leaves a file as it is in which there is nothing to go back from", () => {
    for (const text of ["roles: [device]\n", "http:\n", "http:\n  host: 127.0.0.1\n"]) {
      expect(withSettings(text, new Map([["http.tls.mode", undefined]]))).toBe(text);
    }
  });

  it("fills a section that is there but empty", () => {
    expect(withSettings("http:\n", new Map([["http.port", 1]]))).toBe("http:\n  port: 1\n");
  });

  it("refuses to write what a page was shown in the place of a secret", () => {
    const uplinks = [{ protocol: "komari", url: "https://hub", token: "(hidden)" }];
    expect(() => withSettings("", new Map([["agent.uplinks", uplinks]]))).toThrow(
      "holds a secret that is not shown here",
    );
  });

  const UPLINKS = [
    "agent:",
    "  uplinks:",
    "    # at home",
    "    - protocol: komari",
    "      url: https://home # the old one",
    "      token: first",
    "    - protocol: komari",
    "      url: https://away",
    "      token: { file: /run/away }",
    "",
  ].join("\n");

  const shownUplinks = async (): Promise<readonly { readonly token: string }[]> => {
    const setting = await settingsOf(UPLINKS.replace("{ file: /run/away }", "second"));
    return (setting("agent.uplinks")?.value ?? []) as { readonly token: string }[];
  };

  it("keeps secrets within lists, wherever they stand afterwards, and the comments beside them", async () => {
    const [home, away] = await shownUplinks();
    expect(JSON.stringify([home, away])).not.toMatch(/first|second/);
    const next = [away, { ...home, url: "https://new" }];
    const written = withSettings(UPLINKS, new Map([["agent.uplinks", next]]));
    expect(parse(written)).toMatchObject({
      agent: {
        uplinks: [
          { url: "https://away", token: { file: "/run/away" } },
          { url: "https://new", token: "first" },
        ],
      },
    });
    expect(written).toContain("# at home");
  });

  it("takes no secret to a place where it would be shown", async () => {
    const [home] = await shownUplinks();
    for (const url of [home?.token, "(hidden: hub/discoveryKey)"]) {
      const next = [{ ...home, url }];
      expect(() => withSettings(UPLINKS, new Map([["agent.uplinks", next]]))).toThrow(
        "holds a secret that is not shown here",
      );
    }
  });

  it("refuses what is no setting, and a file that is not YAML", () => {
    expect(() => withSettings("", new Map([["http.nonsense", 1]]))).toThrow(
      "There is no setting 'http.nonsense'",
    );
    expect(() => withSettings("a: [", new Map())).toThrow("not valid YAML");
    const aliased = "log: &one {level: info}\nother: *one\n";
    expect(() => withSettings(aliased, new Map([["log", undefined]]))).toThrow(ValidationError);
  });
});
