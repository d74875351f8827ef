import { BOARD_NAMES } from "./boards.ts";
import type { Finding } from "./check.ts";
import type { Config, UplinkConfig } from "./schema.ts";

function checkTls({ tls }: Config["http"]): Finding[] {
  if (tls.mode !== "files") return [];
  const missing = (["cert", "key"] as const).filter((key) => tls[key] === "");
  return missing.map((key) => ({
    path: ["http", "tls", key],
    value: tls[key],
    rule: "is required when http.tls.mode is files",
  }));
}

function checkBoard({ board }: Config["device"]): Finding[] {
  if (board === "auto" || BOARD_NAMES.includes(board)) return [];
  const rule = `must be one of auto, ${BOARD_NAMES.join(", ")}`;
  return [{ path: ["device", "board"], value: board, rule }];
}

function checkRanges({ hid }: Config["device"]): Finding[] {
  return (["mouseXRange", "mouseYRange"] as const).flatMap((key): Finding[] => {
    const { min, max } = hid[key];
    const rule = "must have a min below its max";
    return min < max ? [] : [{ path: ["device", "hid", key], value: hid[key], rule }];
  });
}

function checkGpio({ gpio }: Config["device"]): Finding[] {
  const drivers = ["__gpio__", ...Object.keys(gpio.drivers)];
  return Object.entries(gpio.scheme).flatMap(([name, channel]): Finding[] => {
    const path = ["device", "gpio", "scheme", name];
    const { driver, pulse } = channel;
    const findings: Finding[] = [];
    if (driver !== undefined && !drivers.includes(driver)) {
      const rule = `must be one of ${drivers.join(", ")}`;
      findings.push({ path: [...path, "driver"], value: driver, rule });
    }
    if (typeof pulse === "object" && (pulse.min_delay ?? 0) > (pulse.max_delay ?? Infinity)) {
      const rule = "must have a min_delay of at most its max_delay";
      findings.push({ path: [...path, "pulse"], value: pulse, rule });
    }
    return findings;
  });
}

const USER_PATTERN = /^[a-z_](?:[a-z0-9@._-]*[a-z0-9_-])?$/;

function checkUser({ initialUser }: Config["auth"]): Finding[] {
  if (USER_PATTERN.test(initialUser) && initialUser.length <= 128) return [];
  const rule = "must be a user name: lower-case letters, digits and @ . _ -";
  return [{ path: ["auth", "initialUser"], value: initialUser, rule }];
}

/** What credentials may be made of (PiKVM API 2.4). The value is never shown. */
const PASSWORD_PATTERN = /^[ -~]{0,512}$/;

function checkPassword({ initialPassword }: Config["auth"]): Finding[] {
  if (PASSWORD_PATTERN.test(initialPassword)) return [];
  const rule = "must be one line of at most 512 ASCII characters";
  return [{ path: ["auth", "initialPassword"], value: undefined, rule }];
}

const SECURE_ADDRESS =
  /^(?:https:\/\/|http:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::|\/|$))/;

/** Sign-in through a provider: half of it would let nobody in, or anybody who listens. */
function checkOidc({ oidc }: Config["auth"]): Finding[] {
  const { provider, issuer, users } = oidc;
  if (provider === "off") return [];
  const path = ["auth", "oidc"];
  const findings = (["clientId", "clientSecret"] as const)
    .filter((key) => oidc[key] === "")
    .map((key) => ({
      path: [...path, key],
      value: undefined,
      rule: `is required when auth.oidc.provider is ${provider}`,
    }));
  const isIssuer = issuer === "" ? provider === "github" : URL.canParse(issuer);
  if (!isIssuer || (issuer !== "" && !SECURE_ADDRESS.test(issuer))) {
    const rule = "must be an address with https://";
    findings.push({ path: [...path, "issuer"], value: undefined, rule });
  }
  const names = users.map(({ name }) => name);
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice === -1) return findings;
  const rule = "must not name a person twice";
  return [...findings, { path: [...path, "users", String(twice)], value: undefined, rule }];
}

/** Whether an address of that form exists is found out by the server. */
const PROXY_PATTERN =
  /^(?:loopback|linklocal|uniquelocal|[\da-f:.]*[:.][\da-f:.]*(?:\/\d{1,3})?)$/i;

function checkProxies({ trustedProxies }: Config["http"]): Finding[] {
  return trustedProxies.flatMap((value, index): Finding[] => {
    if (PROXY_PATTERN.test(value)) return [];
    const rule = "must be an address, a network such as 192.168.0.0/16, or loopback";
    return [{ path: ["http", "trustedProxies", String(index)], value, rule }];
  });
}

const MAX_PORT = 65_535;

function checkUplink(uplink: UplinkConfig, index: number): Finding[] {
  const path = ["agent", "uplinks", String(index)];
  if (uplink.protocol === "nezha") {
    const port = Number(uplink.server.slice(uplink.server.lastIndexOf(":") + 1));
    if (port < 1 || port > MAX_PORT) {
      const rule = "must have a port from 1 to 65535";
      return [{ path: [...path, "server"], value: uplink.server, rule }];
    }
    if (uplink.secret !== "") return [];
    return [{ path: [...path, "secret"], value: undefined, rule: "must not be empty" }];
  }
  if (!URL.canParse(uplink.url)) {
    return [{ path: [...path, "url"], value: uplink.url, rule: "must be a web address" }];
  }
  if (new URL(uplink.url).username !== "") {
    const rule = "must not have an account in front of the host: nothing would use it";
    return [{ path: [...path, "url"], value: undefined, rule }];
  }
  // Also what was pasted with a line break in its middle; no such header can be sent.
  for (const key of ["token", "autoDiscoveryKey"] as const) {
    if (PASSWORD_PATTERN.test(uplink[key])) continue;
    return [
      { path: [...path, key], value: undefined, rule: "must be one line of ASCII characters" },
    ];
  }
  if (uplink.token !== "" || uplink.autoDiscoveryKey !== "") return [];
  return [{ path, value: undefined, rule: "needs a token or an autoDiscoveryKey" }];
}

function checkUplinks({ uplinks }: Config["agent"]): Finding[] {
  const servers = uplinks.map((uplink) =>
    uplink.protocol === "komari" ? uplink.url.replace(/\/+$/, "") : uplink.server,
  );
  const twice = servers.findIndex((server, index) => servers.indexOf(server) !== index);
  const findings = uplinks.flatMap(checkUplink);
  if (twice === -1) return findings;
  const rule = "must not name a server twice: one machine is one node";
  return [...findings, { path: ["agent", "uplinks", String(twice)], value: servers[twice], rule }];
}

/** As with stock servers (Komari 1.3): whoever guesses a shorter one makes nodes. */
const LEAST_KEY = 12;

function checkHub({ discoveryKey }: Config["hub"]): Finding[] {
  if (discoveryKey === "" || discoveryKey.length >= LEAST_KEY) return [];
  const rule = `must have at least ${LEAST_KEY} characters; 'openssl rand -hex 16' makes a good one`;
  return [{ path: ["hub", "discoveryKey"], value: undefined, rule }];
}

/** Rules between several values, which the description of single values cannot state. */
export function checkRules(config: Config): Finding[] {
  return [
    ...checkTls(config.http),
    ...checkProxies(config.http),
    ...checkUser(config.auth),
    ...checkPassword(config.auth),
    ...checkOidc(config.auth),
    ...checkBoard(config.device),
    ...checkRanges(config.device),
    ...checkGpio(config.device),
    ...checkUplinks(config.agent),
    ...checkHub(config.hub),
  ];
}
