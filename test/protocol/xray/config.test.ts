import { describe, expect, it } from "vitest";
import { ValidationError } from "../../../src/core/errors.ts";
import { readCoreConfig } from "../../../src/protocol/xray/config.ts";
import type { CoreConfig } from "../../../src/protocol/xray/config.ts";

interface Rule {
  readonly ruleTag?: string;
  readonly outboundTag?: string;
  readonly ip?: readonly string[];
  readonly source?: readonly string[];
  readonly inboundTag?: readonly string[];
  readonly domain?: readonly string[];
}

interface Rendered {
  readonly log: Readonly<Record<string, unknown>>;
  readonly api: unknown;
  readonly stats: unknown;
  readonly metrics: unknown;
  readonly policy: {
    readonly levels: Readonly<Record<string, unknown>>;
    readonly system: Readonly<Record<string, unknown>>;
  };
  readonly routing: { readonly domainStrategy?: string; readonly rules: readonly Rule[] };
  readonly inbounds: readonly {
    readonly tag: string;
    readonly port?: number;
    readonly settings?: { readonly clients?: unknown; readonly decryption?: string };
  }[];
  readonly observatory?: { readonly subjectSelector: readonly string[] };
}

const read = (config: object, excludeInbounds: readonly string[] = []): CoreConfig =>
  readCoreConfig(JSON.stringify(config), { apiPort: 5001, metricsPort: 5002, excludeInbounds });

const render = (config: object): Rendered => {
  const rendered: Rendered = JSON.parse(read(config).render(() => []));
  return rendered;
};

