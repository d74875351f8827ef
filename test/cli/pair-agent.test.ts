import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { pairAgentCommand } from "../../src/cli/pair-agent.ts";
import type { AgentPairParts } from "../../src/cli/pair-request.ts";
import { loadConfig } from "../../src/config/load.ts";
import { systemClock } from "../../src/core/clock.ts";
import { createSelfSigned } from "../../src/http/self-signed.ts";
import { createFileStore } from "../../src/platform/files/node-files.ts";
import type { FileStore } from "../../src/platform/files/port.ts";
import type { Platform } from "../../src/platform/platform.ts";
import { createWebClient } from "../../src/platform/web/node-web.ts";
import { memoryFiles } from "../support/memory-files.ts";
import type { MemoryFiles } from "../support/memory-files.ts";
import { startKomariServer } from "../support/komari-server.ts";
import type { KomariServerOptions, KomariStandIn } from "../support/komari-server.ts";
import { tempDir } from "../support/temp-dir.ts";

const FILE = "/etc/farhand/farhand.yaml";
const TOKEN = "token-1";
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function server(part: Partial<KomariServerOptions> = {}): Promise<KomariStandIn> {
  const started = await startKomariServer({ token: TOKEN, ...part });
  closers.push(() => started.close());
  return started;
}

interface Fixture {
  run(...words: string[]): Promise<number>;
  readonly out: string[];
  readonly err: string[];
  readonly files: MemoryFiles;
  /** The file as it is now. */
  file(): unknown;
}

function fixture(
  text = "# mine\nroles: [device]\n",
  part: Partial<AgentPairParts> = {},
  store?: FileStore,
): Fixture {
  const files = memoryFiles({ [FILE]: text });
  const out: string[] = [];
  const err: string[] = [];
  const read = () => {
    const named = files.content(FILE) === undefined ? {} : { file: FILE };
    return loadConfig({ ...named, env: {}, readFile: files.read });
  };
  return {
    out,
    err,
    files,
    file: (): unknown => parse(files.content(FILE) ?? ""),
    async run(...words) {
      const result = await read();
      if (!result.ok) throw new Error("the file cannot be used");
      const platform = {
        files: store ?? files,
        clock: systemClock,
        web: createWebClient(systemClock),
        host: { hostName: () => "kvm" },
      } as unknown as Platform;
      const parts: AgentPairParts = {
        config: result.loaded.config,
        platform,
        configFile: FILE,
        isListFixed: false,
        checkText: async (changed) => {
          const readFile = () => Promise.resolve(changed);
          const checked = await loadConfig({ file: FILE, env: {}, readFile });
          return checked.ok ? "" : "broken";
        },
        readSecret: () => Promise.resolve(TOKEN),
        signal: new AbortController().signal,
        ...part,
      };
      const sink = {
        stdout: (line: string) => {
          out.push(line);
        },
        stderr: (line: string) => {
          err.push(line);
        },
      };
      return pairAgentCommand(words, parts, sink);
    },
  };
}

