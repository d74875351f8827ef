import { describe, expect, it } from "vitest";
import { StorageError } from "../../src/core/errors.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { ConfigSources, LoadedConfig } from "../../src/config/load.ts";
import { describeProblem } from "../../src/config/problems.ts";
import type { ConfigProblem } from "../../src/config/problems.ts";

const FILE = "/etc/farhand/farhand.yaml";
const HOME = { HOME: "/home/joe" };

interface Given extends Partial<ConfigSources> {
  readonly yaml?: string;
  readonly files?: Readonly<Record<string, string>>;
}

function load(given: Given = {}) {
  const files: Record<string, string> = { ...given.files };
  if (given.yaml !== undefined) files[FILE] = given.yaml;
  const readFile = (path: string) => Promise.resolve(files[path]);
  return loadConfig({ env: HOME, readFile, ...given });
}

async function loaded(given: Given = {}): Promise<LoadedConfig> {
  const result = await load(given);
  if (!result.ok) throw new Error(result.problems.map(describeProblem).join("\n"));
  return result.loaded;
}

async function problems(given: Given): Promise<readonly ConfigProblem[]> {
  const result = await load(given);
  return result.ok ? [] : result.problems;
}

describe("loadConfig without any source", () => {
  it("gives the defaults", async () => {
    const { config, origins, file } = await loaded();
    expect(config.roles).toEqual(["device"]);
    expect(config.http.port).toBe(8443);
    expect(config.device.hid.jiggler.intervalSeconds).toBe(60);
    expect(origins.get("http.port")).toBe("default");
    expect(file).toBeUndefined();
  });

  it("gives a configuration that is frozen all the way down", async () => {
    const { config } = await loaded();
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.device.hid.jiggler)).toBe(true);
    expect(Object.isFrozen(config.device.info.meta["server"])).toBe(true);
  });

  it("does not share defaults between configurations", async () => {
    const first = await loaded();
    const second = await loaded();
    expect(first.config.device.info.meta).not.toBe(second.config.device.info.meta);
  });

  it.each([
    [{ STATE_DIRECTORY: "/var/lib/farhand:/var/lib/other", HOME: "/h" }, "/var/lib/farhand"],
    [{ XDG_DATA_HOME: "/h/share", HOME: "/h" }, "/h/share/farhand"],
    [{ STATE_DIRECTORY: "", HOME: "/h" }, "/h/.local/share/farhand"],
    [{}, "/var/lib/farhand"],
  ])("with %j keeps data in %s", async (env, folder) => {
    expect((await loaded({ env })).config.dataDir).toBe(folder);
  });
});

describe("precedence", () => {
  const yaml = "http:\n  port: 1111\n  host: 127.0.0.1\n";

  it("lets the file beat the default", async () => {
    const { config, origins, file } = await loaded({ yaml });
    expect(config.http.port).toBe(1111);
    expect(origins.get("http.port")).toBe("file");
    expect(file).toBe(FILE);
  });

  it("lets the environment beat the file, key by key", async () => {
    const { config, origins } = await loaded({ yaml, env: { FARHAND__HTTP__PORT: "2222" } });
    expect(config.http).toMatchObject({ port: 2222, host: "127.0.0.1" });
    expect(origins.get("http.port")).toBe("environment");
    expect(origins.get("http.host")).toBe("file");
  });

  it("lets a flag beat the environment", async () => {
    const env = { FARHAND__HTTP__PORT: "2222" };
    const { config, origins } = await loaded({ yaml, env, flags: { "http.port": "3333" } });
    expect(config.http.port).toBe(3333);
    expect(origins.get("http.port")).toBe("flag");
  });

  it("lets a variable of one key beat the variable of its section", async () => {
    const env = { FARHAND__HTTP__PORT: "2222", FARHAND__HTTP: '{"port":1,"host":"::1"}' };
    expect((await loaded({ env })).config.http).toMatchObject({ port: 2222, host: "::1" });
  });

  it("replaces lists and free mappings as a whole", async () => {
    const { config } = await loaded({
      yaml: "device:\n  info:\n    meta: {server: {host: box}}\nroles: [hub, agent]\n",
      env: { FARHAND__ROLES: "device" },
    });
    expect(config.device.info.meta).toEqual({ server: { host: "box" } });
    expect(config.roles).toEqual(["device"]);
  });
});

