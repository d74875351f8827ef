// farhand.txt (or pikvm.txt): what a newcomer writes on the card's FAT partition before the first start.
// Runs on the board with Node's own modules only.

/** @typedef {Readonly<Record<string, string>>} Settings */

/** Every name, and what its value has to look like. @type {Readonly<Record<string, RegExp>>} */
const NAMES = {
  HOSTNAME: /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/,
  PASSWORD: /^.{8,256}$/,
  CHANGE_PASSWORD: /^[01]$/,
  WIFI_ESSID: /^.{1,32}$/,
  WIFI_PASSWD: /^.{8,63}$/,
  WIFI_REGDOM: /^[A-Z]{2}$/,
  WIFI_HIDDEN: /^[01]$/,
  ADDRESS: /^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$|^[0-9a-fA-F:]+\/\d{1,3}$/,
  GATEWAY: /^(\d{1,3}\.){3}\d{1,3}$|^[0-9a-fA-F:]+$/,
  DNS: /^[0-9a-fA-F.:]+([ ,]+[0-9a-fA-F.:]+)*$/,
  PAIR_ADDRESS: /^[^\s-]\S*$/,
  PAIR_KOMARI_TOKEN: /^\S+$/,
  PAIR_KOMARI_KEY: /^\S+$/,
  PAIR_NEZHA_SECRET: /^\S+$/,
  PAIR_NEZHA_TOKEN: /^\S+$/,
};

/** Of PiKVM's file; understood, and nothing to do here. */
const IGNORED = new Set(["FIRST_BOOT", "FIRSTBOOT"]);
const PAIRING = ["PAIR_KOMARI_TOKEN", "PAIR_KOMARI_KEY", "PAIR_NEZHA_SECRET", "PAIR_NEZHA_TOKEN"];

/** Without quotes; inside of double quotes a backslash keeps the next character. @param {string} text */
function unquoted(text) {
  const single = /^'([^']*)'$/.exec(text)?.[1];
  if (single !== undefined) return single;
  const double = /^"((?:[^"\\]|\\.)*)"$/.exec(text)?.[1];
  if (double !== undefined) return double.replaceAll(/\\(.)/g, "$1");
  return text.replace(/\s+#.*$/, "").trim();
}

/** Settings that need each other. @param {Record<string, string>} found @param {string[]} problems */
function checkTogether(found, problems) {
  const needs = (/** @type {string} */ name, /** @type {string} */ other) => {
    if (name in found && !(other in found)) problems.push(`${name} needs ${other}`);
  };
  for (const name of ["WIFI_PASSWD", "WIFI_HIDDEN"]) needs(name, "WIFI_ESSID");
  for (const name of PAIRING) needs(name, "PAIR_ADDRESS");
  needs("GATEWAY", "ADDRESS");
  needs("CHANGE_PASSWORD", "PASSWORD");
  const keys = PAIRING.filter((name) => name in found);
  if ("PAIR_ADDRESS" in found && keys.length !== 1) {
    problems.push(`PAIR_ADDRESS needs exactly one of ${PAIRING.join(", ")}`);
  }
}

/** What is wrong with a line that is no remark, or undefined. @param {string} line @param {Record<string, string>} found takes its setting */
function takeLine(line, found) {
  const [, name = "", raw = ""] = /^([A-Za-z_]+)\s*=\s*(.*)$/.exec(line) ?? [];
  if (name === "") return " is not NAME=VALUE";
  if (IGNORED.has(name)) return undefined;
  const form = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
  if (form === undefined) return `: ${name} is not known`;
  const value = unquoted(raw);
  if (value === "") return undefined;
  if (!form.test(value) || /\p{Cc}/u.test(value)) return `: ${name} has a bad value`;
  found[name] = value;
  return undefined;
}

/**
 * Reads the file. What is wrong is told and left out; the rest counts, because the board has no screen to ask at.
 * Values are never repeated in the messages: they may be secrets.
 * @param {string} text
 * @returns {{ settings: Settings, problems: readonly string[] }}
 */
