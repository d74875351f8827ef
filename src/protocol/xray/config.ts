/**
 * A panel's core configuration, made fit for supervision (PasarGuard node 3.2 and 3.3): an inbound for the core's own
 * API on the loopback, statistics on, log on standard output, users taken from the panel's list and not from the text.
 * Deliberately stricter than the stock node: the API answers the loopback only, files named for the log are not
 * written, and the access log stays off where the panel switched it off.
 */
import { ValidationError, describeError } from "../../core/errors.ts";

type Json = Readonly<Record<string, unknown>>;

const API_INBOUND = "API_INBOUND";
const API_TAG = "API";
const GUARD_RULE = "PG_NODE_MALFORMED_DOMAIN_GUARD";

/** Sections that are handed over; a core of today refuses or ignores all others. */
const SECTIONS = [
  "log",
  "routing",
  "dns",
  "inbounds",
  "outbounds",
  "policy",
  "api",
  "metrics",
  "stats",
  "reverse",
  "fakeDns",
  "observatory",
  "burstObservatory",
] as const;

/** What `geoip:private` means, so that no data file is needed for it. */
const PRIVATE_NETWORKS = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/128",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
];

/** Outbounds that lead nowhere; their latency means nothing. */
const BLIND_PROTOCOLS = new Set(["blackhole", "dns", "loopback"]);

/** One entrance of the core. */
export interface CoreInbound {
  readonly tag: string;
  /** `vmess`, `vless`, ... */
  readonly protocol: string;
  /** `settings.method`, which decides between the two kinds of shadowsocks; empty for others. */
  readonly method: string;
  /** `settings.flow`, empty when not set. */
  readonly flow: string;
  /** False for excluded ones, whose users are those of the text and are never touched. */
  readonly isManaged: boolean;
  readonly body: Json;
}

export interface CoreConfig {
  readonly inbounds: readonly CoreInbound[];
  /** Whether an outbound of this tag leads somewhere, as far as the text tells. */
  isObservable(outboundTag: string): boolean;
  /** The text for the core, with the present users of each managed inbound. */
  render(clientsOf: (inbound: CoreInbound) => readonly Json[]): string;
}

export interface CoreConfigOptions {
  /** Port of the core's API on 127.0.0.1. */
  readonly apiPort: number;
  /** Port of its `/debug/vars` on 127.0.0.1. */
  readonly metricsPort: number;
  /** Tags of inbounds to leave as they are. */
  readonly excludeInbounds: readonly string[];
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function section(parent: Json, name: string): Json {
  const value = parent[name];
  return isObject(value) ? value : {};
}

function list(value: unknown, name: string): readonly Json[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every(isObject)) {
    throw new ValidationError(`invalid config: ${name} must be a list of objects`);
  }
  return value;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function parseSections(text: string): Map<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new ValidationError(`invalid config: ${describeError(error)}`, { cause: error });
  }
  if (!isObject(parsed)) throw new ValidationError("invalid config: not a JSON object");
  const names = new Map<string, string>(SECTIONS.map((name) => [name.toLowerCase(), name]));
  const sections = new Map<string, unknown>();
  for (const [key, value] of Object.entries(parsed)) {
    const name = names.get(key.toLowerCase());
    if (name !== undefined) sections.set(name, value);
  }
  return sections;
}

function readInbound(body: Json, excluded: ReadonlySet<string>): CoreInbound {
  const tag = textOf(body["tag"]);
  const settings = section(body, "settings");
  return {
    tag,
    protocol: textOf(body["protocol"]).toLowerCase(),
    method: textOf(settings["method"]),
    flow: textOf(settings["flow"]),
    isManaged: !excluded.has(tag),
    body,
  };
}

function rewriteLog(value: unknown): Json {
  if (!isObject(value)) return { loglevel: "info" };
  const access = value["access"] === "none" ? "none" : "";
  return { ...value, access, error: "" };
}

function rewritePolicy(value: unknown): Json {
  const policy = isObject(value) ? value : {};
  const levels = section(policy, "levels");
  const system = section(policy, "system");
  return {
    ...policy,
    levels: {
      ...levels,
      "0": { ...section(levels, "0"), statsUserUplink: true, statsUserDownlink: true },
    },
    system: { ...system, statsOutboundUplink: true, statsOutboundDownlink: true },
  };
}