describe("the file", () => {
  it("is the one that the command line names, else the one of FARHAND__CONFIG", async () => {
    const files = { "/a": "http: {port: 1}", "/b": "http: {port: 2}" };
    const env = { FARHAND__CONFIG: "/b" };
    expect((await loaded({ files, env, file: "/a" })).config.http.port).toBe(1);
    expect((await loaded({ files, env })).config.http.port).toBe(2);
  });

  it("must exist when it is named", async () => {
    const [problem] = await problems({ file: "/missing.yaml" });
    expect(problem).toMatchObject({ source: "/missing.yaml", path: "" });
    expect(problem?.rule).toContain("no such file");
  });

  it("that cannot be read is a problem", async () => {
    const readFile = () => Promise.reject(new StorageError("permission denied"));
    const found = await problems({ readFile });
    expect(found.map(({ rule }) => rule)).toEqual(["cannot be read: permission denied"]);
  });

  it.each([[""], ["# only a comment\n"], ["http:\n"], ["http:\n  port:\n"]])(
    "may leave everything out: %j",
    async (yaml) => {
      expect((await loaded({ yaml })).config.http.port).toBe(8443);
    },
  );

  it.each([
    ["http: {port: 1\n", 2],
    ["a: 1\nroles: [device]\nroles: [hub]\n", 3],
    ["roles: *unknown\n", undefined],
  ])("with the syntax error %j is a problem with its line", async (yaml, line) => {
    const [problem] = await problems({ yaml });
    expect(problem?.rule).toContain("is not valid YAML");
    expect(problem?.line).toBe(line);
  });

  it("that is not a mapping is a problem", async () => {
    expect(await problems({ yaml: "- a\n" })).toMatchObject([
      { path: "", rule: "must be a mapping" },
    ]);
  });

  it("of a newer program is refused with a clear answer", async () => {
    const found = await problems({ yaml: "version: 99\nnew: 1\n" });
    expect(found).toMatchObject([{ path: "version", value: 99, line: 1 }]);
    expect(found[0]?.rule).toContain("newer");
  });
});