export function parseSettings(text) {
  /** @type {Record<string, string>} */
  const found = {};
  /** @type {string[]} */
  const problems = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const problem = takeLine(trimmed, found);
    if (problem !== undefined) problems.push(`line ${index + 1}${problem}`);
  }
  checkTogether(found, problems);
  return { settings: found, problems };
}

/** @param {Settings} settings */
const servers = ({ DNS = "" }) => DNS.split(/[ ,]+/).filter((word) => word !== "");

/** A network of systemd-networkd. @param {Settings} settings @param {string} match name of the interface */
export function networkdUnit(settings, match) {
  const { ADDRESS, GATEWAY } = settings;
  const lines = ["[Match]", `Name=${match}`, "", "[Network]"];
  if (ADDRESS === undefined) lines.push("DHCP=yes");
  else lines.push(`Address=${ADDRESS}`);
  if (GATEWAY !== undefined) lines.push(`Gateway=${GATEWAY}`);
  for (const server of servers(settings)) lines.push(`DNS=${server}`);
  return `${lines.join("\n")}\n`;
}

/** @param {Settings} settings */
function networkManagerAddress(settings) {
  const { ADDRESS, GATEWAY } = settings;
  const dns = servers(settings);
  const family = (/** @type {boolean} */ isSix) => {
    const mine = ADDRESS !== undefined && ADDRESS.includes(":") === isSix;
    const own = dns.filter((server) => server.includes(":") === isSix);
    return [
      `[ipv${isSix ? 6 : 4}]`,
      `method=${mine ? "manual" : "auto"}`,
      ...(mine ? [`address1=${ADDRESS}${GATEWAY === undefined ? "" : `,${GATEWAY}`}`] : []),
      ...(own.length > 0 ? [`dns=${own.join(";")};`] : []),
      "",
    ];
  };
  return [...family(false), ...family(true)];
}

/** In NetworkManager's files a backslash begins an escape, and leading blanks would be lost. @param {string} text */
const escaped = (text) => text.replaceAll("\\", "\\\\").replace(/^ /, String.raw`\s`);

/** A connection of NetworkManager. @param {Settings} settings @param {"ethernet" | "wifi"} type */
export function networkManagerFile(settings, type) {
  const lines = [
    "[connection]",
    `id=farhand-${type}`,
    `type=${type}`,
    "autoconnect-priority=10",
    "",
  ];
  if (type === "wifi") {
    const { WIFI_ESSID = "", WIFI_PASSWD, WIFI_HIDDEN } = settings;
    lines.push("[wifi]", "mode=infrastructure", `ssid=${escaped(WIFI_ESSID)}`);
    if (WIFI_HIDDEN === "1") lines.push("hidden=true");
    lines.push("");
    if (WIFI_PASSWD !== undefined) {
      lines.push("[wifi-security]", "key-mgmt=wpa-psk", `psk=${escaped(WIFI_PASSWD)}`, "");
    }
  }
  return [...lines, ...networkManagerAddress(settings)].join("\n");
}

/** The file of wpa_supplicant, for systems without NetworkManager. The name is told in bytes, so nothing needs quotes. @param {Settings} settings */
export function supplicantFile(settings) {
  const { WIFI_ESSID = "", WIFI_PASSWD, WIFI_REGDOM, WIFI_HIDDEN } = settings;
  const lines = WIFI_REGDOM === undefined ? [] : [`country=${WIFI_REGDOM}`];
  lines.push("network={", `\tssid=${Buffer.from(WIFI_ESSID).toString("hex")}`);
  if (WIFI_HIDDEN === "1") lines.push("\tscan_ssid=1");
  lines.push(WIFI_PASSWD === undefined ? "\tkey_mgmt=NONE" : `\tpsk="${WIFI_PASSWD}"`, "}");
  return `${lines.join("\n")}\n`;
}

/** Words of `farhand pair`, or none. @param {Settings} settings @returns {readonly string[]} */
export function pairingWords(settings) {
  const { PAIR_ADDRESS } = settings;
  const name = PAIRING.find((key) => key in settings);
  if (PAIR_ADDRESS === undefined || name === undefined) return [];
  const option = name.slice("PAIR_".length).toLowerCase().replace("_", "-");
  return [PAIR_ADDRESS, `--${option}`, settings[name] ?? ""];
}
