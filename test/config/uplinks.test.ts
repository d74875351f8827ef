import { describe, expect, it } from "vitest";
import { explainConfig } from "../../src/config/explain.ts";
import { loadConfig } from "../../src/config/load.ts";
import { describeProblem } from "../../src/config/problems.ts";

const SECRETS: Readonly<Record<string, string>> = { "/run/token": "from a file\n" };

function load(uplinks: string) {
  return loadConfig({
    env: { FARHAND__AGENT__UPLINKS: uplinks },
    readFile: (path) => Promise.resolve(SECRETS[path]),
  });
}

async function uplinksOf(text: string) {
  const result = await load(text);
  if (!result.ok) throw new Error(result.problems.map(describeProblem).join("\n"));
  return result.loaded.config.agent.uplinks;
}

async function problemsOf(text: string): Promise<string> {
  const result = await load(text);
  return result.ok ? "" : result.problems.map(describeProblem).join("\n");
}

const KOMARI = { protocol: "komari", url: "https://hub.example/base", token: "abc" };
const NEZHA = { protocol: "nezha", server: "[2001:db8::1]:5555", secret: "xyz" };

describe("agent.uplinks", () => {
  it("gets its defaults and its secrets from files, in the environment too", async () => {
    const komari = { ...KOMARI, token: { file: "/run/token" } };
    expect(await uplinksOf(JSON.stringify([komari, NEZHA]))).toEqual([
      {
        ...KOMARI,
        token: "from a file",
        autoDiscoveryKey: "",
        version: "auto",
        verifyTls: true,
      },
      { ...NEZHA, uuid: "", tls: false, verifyTls: true, generation: "auto" },
    ]);
  });

  it("hides every secret when it is explained", async () => {
    const result = await load(JSON.stringify([{ ...KOMARI, autoDiscoveryKey: "the-key" }, NEZHA]));
    const shown = result.ok ? JSON.stringify(explainConfig(result.loaded)) : "";
    expect(shown).toContain("hub.example");
    for (const secret of ["abc", "the-key", "xyz"]) expect(shown).not.toContain(`"${secret}"`);
  });

  it.each([
    [
      "a misspelled key",
      [{ ...KOMARI, token: undefined, tokn: "abc" }],
      "did you mean agent.uplinks.0.token",
    ],
    ["no protocol", [{ url: "https://a", token: "abc" }], "agent.uplinks.0 must be"],
    [
      "an address without a scheme",
      [{ ...KOMARI, url: "hub.example" }],
      "agent.uplinks.0.url must be",
    ],
    [
      "no secret at all",
      [{ protocol: "komari", url: "https://a" }],
      "needs a token or an autoDiscoveryKey",
    ],
    ["a port that does not exist", [{ ...NEZHA, server: "a:99999" }], "a port from 1 to 65535"],
    ["an address that is none", [{ ...KOMARI, url: "http://[::1" }], "must be a web address"],
    [
      "an account in the address, which nobody would use",
      [{ ...KOMARI, url: "https://me:abc@hub.example" }],
      "agent.uplinks.0.url must not have an account",
    ],
    ["a token with a line break", [{ ...KOMARI, token: "abc\nxyz" }], "token must be one line"],
    ["an empty secret", [{ ...NEZHA, secret: "" }], "agent.uplinks.0.secret must not be empty"],
    [
      "a missing secret",
      [{ protocol: "nezha", server: "a:1" }],
      "agent.uplinks.0.secret must not be empty",
    ],
    [
      "a server twice",
      [KOMARI, { ...KOMARI, url: `${KOMARI.url}/` }],
      "must not name a server twice",
    ],
    [
      "a file that is not there",
      [{ ...KOMARI, token: { file: "/none" } }],
      "names a file that does not exist",
    ],
  ])("says what is wrong: %s", async (_, value, words) => {
    const problems = await problemsOf(JSON.stringify(value));
    expect(problems).toContain(words);
    expect(problems).not.toMatch(/abc|xyz/);
  });

  it.each([
    ["broken JSON", '[{"protocol":"komari","token":"abc"'],
    ["a mapping instead of a list", '{"protocol":"komari","token":"abc"}'],
    ["a bare text", "abc"],
  ])("shows no secret of %s", async (_, text) => {
    const problems = await problemsOf(text);
    expect(problems).toContain("agent.uplinks must be a list");
    expect(problems).not.toContain("abc");
  });
});
