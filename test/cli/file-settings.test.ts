import { describe, expect, it } from "vitest";
import { createFileSettings } from "../../src/cli/file-settings.ts";
import { loadConfig } from "../../src/config/load.ts";
import { createRunning } from "../../src/cli/running.ts";
import type { TakeOverFailure } from "../../src/config/settings.ts";
import { resolveBoard } from "../../src/config/resolve-board.ts";
import { silentLogger } from "../../src/core/log.ts";
import { memoryFiles } from "../support/memory-files.ts";

const FILE = "/etc/farhand/farhand.yaml";

async function keeper(text: string | undefined, env: Record<string, string> = {}) {
  const files = memoryFiles(text === undefined ? {} : { [FILE]: text });
  const sources = { env, readFile: (path: string) => files.read(path) };
  const result = await loadConfig(sources);
  if (!result.ok) throw new Error("The text is not valid");
  const words: (readonly string[])[] = [];
  const known: number[] = [];
  const levels: string[] = [];
  const taken: (readonly string[])[] = [];
  const faults: { problem?: string; failures?: readonly TakeOverFailure[] } = {};
  const running = createRunning({
    loaded: resolveBoard(result.loaded, "sim"),
    resolve: (loaded) => resolveBoard(loaded, "sim"),
    app: () => ({
      takeOver({ running: before, next, parts }) {
        taken.push(parts);
        const { problem, failures = [] } = faults;
        const device = problem === undefined ? next.device : before.device;
        return Promise.resolve({ config: { ...next, device }, problem, failures });
      },
    }),
    setLogLevel: (level) => void levels.push(level),
    log: silentLogger,
  });
  const settings = createFileSettings({
    sources,
    running,
    files,
    pair: (given, { config }) => {
      words.push(given);
      known.push(config.agent.uplinks.length);
      return Promise.resolve("done");
    },
    onRestart: () => undefined,
  });
  return { settings, files, words, known, running, levels, taken, faults };
}

describe("createFileSettings", () => {
  it("writes changes into the file and says that they wait for a restart", async () => {
    const { settings, files } = await keeper("roles: [device] # kept\n");
    expect((await settings.read()).restarts).toEqual([]);
    const done = await settings.change(new Map([["http.port", 9443]]));
    expect(files.content(FILE)).toBe("roles: [device] # kept\nhttp:\n  port: 9443\n");
    expect(done.restarts).toBe("everything");
    expect(done.settings.find(({ path }) => path === "http.port")?.value).toBe(9443);
  });

  it("writes nothing when a value is wrong, and says which", async () => {
    const { settings, files } = await keeper("roles: [device]\n");
    await expect(settings.change(new Map([["http.port", 0.5]]))).rejects.toThrow("http.port");
    expect(files.content(FILE)).toBe("roles: [device]\n");
  });

  it("makes a file that keeps the roles which run without one", async () => {
    const { settings, files } = await keeper(undefined, { FARHAND__ROLES: "device,hub" });
    await settings.change(new Map([["hub.maxNodes", 7]]));
    expect(files.content(FILE)).toBe("roles: [device, hub]\nhub:\n  maxNodes: 7\n");
  });

  it("loses nothing when two pages save at the same moment", async () => {
    const { settings, files } = await keeper("roles: [device]\n");
    await Promise.all([
      settings.change(new Map([["http.port", 9443]])),
      settings.change(new Map([["hub.maxNodes", 7]])),
    ]);
    expect(files.content(FILE)).toContain("port: 9443");
    expect(files.content(FILE)).toContain("maxNodes: 7");
  });

  it("saves what was made from the present values, whatever they are", async () => {
    const uplink = "{ protocol: komari, url: 'https://hub', token: t }";
    const { settings, files } = await keeper(`agent:\n  uplinks: [${uplink}]\n`);
    const { settings: list } = JSON.parse(JSON.stringify(await settings.read())) as {
      settings: readonly { path: string; value: unknown }[];
    };
    const seen = new Map(list.map(({ path, value }) => [path, value]));
    await settings.change(new Map([["http.port", 9443]]), seen);
    expect(files.content(FILE)).toContain("port: 9443");
  });

  it("saves nothing over what somebody else has changed meanwhile", async () => {
    const { settings, files } = await keeper("http:\n  port: 8443\nlog:\n  level: info\n");
    await settings.change(new Map([["http.port", 9443]]));
    const before = files.content(FILE);
    const changes = new Map<string, unknown>([
      ["log.level", "debug"],
      ["http.port", 7443],
    ]);
    const seen = new Map<string, unknown>([
      ["log.level", "info"],
      ["http.port", 8443],
    ]);
    await expect(settings.change(changes, seen)).rejects.toThrow("'http.port' was changed");
    expect(files.content(FILE)).toBe(before);
    await settings.change(new Map([["log.level", "debug"]]), new Map([["log.level", "info"]]));
    expect(files.content(FILE)).toContain("level: debug");
  });

  it("gives no secret of one list entry to another that took its place meanwhile", async () => {
    const first = { protocol: "komari", url: "https://first", token: "one" };
    const second = { protocol: "komari", url: "https://second", token: "two" };
    const { settings, files } = await keeper("roles: [agent]\n");
    await settings.change(new Map([["agent.uplinks", [first, second]]]));
    const shown = (await settings.read()).settings.find(({ path }) => path === "agent.uplinks");
    await settings.change(new Map([["agent.uplinks", [second, first]]]));
    const before = files.content(FILE);
    const stale = new Map([["agent.uplinks", shown?.value]]);
    await expect(settings.change(stale, stale)).rejects.toThrow("'agent.uplinks' was changed");
    expect(files.content(FILE)).toBe(before);
  });

  it("says what is wrong with a full disk and goes on afterwards", async () => {
    const { settings, files } = await keeper("roles: [device]\n");
    files.writeError = "No space left";
    await expect(settings.change(new Map([["http.port", 1]]))).rejects.toThrow("No space left");
    files.writeError = undefined;
    await settings.change(new Map([["http.port", 9443]]));
    expect(files.content(FILE)).toContain("9443");
  });

  it("pairs with the words of the command", async () => {
    const { settings, words } = await keeper("roles: [device]\n");
    const request = { address: "https://hub", kind: "komari-key", secret: "k" } as const;
    await settings.pair({ ...request, acceptsAnyCertificate: true });
    await settings.unpair("https://hub");
    expect(words).toEqual([
      ["https://hub", "--komari-key", "k", "--insecure"],
      ["--remove", "https://hub"],
    ]);
  });

  it("pairs on top of what the file says by now", async () => {
    const { settings, known } = await keeper("roles: [device, agent]\n");
    const uplink = { protocol: "komari", url: "https://hub", token: "t" };
    await settings.change(new Map([["agent.uplinks", [uplink]]]));
    await settings.unpair("https://hub");
    expect(known).toEqual([1]);
  });
});