describe("farhand pair, Komari", () => {
  it("checks the token, writes the uplink and the role, and shows where", async () => {
    const peer = await server();
    const { run, out, file } = fixture();
    expect(await run(`${peer.url}/`, "--komari-token", TOKEN)).toBe(0);
    expect(file()).toEqual({
      roles: ["device", "agent"],
      agent: { uplinks: [{ protocol: "komari", url: peer.url, token: TOKEN }] },
    });
    expect(out.join("\n")).toContain(`This machine is shown at ${peer.url}/`);
    expect(out.join("\n")).not.toContain(TOKEN);
    // Nothing was reported: a daemon that is connected already keeps its place.
    expect(peer.told.value.reports).toEqual([]);
  });

  it("says how a certificate that is not trusted can be accepted", async () => {
    const names = { hostName: "hub", addresses: ["127.0.0.1"] };
    const day = 86_400_000;
    const life = { notBefore: Date.now() - day, notAfter: Date.now() + day };
    const tls = await createSelfSigned({ ...names, ...life });
    const site = createServer(tls, (_request, response) => {
      response.writeHead(404).end();
    }).listen(0, "127.0.0.1");
    await once(site, "listening");
    closers.push(async () => {
      site.close();
      await once(site, "close");
    });
    const bound = site.address();
    const port = typeof bound === "object" ? bound?.port : undefined;
    const codes: string[] = [];
    const { run, err } = fixture(undefined, { onRefusal: (code) => void codes.push(code) });
    expect(await run(`https://127.0.0.1:${port}`, "--komari-token", TOKEN)).toBe(1);
    expect(err.join("\n")).toMatch(/is self-signed\nWith --insecure /);
    expect(codes).toEqual(["CERTIFICATE"]);
    err.length = 0;
    expect(await run(`https://127.0.0.1:${port}`, "--komari-token", TOKEN, "--insecure")).toBe(1);
    expect(err.join("\n")).not.toMatch(/self-signed|--insecure/);
  });

  it("asks for the secret when it is not to stand on the command line", async () => {
    const peer = await server();
    const { run, file } = fixture();
    expect(await run(peer.url, "--komari-token", "-")).toBe(0);
    expect(file()).toMatchObject({ agent: { uplinks: [{ token: TOKEN }] } });
  });

  it("registers the node once, however often it is called", async () => {
    const peer = await server({ autoDiscoveryKey: "a-long-enough-key" });
    const { run, out, file } = fixture();
    expect(await run(peer.url, "--komari-key", "a-long-enough-key")).toBe(0);
    expect(await run(peer.url, "--komari-key", "a-long-enough-key")).toBe(0);
    expect(peer.told.value.registrations).toEqual(["kvm"]);
    expect(file()).toMatchObject({ agent: { uplinks: [{ token: TOKEN }] } });
    expect(out[1]).toBe(`This machine is shown at ${peer.url}/instance/node-uuid`);
  });

  it("asks nothing of a server when the file cannot be changed", async () => {
    const peer = await server({ autoDiscoveryKey: "a-long-enough-key" });
    const full = fixture();
    full.files.writeError = "No space left";
    expect(await full.run(peer.url, "--komari-key", "a-long-enough-key")).toBe(1);
    expect(full.err).toEqual(["No space left"]);
    const odd = fixture(undefined, { checkText: () => Promise.resolve("roles: is odd") });
    expect(await odd.run(peer.url, "--komari-key", "a-long-enough-key")).toBe(1);
    expect(odd.err).toEqual(["Nothing was written. roles: is odd"]);
    expect(peer.told.value.registrations).toEqual([]);
  });

  it("leaves no file where there was none when the server refuses", async () => {
    const peer = await server({ autoDiscoveryKey: "a-long-enough-key" });
    const { run, files } = fixture();
    files.edit(FILE, undefined);
    expect(await run(peer.url, "--komari-key", "wrong")).toBe(1);
    expect(files.content(FILE)).toBeUndefined();
    expect(await run(peer.url, "--komari-key", "a-long-enough-key")).toBe(0);
    expect(files.content(FILE)).toContain(peer.url);
  });

  it("leaves no folder where there was none when the server refuses; an empty one that was there stays", async () => {
    const peer = await server();
    const files = createFileStore();
    const folder = join(tempDir(), "farhand");
    const configFile = join(folder, "farhand.yaml");
    const words = [peer.url, "--komari-token", "wrong"];
    const { run } = fixture(undefined, { configFile }, files);
    expect(await run(...words)).toBe(1);
    expect(existsSync(folder)).toBe(false);
    mkdirSync(folder);
    expect(await run(...words)).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
    expect(await run(peer.url, "--komari-token", TOKEN)).toBe(0);
    expect(readdirSync(folder)).toEqual(["farhand.yaml"]);
  });

  it("leaves nothing and says nothing when somebody interrupts it", async () => {
    const peer = await server();
    const { run, files, err } = fixture(undefined, { signal: AbortSignal.abort() });
    files.edit(FILE, undefined);
    expect(await run(peer.url, "--komari-token", TOKEN)).toBe(1);
    expect(files.content(FILE)).toBeUndefined();
    expect(err).toEqual([]);
  });

  it.each([
    ["a wrong token", ["--komari-token", "wrong"], "does not know this token"],
    ["a wrong key", ["--komari-key", "wrong"], "does not accept the auto-discovery key"],
  ])("writes nothing with %s", async (_, words, reason) => {
    const peer = await server({ autoDiscoveryKey: "a-long-enough-key" });
    const { run, err, file } = fixture();
    expect(await run(peer.url, ...words)).toBe(1);
    expect(err.join()).toContain(reason);
    expect(file()).toEqual({ roles: ["device"] });
  });

  it("says what is wrong with the address", async () => {
    const { run, err, file } = fixture();
    expect(await run("http://127.0.0.1:1", "--komari-token", TOKEN)).toBe(1);
    expect(await run("ftp://127.0.0.1", "--komari-token", TOKEN)).toBe(1);
    expect(err).toEqual([
      "127.0.0.1:1 refuses the connection",
      "'ftp://127.0.0.1' is not a web address",
    ]);
    expect(file()).toEqual({ roles: ["device"] });
  });

  it("writes unseen when that is asked for", async () => {
    const { run, file } = fixture();
    const words = ["http://127.0.0.1:1", "--komari-token", TOKEN, "--no-check", "--insecure"];
    expect(await run(...words)).toBe(0);
    expect(file()).toMatchObject({
      agent: { uplinks: [{ url: "http://127.0.0.1:1", verifyTls: false }] },
    });
  });
});

