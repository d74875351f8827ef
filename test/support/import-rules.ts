import { isBuiltin } from "node:module";
import { posix } from "node:path";
import type { ImportLine } from "./source-text.ts";

// Who may import whom: the table that src/README.md draws.

/** A target pattern. `*` is one path segment, `**` any number. */
interface Allowed {
  readonly to: string;
  /** Only `import type`. */
  readonly typesOnly?: boolean;
}

export interface Layer {
  /** Folder, or file, relative to src. The longest match decides. */
  readonly from: string;
  readonly may: readonly Allowed[];
  /** Packages, besides the layer's own imports. */
  readonly packages: readonly string[];
  /** Modules of Node.js, without the `node:` prefix. */
  readonly node: readonly string[];
}

const anything = (to: string): Allowed => ({ to });
const types = (to: string): Allowed => ({ to, typesOnly: true });

const PORTS = [anything("platform/**/port.ts"), types("platform/platform.ts")];
const DOMAIN = [anything("core/**"), anything("protocol/**"), types("config/**"), ...PORTS];

/** Modules that reach nothing outside the process. */
const HARMLESS = ["buffer", "crypto", "events", "path", "timers", "url", "util"];

/** A domain beside `device`. */
const domain = (from: string): Layer => ({
  from,
  may: [...DOMAIN, anything(`${from}/**`)],
  packages: [],
  node: HARMLESS,
});

/** One wire contract: its own vocabulary and one domain. */
const dialect = (
  name: string,
  of: string,
  vocabularies: readonly string[],
  packages: readonly string[] = [],
): Layer => ({
  from: `api/${name}`,
  may: [
    anything("core/**"),
    ...vocabularies.map((vocabulary) => anything(`protocol/${vocabulary}/**`)),
    ...PORTS,
    anything("http/**"),
    anything(`${of}/**`),
    types("config/**"),
    anything(`api/${name}/**`),
  ],
  packages: ["fastify", "@fastify/*", "fastify-plugin", "typebox", "ws", ...packages],
  node: [...HARMLESS, "stream", "zlib"],
});

export const LAYERS: readonly Layer[] = [
  {
    // Runs in a browser: only what is pure, so that both sides mean the same.
    from: "web",
    may: [anything("core/**"), anything("protocol/**"), anything("web/**")],
    packages: ["preact", "@preact/signals", "uplot", "@xterm/*"],
    node: [],
  },
  { from: "core", may: [anything("core/**")], packages: [], node: [] },
  {
    from: "protocol",
    may: [anything("core/**"), anything("protocol/**")],
    packages: ["typebox", "@bufbuild/protobuf"],
    node: [],
  },
  {
    from: "config",
    // The version is that of package.json.
    may: [anything("core/**"), anything("config/**"), ...PORTS, anything("../package.json")],
    packages: ["typebox", "yaml"],
    node: HARMLESS,
  },
  {
    from: "platform",
    may: [anything("core/**"), anything("protocol/**"), anything("platform/**")],
    packages: ["*"],
    node: ["*"],
  },
  {
    from: "device",
    may: [...DOMAIN, anything("device/**")],
    packages: ["yaml"],
    node: HARMLESS,
  },
  {
    from: "http",
    may: [anything("core/**"), types("config/**"), ...PORTS, anything("http/**")],
    packages: [
      "fastify",
      "@fastify/*",
      "fastify-plugin",
      "ws",
      "typebox",
      "otplib",
      "bcryptjs",
      "jose",
      "@peculiar/x509",
      "reflect-metadata",
    ],
    // HTTP and TLS servers are what this layer is.
    node: [...HARMLESS, "http", "https", "net", "stream", "tls"],
  },
  {
    from: "api/kvmd",
    may: [
      anything("core/**"),
      anything("protocol/kvmd/**"),
      anything("protocol/hid/**"),
      anything("protocol/journal/**"),
      anything("protocol/prometheus/**"),
      anything("protocol/ustreamer/**"),
      anything("protocol/switch/**"),
      ...PORTS,
      anything("http/**"),
      anything("device/**"),
      types("config/**"),
      anything("api/kvmd/**"),
    ],
    packages: ["fastify", "@fastify/*", "fastify-plugin", "typebox", "ws"],
    node: [...HARMLESS, "stream"],
  },
  dialect("native", "device", ["native"], ["otplib", "uqr"]),
  dialect("komari", "hub", ["komari"]),
  dialect("nezha", "hub", ["nezha", "protobuf"], ["@grpc/grpc-js"]),
  dialect("fleet", "hub", ["fleet"]),
  dialect("pasarguard", "proxy", ["pasarguard", "xray", "protobuf"], ["@grpc/grpc-js"]),
  domain("agent"),
  domain("hub"),
  {
    // The embedded database, its thread and its files: roll-ups have to run where the rows are.
    from: "hub/series",
    may: [...DOMAIN, anything("hub/**"), anything("platform/process/heap-limits.ts")],
    packages: ["better-sqlite3"],
    node: [...HARMLESS, "fs", "worker_threads", "zlib"],
  },
  domain("proxy"),
  {
    from: "api/redfish",
    may: [
      anything("core/**"),
      anything("protocol/kvmd/**"),
      anything("protocol/redfish/**"),
      anything("protocol/switch/**"),
      ...PORTS,
      anything("http/**"),
      anything("device/**"),
      // Errors and bodies of the dialect that it is a part of.
      anything("api/kvmd/errors.ts"),
      anything("api/kvmd/body.ts"),
      anything("api/redfish/**"),
    ],
    packages: ["fastify"],
    node: HARMLESS,
  },
  {
    from: "roles",
    may: [
      ...DOMAIN,
      ...["device", "agent", "hub", "proxy", "http", "api", "roles"].map((name) =>
        anything(`${name}/**`),
      ),
    ],
    packages: ["fastify", "fastify-plugin"],
    node: HARMLESS,
  },
  {
    from: "app.ts",
    may: [
      anything("core/**"),
      anything("roles/**"),
      anything("http/**"),
      types("config/**"),
      types("device/**"),
      ...PORTS,
    ],
    packages: ["fastify"],
    node: HARMLESS,
  },
  {
    from: "main.ts",
    may: [
      anything("core/**"),
      anything("app.ts"),
      anything("cli/**"),
      anything("config/**"),
      anything("platform/**"),
    ],
    packages: ["pino"],
    node: HARMLESS,
  },
  {
    from: "cli",
    may: [
      anything("core/**"),
      anything("app.ts"),
      anything("cli/**"),
      anything("config/**"),
      anything("platform/**"),
      types("http/**"),
      // `doctor` asks every serial port which chip answers; `passwd` and `totp` keep the account files; `pair` makes
      // and shows the key and certificate of the role proxy, and tries connections to monitoring servers.
      anything("roles/proxy-credentials.ts"),
      // `doctor` looks for the core as the role does, and at certificates as the server does.
      anything("http/tls.ts"),
      anything("proxy/core-command.ts"),
      anything("proxy/proxy-errors.ts"),
      anything("agent/**"),
      // `node` asks the running daemon; `backup` and `restore` work on the database itself.
      anything("http/local-client.ts"),
      anything("http/local-door.ts"),
      anything("hub/hub-path.ts"),
      anything("hub/series/backup-file.ts"),
      anything("device/hid/probe.ts"),
      anything("http/auth/**"),
    ],
    packages: ["uqr", "otplib", "typebox", "yaml"],
    node: [...HARMLESS, "readline"],
  },
];