function withoutGeoPrivate(rule: Json): Json {
  const replaced: Record<string, unknown> = { ...rule };
  for (const key of ["ip", "source"]) {
    const entries: unknown = rule[key];
    if (!Array.isArray(entries)) continue;
    replaced[key] = entries.flatMap((entry: unknown) =>
      textOf(entry).toLowerCase() === "geoip:private" ? PRIVATE_NETWORKS : [entry],
    );
  }
  return replaced;
}

function rewriteRouting(value: unknown, blackhole: string | undefined): Json {
  const routing = isObject(value) ? value : {};
  const apiRule = {
    type: "field",
    inboundTag: [API_INBOUND],
    source: ["127.0.0.1", "::1"],
    outboundTag: API_TAG,
  };
  // Names that no resolver accepts, in the regular expressions of a core.
  const guardRule = {
    type: "field",
    ruleTag: GUARD_RULE,
    domain: ["regexp:^.{254,}$", "regexp:(^|\\.)[^.]{64,}(\\.|$)"],
    outboundTag: blackhole,
  };
  const rules = list(routing["rules"], "routing.rules")
    .filter((rule) => rule["outboundTag"] !== API_TAG && rule["ruleTag"] !== GUARD_RULE)
    .map(withoutGeoPrivate);
  const own = blackhole === undefined ? [apiRule] : [apiRule, guardRule];
  return { ...routing, rules: [...own, ...rules] };
}

function rewriteObservatory(value: unknown, isObservable: (tag: string) => boolean): unknown {
  if (!isObject(value)) return value;
  const selector: unknown = value["subjectSelector"];
  if (!Array.isArray(selector)) return value;
  const kept = selector.filter((tag: unknown) => isObservable(textOf(tag).trim()));
  return { ...value, subjectSelector: kept };
}

function outboundProtocols(outbounds: readonly Json[]): ReadonlyMap<string, string> {
  return new Map(
    outbounds.map((outbound) => [
      textOf(outbound["tag"]).trim(),
      textOf(outbound["protocol"]).trim().toLowerCase(),
    ]),
  );
}

function renderInbound(inbound: CoreInbound, clients: readonly Json[]): Json {
  const { body, isManaged } = inbound;
  return isManaged ? { ...body, settings: { ...section(body, "settings"), clients } } : body;
}

/** Reads a panel's configuration. Throws `ValidationError` with text for the panel. */
export function readCoreConfig(text: string, options: CoreConfigOptions): CoreConfig {
  const sections = parseSections(text);
  const protocols = outboundProtocols(list(sections.get("outbounds"), "outbounds"));
  const isObservable = (tag: string): boolean => !BLIND_PROTOCOLS.has(protocols.get(tag) ?? "");
  const blackhole = [...protocols.keys()]
    .filter((tag) => tag !== "" && protocols.get(tag) === "blackhole")
    .sort()[0];
  const excluded = new Set(options.excludeInbounds);
  const inbounds = list(sections.get("inbounds"), "inbounds")
    .map((body) => readInbound(body, excluded))
    .filter(({ tag }) => tag !== API_INBOUND);

  sections.set("log", rewriteLog(sections.get("log")));
  sections.set("stats", {});
  sections.set("policy", rewritePolicy(sections.get("policy")));
  sections.set("api", {
    tag: API_TAG,
    services: ["HandlerService", "LoggerService", "StatsService"],
  });
  sections.set("metrics", { tag: "metric", listen: `127.0.0.1:${options.metricsPort}` });
  sections.set("routing", rewriteRouting(sections.get("routing"), blackhole));
  for (const name of ["observatory", "burstObservatory"]) {
    if (sections.has(name)) {
      sections.set(name, rewriteObservatory(sections.get(name), isObservable));
    }
  }
  const apiInbound = {
    tag: API_INBOUND,
    listen: "127.0.0.1",
    port: options.apiPort,
    protocol: "dokodemo-door",
    settings: { address: "127.0.0.1" },
  };
  return {
    inbounds,
    isObservable,
    render: (clientsOf) =>
      JSON.stringify({
        ...Object.fromEntries(sections),
        inbounds: [
          apiInbound,
          ...inbounds.map((inbound) => renderInbound(inbound, clientsOf(inbound))),
        ],
      }),
  };
}