describe("problems", () => {
  it("are all listed, with path, value, rule, nearest key and line", async () => {
    const yaml = [
      "rolez: [device]",
      "http:",
      "  port: eighty",
      "  tls:",
      "    mode: on",
      "device:",
      "  atx:",
      "    powerSwtich: none",
      "",
    ].join("\n");
    const found = await problems({ yaml, env: { FARHAND__HTTP__PROT: "1" } });
    expect(found.map(describeProblem)).toEqual([
      `${FILE}:1: rolez is not a known key; did you mean roles? (now ["device"])`,
      `${FILE}:3: http.port must be a whole number from 0 to 65535 (now "eighty")`,
      `${FILE}:5: http.tls.mode must be one of off, self-signed, files (now "on")`,
      `${FILE}:8: device.atx.powerSwtich is not a known key; did you mean device.atx.powerSwitch? (now "none")`,
      "environment: FARHAND__HTTP__PROT is not a known variable; did you mean FARHAND__HTTP__PORT?",
    ]);
  });

  it.each([
    ["data_dir: /x", "dataDir"],
    ["port: 80", "http.port"],
    ["device: {hid: {jigler: {}}}", "device.hid.jiggler"],
    ["zzzzzzzz: 1", undefined],
  ])("of %j suggest %s", async (yaml, nearest) => {
    expect((await problems({ yaml }))[0]?.nearest).toBe(nearest);
  });

  it("point inside a pin that is not complete", async () => {
    const found = await problems({ yaml: "device: {atx: {powerLed: {chip: gpiochip0, lin: 3}}}" });
    expect(found.map(({ path, rule }) => `${path} ${rule}`)).toEqual([
      "device.atx.powerLed.line is required",
      "device.atx.powerLed.lin is not a known key",
    ]);
  });

  it("name the flag or variable that holds the bad value", async () => {
    const flags = { "http.port": "70000", "htpp.port": "1" };
    const env = { FARHAND__DEVICE__LOG__ENABLED: "maybe" };
    const found = await problems({ env, flags });
    expect(found.map(({ source, path }) => `${source} ${path}`).toSorted()).toEqual([
      "--htpp.port htpp",
      "--http.port http.port",
      "FARHAND__DEVICE__LOG__ENABLED device.log.enabled",
    ]);
  });

  it("never show a secret", async () => {
    const found = await problems({ yaml: "auth: {initialPassword: 12345678}" });
    expect(found).toMatchObject([{ path: "auth.initialPassword", value: "(hidden)" }]);
    expect(found.map(describeProblem).join()).not.toContain("12345678");
  });

  it.each([
    ["auth: {initialPasword: hunter22}"],
    ["auht: {initialPassword: hunter22}"],
    ["device: {gpio: {driver: {x: {type: ipmi, passwd: hunter22}}}}"],
    ["dbPassword: hunter22"],
  ])("never show what may be a misspelled secret: %s", async (yaml) => {
    const found = await problems({ yaml });
    expect(found).toHaveLength(1);
    expect(found.map(describeProblem).join()).not.toContain("hunter22");
  });

  it("never show broken JSON, which may hold a secret", async () => {
    const env = { FARHAND__AUTH: '{"initialPassword":"hunter22"' };
    const found = await problems({ env });
    expect(found.map(describeProblem)).toEqual(["FARHAND__AUTH: auth must be a mapping"]);
  });

  it.each([
    ["http: {tls: {mode: files, key: /k}}", "http.tls.cert"],
    ["device: {board: rpi9}", "device.board"],
    ["device: {hid: {mouseXRange: {min: 5, max: 5}}}", "device.hid.mouseXRange"],
    [
      "device: {gpio: {scheme: {a: {pin: 1, mode: output, driver: nope}}}}",
      "device.gpio.scheme.a.driver",
    ],
    [
      "device: {gpio: {scheme: {a: {pin: 1, mode: output, pulse: {min_delay: 2, max_delay: 1}}}}}",
      "device.gpio.scheme.a.pulse",
    ],
    ["auth: {initialUser: Admin}", "auth.initialUser"],
    ["auth: {initialPassword: pässword}", "auth.initialPassword"],
    ["http: {trustedProxies: [10.0.0.0/8, '::1', loopback, proxy.lan]}", "http.trustedProxies.3"],
  ])("between values are found: %s", async (yaml, path) => {
    expect(await problems({ yaml })).toMatchObject([{ path, source: FILE, line: 1 }]);
  });

  it("never show the password that breaks one", async () => {
    const found = await problems({ env: { FARHAND__AUTH__INITIAL_PASSWORD: "two\nlines" } });
    expect(found.map(describeProblem).join("\n")).toMatch(/^FARHAND__AUTH__INITIAL_PASSWORD: auth/);
    expect(found.map(describeProblem).join("\n")).not.toContain("two");
  });
});

describe("secrets", () => {
  it("are read from the file that is named, without the last line end", async () => {
    const yaml = "auth: {initialPassword: {file: /run/secret}}";
    const { config } = await loaded({ yaml, files: { "/run/secret": " pass word \n" } });
    expect(config.auth.initialPassword).toBe(" pass word ");
  });

  it("are read from the file that a variable names", async () => {
    const env = { FARHAND__AUTH__INITIAL_PASSWORD_FILE: "/run/secret" };
    const { config } = await loaded({ env, files: { "/run/secret": "x\r\n" } });
    expect(config.auth.initialPassword).toBe("x");
  });

  it("are taken literally from a variable, even when they look like JSON", async () => {
    const env = { FARHAND__AUTH__INITIAL_PASSWORD: '{"file":"/run/secret"}' };
    expect((await loaded({ env })).config.auth.initialPassword).toBe('{"file":"/run/secret"}');
  });

  it("whose file is missing are a problem that names the file", async () => {
    const yaml = "auth:\n  initialPassword: {file: /nowhere}\n";
    expect(await problems({ yaml })).toMatchObject([
      { path: "auth.initialPassword", value: "/nowhere", line: 2 },
    ]);
  });
});