describe("farhand pair", () => {
  const LISTED = `agent:
  uplinks:
    - { protocol: komari, url: "https://hub.example", token: secret-1 }
    - { protocol: nezha, server: "dash.example:8008", secret: secret-2, tls: true }
`;

  it("lists servers and no secrets", async () => {
    const { run, out } = fixture(LISTED);
    expect(await run("--list")).toBe(0);
    expect(out).toEqual(["komari\thttps://hub.example", "nezha\tdash.example:8008\ttls"]);
  });

  it("removes by address, with and without its scheme", async () => {
    const { run, file, err } = fixture(LISTED);
    expect(await run("--remove", "hub.example")).toBe(0);
    expect(await run("--remove", "dash.example:8008")).toBe(0);
    expect(file()).toMatchObject({ agent: { uplinks: [] } });
    expect(await run("--remove", "hub.example")).toBe(1);
    expect(err.join()).toContain("There is no uplink to hub.example");
  });

  it("does not pretend to change a list that the environment sets", async () => {
    const { run, err } = fixture(LISTED, { isListFixed: true });
    expect(await run("--remove", "hub.example")).toBe(1);
    expect(await run("https://a", "--komari-token", "x", "--no-check")).toBe(1);
    expect(err).toHaveLength(2);
    expect(err[0]).toContain("environment variable");
  });

  it("writes nothing that could not be used", async () => {
    const { run, err, file } = fixture(LISTED, {
      checkText: () => Promise.resolve("It is broken."),
    });
    expect(await run("https://a", "--komari-token", "x", "--no-check")).toBe(1);
    expect(err).toEqual(["Nothing was written. It is broken."]);
    expect(file()).toEqual(parse(LISTED));
  });

  it.each([
    ["nothing", []],
    ["no secret", ["https://a"]],
    ["two secrets", ["https://a", "--komari-token", "x", "--nezha-secret", "y"]],
    ["two addresses", ["https://a", "https://b", "--komari-token", "x"]],
    ["an unknown option", ["https://a", "--token", "x"]],
    ["an option of another kind", ["https://a", "--komari-token", "x", "--tls"]],
    ["the option of another secret", ["a:1", "--nezha-secret", "x", "--name", "y"]],
    ["two things to do", ["--list", "--remove", "https://a"]],
    ["too much to list", ["--list", "https://a"]],
    ["too much to remove", ["https://a", "--remove", "https://b"]],
    ["nothing to remove", ["--remove="]],
  ])("explains itself when given %s", async (_, words) => {
    const { run, err } = fixture();
    expect(await run(...words)).toBe(64);
    expect(err.join("\n")).toContain("Usage: farhand pair ADDRESS");
  });
});