describe("taking settings over", () => {
  it("begins the parts anew that have changed, and then nothing waits any more", async () => {
    const { settings, taken, levels, running } = await keeper("roles: [device]\n");
    const changes = new Map<string, unknown>([
      ["log.level", "debug"],
      ["device.atx.clickSeconds", 1],
    ]);
    expect((await settings.change(changes)).restarts).toEqual(["log", "atx"]);
    expect(await settings.takeOver()).toEqual({
      restarted: ["log", "atx"],
      problem: null,
      failures: [],
    });
    expect([taken, levels]).toEqual([[["log", "atx"]], ["debug"]]);
    expect(running.loaded.config.device.atx.clickSeconds).toBe(1);
    expect((await settings.read()).restarts).toEqual([]);
    expect(await settings.takeOver()).toEqual({ restarted: [], problem: null, failures: [] });
    expect(taken).toHaveLength(1);
  });

  it("knows that a value of the board, written down, changes nothing", async () => {
    const { settings } = await keeper("roles: [device]\n");
    const changes = new Map([["device.atx.powerSwitch", { chip: "sim", line: 0 }]]);
    expect((await settings.change(changes)).restarts).toEqual([]);
  });

  it("leaves a change that needs everything to a restart", async () => {
    const { settings, taken } = await keeper("roles: [device]\n");
    await settings.change(
      new Map<string, unknown>([
        ["http.port", 9443],
        ["device.atx.clickSeconds", 1],
      ]),
    );
    expect(await settings.takeOver()).toEqual({
      restarted: "everything",
      problem: null,
      failures: [],
    });
    expect(taken).toEqual([]);
  });

  it("says why a part goes on as before, and that its settings still wait", async () => {
    const { settings, faults, running, levels } = await keeper("roles: [device]\n");
    faults.problem = "the switch is stuck";
    faults.failures = [{ parts: ["atx"], code: "ATX_BUSY", message: faults.problem }];
    const changes = new Map<string, unknown>([
      ["log.level", "debug"],
      ["device.atx.clickSeconds", 1],
    ]);
    await settings.change(changes);
    const { problem, failures } = await settings.takeOver();
    expect(problem).toBe("the switch is stuck");
    expect(failures).toEqual(faults.failures);
    expect(running.loaded.config.device.atx.clickSeconds).toBe(0.5);
    expect(levels).toEqual(["debug"]);
    expect((await settings.read()).restarts).toEqual(["atx"]);
  });

  it("takes nothing over from a file that is wrong", async () => {
    const { settings, files, taken } = await keeper("roles: [device]\n");
    await files.writeAtomic(FILE, "roles: [nobody]\n");
    await expect(settings.takeOver()).rejects.toThrow("roles");
    expect(taken).toEqual([]);
  });
});