/** Loaded with `import()` on first use only: they cost start-up time or memory, or may be missing. */
export const LAZY_PACKAGES: readonly string[] = [
  "@xterm/xterm",
  "@xterm/addon-fit",
  "@grpc/grpc-js",
  "better-sqlite3",
  "nodemailer",
  "serialport",
  "onoff",
  "node-pty",
  "koffi",
  "systeminformation",
  "pino-pretty",
  "bcryptjs",
  "jose",
  "@peculiar/x509",
  "reflect-metadata",
];

export function layerOf(path: string): Layer | undefined {
  return LAYERS.filter(({ from }) => path === from || path.startsWith(`${from}/`)).sort(
    (a, b) => b.from.length - a.from.length,
  )[0];
}

/** Whether a path or package name fits a pattern. */
export function matches(pattern: string, name: string): boolean {
  const source = pattern
    .split(/(\*\*\/?|\*)/)
    .map((part) => {
      if (part.startsWith("**")) return ".*";
      return part === "*" ? "[^/]*" : part.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    })
    .join("");
  return new RegExp(`^${source}$`).test(name);
}

function objectionToFile(layer: Layer, target: string, line: ImportLine): string | undefined {
  const rules = layer.may.filter(({ to }) => matches(to, target));
  if (rules.length === 0) return `${target} is outside what ${layer.from} may import`;
  return line.isType || rules.some(({ typesOnly }) => typesOnly !== true)
    ? undefined
    : `${target} may be imported for types only`;
}

function objectionToNode(layer: Layer, specifier: string): string | undefined {
  if (!specifier.startsWith("node:")) return `write node:${specifier}`;
  const name = specifier.slice("node:".length).split("/")[0] ?? "";
  return layer.node.some((allowed) => matches(allowed, name))
    ? undefined
    : `${layer.from} may not use ${specifier}; only platform/ does input and output`;
}

function objectionToPackage(layer: Layer, line: ImportLine): string | undefined {
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(line.specifier)?.[0] ?? line.specifier;
  if (!layer.packages.some((allowed) => allowed === "*" || matches(allowed, name))) {
    return `${layer.from} may not use the package ${name}`;
  }
  return LAZY_PACKAGES.includes(name) && !line.isDynamic
    ? `${name} must be loaded with import() on first use`
    : undefined;
}

/** Why an import in the file `path` (relative to src) is not allowed, or undefined. */
export function objection(layer: Layer, path: string, line: ImportLine): string | undefined {
  if (line.specifier.startsWith(".")) {
    return objectionToFile(layer, posix.join(posix.dirname(path), line.specifier), line);
  }
  if (line.isType) return undefined;
  return isBuiltin(line.specifier)
    ? objectionToNode(layer, line.specifier)
    : objectionToPackage(layer, line);
}