describe("readCoreConfig", () => {
  it("puts the core's API in front, on the loopback only", () => {
    const { inbounds, api, routing } = render({
      inbounds: [
        { tag: "API_INBOUND", port: 1 },
        { tag: "in", protocol: "vless" },
      ],
      api: { tag: "mine", listen: "0.0.0.0:1", services: ["ReflectionService"] },
      routing: { rules: [{ outboundTag: "API", inboundTag: ["other"] }, { outboundTag: "x" }] },
    });
    expect(inbounds.map(({ tag }) => tag)).toEqual(["API_INBOUND", "in"]);
    expect(inbounds[0]).toEqual({
      tag: "API_INBOUND",
      listen: "127.0.0.1",
      port: 5001,
      protocol: "dokodemo-door",
      settings: { address: "127.0.0.1" },
    });
    expect(api).toEqual({
      tag: "API",
      services: ["HandlerService", "LoggerService", "StatsService"],
    });
    expect(routing.rules).toEqual([
      {
        type: "field",
        inboundTag: ["API_INBOUND"],
        source: ["127.0.0.1", "::1"],
        outboundTag: "API",
      },
      { outboundTag: "x" },
    ]);
  });

  it("switches statistics on and leaves the rest of the policy as given", () => {
    const { stats, policy, metrics } = render({
      stats: { something: 1 },
      policy: {
        levels: { "0": { handshake: 7, statsUserUplink: false, statsUserOnline: true }, "1": {} },
        system: { statsInboundUplink: true },
      },
    });
    expect(stats).toEqual({});
    expect(metrics).toEqual({ tag: "metric", listen: "127.0.0.1:5002" });
    expect(policy).toEqual({
      levels: {
        "0": {
          handshake: 7,
          statsUserUplink: true,
          statsUserDownlink: true,
          statsUserOnline: true,
        },
        "1": {},
      },
      system: { statsInboundUplink: true, statsOutboundUplink: true, statsOutboundDownlink: true },
    });
  });

  it("keeps the log on standard output", () => {
    expect(render({ log: { loglevel: "error", access: "/a.log", error: "/e.log" } }).log).toEqual({
      loglevel: "error",
      access: "",
      error: "",
    });
    expect(render({ log: { access: "none" } }).log).toEqual({ access: "none", error: "" });
    expect(render({}).log).toEqual({ loglevel: "info" });
  });

  it("writes out the private networks, for which no data file is needed then", () => {
    const rules = [
      { outboundTag: "block", ip: ["GEOIP:private", "geoip:cn"], source: ["geoip:private"] },
    ];
    const [, rule] = render({ routing: { domainStrategy: "AsIs", rules } }).routing.rules;
    expect(rule?.ip).toHaveLength(16);
    expect(rule?.ip).toContain("10.0.0.0/8");
    expect(rule?.ip?.at(-1)).toBe("geoip:cn");
    expect(rule?.source).toHaveLength(15);
  });

  it("sends impossible names into the first blackhole, with one rule however often it is added", () => {
    const outbounds = [
      { tag: "zero", protocol: "blackhole" },
      { tag: "direct", protocol: "freedom" },
      { tag: "block", protocol: "Blackhole" },
    ];
    const first = render({ outbounds });
    const again = render({ outbounds, routing: first.routing });
    for (const { routing } of [first, again]) {
      expect(routing.rules.map(({ ruleTag, outboundTag }) => [ruleTag, outboundTag])).toEqual([
        [undefined, "API"],
        ["PG_NODE_MALFORMED_DOMAIN_GUARD", "block"],
      ]);
    }
    const domains = first.routing.rules[1]?.domain ?? [];
    const matches = (name: string): boolean =>
      domains.some((rule) => new RegExp(rule.replace("regexp:", "")).test(name));
    expect(matches("example.com")).toBe(false);
    expect(matches(`${"a".repeat(63)}.com`)).toBe(false);
    expect(matches(`${"a".repeat(64)}.com`)).toBe(true);
    expect(matches("a.".repeat(127))).toBe(true);
  });

  it("does not observe outbounds that lead nowhere", () => {
    const config = {
      outbounds: [
        { tag: "direct", protocol: "freedom" },
        { tag: "block", protocol: "blackhole" },
        { tag: "names", protocol: "dns" },
      ],
      observatory: { subjectSelector: ["direct", "block", "names", "elsewhere"] },
    };
    expect(render(config).observatory?.subjectSelector).toEqual(["direct", "elsewhere"]);
    expect(read(config).isObservable("block")).toBe(false);
    expect(read(config).isObservable("elsewhere")).toBe(true);
  });

  it("understands section names in any case and drops sections that no core of today takes", () => {
    const rendered = JSON.parse(
      read({ Inbounds: [], FAKEDNS: [1], transport: {}, env: {}, version: {} }).render(() => []),
    );
    expect(rendered).toHaveProperty("fakeDns", [1]);
    for (const key of ["Inbounds", "transport", "env", "version"]) {
      expect(rendered).not.toHaveProperty(key);
    }
  });

  it("takes users from the panel's list, except for excluded inbounds", () => {
    const inbounds = ["mine", "theirs"].map((tag) => ({
      tag,
      protocol: "vless",
      settings: { decryption: "none", clients: [{ id: "of the text" }] },
    }));
    const config = read({ inbounds }, ["theirs"]);
    const rendered: Rendered = JSON.parse(
      config.render(({ tag }) => [{ id: `of the panel in ${tag}` }]),
    );
    expect(rendered.inbounds.slice(1).map(({ settings }) => settings)).toEqual([
      { decryption: "none", clients: [{ id: "of the panel in mine" }] },
      { decryption: "none", clients: [{ id: "of the text" }] },
    ]);
    expect(config.inbounds.map(({ isManaged }) => isManaged)).toEqual([true, false]);
  });

  it.each([
    "{",
    "[]",
    "null",
    '"text"',
    '{"inbounds":{}}',
    '{"inbounds":[1]}',
    '{"outbounds":[null]}',
  ])("refuses %s", (text) => {
    const options = { apiPort: 1, metricsPort: 2, excludeInbounds: [] };
    expect(() => readCoreConfig(text, options)).toThrow(ValidationError);
  });
});
