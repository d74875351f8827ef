import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load.ts";

const GOOD = {
  provider: "oidc",
  issuer: "https://id.example.com",
  clientId: "farhand",
  clientSecret: "s",
  users: [{ name: "1", account: "admin" }],
};

/** `path: rule` of everything that is wrong. */
async function problems(oidc: object): Promise<string[]> {
  const result = await loadConfig({
    file: "x.yaml",
    env: {},
    readFile: () => Promise.resolve(JSON.stringify({ auth: { oidc } })),
  });
  return result.ok ? [] : result.problems.map(({ path, rule }) => `${path}: ${rule}`);
}

describe("auth.oidc", () => {
  it.each([
    ["nothing", {}],
    ["a complete provider", GOOD],
    ["GitHub", { ...GOOD, provider: "github", issuer: "" }],
    ["a GitHub Enterprise server", { ...GOOD, provider: "github" }],
    ["a provider on this machine", { ...GOOD, issuer: "http://127.0.0.1:8080/realm" }],
  ])("takes %s", async (_, oidc) => {
    expect(await problems(oidc)).toEqual([]);
  });

  it.each([
    ["no secret", { ...GOOD, clientSecret: "" }, "auth.oidc.clientSecret: is required"],
    ["no client", { ...GOOD, clientId: "" }, "auth.oidc.clientId: is required"],
    ["no issuer", { ...GOOD, issuer: "" }, "auth.oidc.issuer: must be an address"],
    ["plain HTTP", { ...GOOD, issuer: "http://id.example.com" }, "auth.oidc.issuer: must be"],
    [
      "a name that begins like this machine's",
      { ...GOOD, issuer: "http://127.0.0.1.evil.example" },
      "auth.oidc.issuer: must be",
    ],
    ["GitHub over plain HTTP", { ...GOOD, provider: "github", issuer: "http://x" }, "issuer"],
    ["a person twice", { ...GOOD, users: [...GOOD.users, ...GOOD.users] }, "auth.oidc.users.1:"],
  ])("does not take %s", async (_, oidc, expected) => {
    const [problem, ...others] = await problems(oidc);
    expect(others).toEqual([]);
    expect(problem).toContain(expected);
  });
});
