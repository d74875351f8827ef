import { describe, expect, it } from "vitest";
import { createFileSettings } from "../../src/cli/file-settings.ts";
import { loadConfig } from "../../src/config/load.ts";
import { memoryFiles } from "../support/memory-files.ts";

const FILE = "/etc/farhand/farhand.yaml";

async function keeper(text: string | undefined, env: Record<string, string> = {}) {
  const files = memoryFiles(text === undefined ? {} : { [FILE]: text });
  const sources = { env, readFile: (path: string) => files.read(path) };
  const result = await loadConfig(sources);
  if (!result.ok) throw new Error("The text is not valid");
  const words: (readonly string[])[] = [];
  let restarts = 0;
  const settings = createFileSettings({
    sources,
    running: result.loaded,
    files,
    pair: (given) => {
      words.push(given);
      return Promise.resolve("done");
    },
    onRestart: () => {
      restarts += 1;
    },
  });
  return { settings, files, words, restarts: () => restarts };
}

describe("createFileSettings", () => {
  it("writes changes into the file and says that they wait for a restart", async () => {
    const { settings, files } = await keeper("roles: [device] # kept\n");
    expect((await settings.read()).needsRestart).toBe(false);
    const done = await settings.change(new Map([["http.port", 9443]]));
    expect(files.content(FILE)).toBe("roles: [device] # kept\nhttp:\n  port: 9443\n");
    expect(done.needsRestart).toBe(true);
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
});
