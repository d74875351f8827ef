// farhand.txt (or pikvm.txt): what a newcomer writes on the card's FAT partition before the first start.
// Runs on the board with Node's own modules only.

import { isIP } from "node:net";

/** @typedef {Readonly<Record<string, string>>} Settings */

/** @param {RegExp} form @returns {(text: string) => boolean} */
const like = (form) => (text) => form.test(text);
/** @param {string} text */
const isAddress = (text) => isIP(text) !== 0;
const isFlag = like(/^[01]$/);
const isKey = like(/^\S+$/);
const bytesOf = (/** @type {string} */ text) => Buffer.byteLength(text);
const isHexKey = like(/^[0-9a-fA-F]{64}$/);

/** With the length of its network. @param {string} text */
function isHostAddress(text) {
  const [, address = "", bits = ""] = /^(.+)\/(\d{1,3})$/.exec(text) ?? [];
  return isAddress(address) && Number(bits) <= (isIP(address) === 4 ? 32 : 128);
}

/** @param {string} text */
const addressesIn = (text) => text.split(/[ ,]+/).filter((word) => word !== "");

/** Every name, and what its value has to look like. @type {Readonly<Record<string, (text: string) => boolean>>} */
const NAMES = {
  HOSTNAME: like(/^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/),
  PASSWORD: like(/^.{8,256}$/),
  CHANGE_PASSWORD: isFlag,
  WIFI_ESSID: (text) => bytesOf(text) <= 32,
  WIFI_PASSWD: (text) => isHexKey(text) || (bytesOf(text) >= 8 && bytesOf(text) <= 63),
  WIFI_REGDOM: like(/^[A-Z]{2}$/),
  WIFI_HIDDEN: isFlag,
  WIFI_WPA23: isFlag,
  ADDRESS: isHostAddress,
  GATEWAY: isAddress,
  DNS: (text) => addressesIn(text).every(isAddress) && addressesIn(text).length > 0,
  PAIR_ADDRESS: like(/^[^\s-]\S*$/),
  PAIR_KOMARI_TOKEN: isKey,
  PAIR_KOMARI_KEY: isKey,
  PAIR_NEZHA_SECRET: isKey,
  PAIR_NEZHA_TOKEN: isKey,
};

/** Of PiKVM's file; understood, and nothing to do here. */
const IGNORED = new Set(["FIRST_BOOT", "FIRSTBOOT", "ETH_DHCP"]);
/** PiKVM's names of ours, behind WIFI_ or ETH_. */
const THEIRS = { ADDRESS: "ADDR", GATEWAY: "GW", DNS: "DNS" };
const PAIRING = ["PAIR_KOMARI_TOKEN", "PAIR_KOMARI_KEY", "PAIR_NEZHA_SECRET", "PAIR_NEZHA_TOKEN"];
/** What is of use as a whole only: half of it would be another network, or nobody's account. */
const WHOLES = [
  ["WIFI_ESSID", "WIFI_PASSWD", "WIFI_HIDDEN", "WIFI_WPA23", ...Object.keys(THEIRS)],
  ["PASSWORD", "CHANGE_PASSWORD"],
  ["PAIR_ADDRESS", ...PAIRING],
];

/** What was read. @typedef {{ found: Record<string, string>, problems: string[], bad: Set<string> }} Draft */

/** Without quotes; inside of double quotes a backslash keeps the next character. @param {string} text */
function unquoted(text) {
  const single = /^'([^']*)'(\s+#.*)?$/.exec(text)?.[1];
  if (single !== undefined) return single;
  const double = /^"((?:[^"\\]|\\.)*)"(\s+#.*)?$/.exec(text)?.[1];
  if (double !== undefined) return double.replaceAll(/\\(.)/g, "$1");
  return text.replace(/\s+#.*$/, "").trim();
}

/** Settings that need each other. @param {Draft} draft */
function checkTogether({ found, problems, bad }) {
  const tell = (/** @type {string} */ name, /** @type {string} */ problem) => {
    problems.push(problem);
    bad.add(name);
  };
  const needs = (/** @type {string} */ name, /** @type {string} */ other) => {
    if (name in found && !(other in found)) tell(name, `${name} needs ${other}`);
  };
  for (const name of ["WIFI_PASSWD", "WIFI_HIDDEN"]) needs(name, "WIFI_ESSID");
  for (const name of PAIRING) needs(name, "PAIR_ADDRESS");
  needs("WIFI_WPA23", "WIFI_PASSWD");
  needs("GATEWAY", "ADDRESS");
  needs("CHANGE_PASSWORD", "PASSWORD");
  const keys = PAIRING.filter((name) => name in found);
  if ("PAIR_ADDRESS" in found && keys.length !== 1) {
    tell("PAIR_ADDRESS", `PAIR_ADDRESS needs exactly one of ${PAIRING.join(", ")}`);
  }
  const { ADDRESS = "", GATEWAY } = found;
  const family = isIP(ADDRESS.split("/", 1)[0] ?? "");
  if (GATEWAY !== undefined && family !== 0 && isIP(GATEWAY) !== family) {
    tell("GATEWAY", "GATEWAY is not of the kind of ADDRESS");
  }
}

/** Which of our names a line means. PiKVM's count for the network that the file is about. @param {string} name @param {boolean} isWireless */
function ownName(name, isWireless) {
  const [, kind, rest] = /^(WIFI|ETH)_(ADDR|GW|DNS)$/.exec(name) ?? [];
  if (kind === undefined) return name;
  if ((kind === "WIFI") !== isWireless) return undefined;
  return Object.entries(THEIRS).find(([, theirs]) => theirs === rest)?.[0];
}

/** What is wrong with a line that is no remark, or undefined. @param {string} line @param {boolean} isWireless @param {Draft} draft takes its setting */
function takeLine(line, isWireless, { found, bad }) {
  const [, name = "", raw = ""] = /^([A-Za-z0-9_]+)\s*=\s*(.*)$/.exec(line) ?? [];
  if (name === "") return " is not NAME=VALUE";
  if (IGNORED.has(name)) return undefined;
  const own = ownName(name, isWireless);
  if (own === undefined) return `: ${name} is of the other network and left out`;
  const isRight = Object.hasOwn(NAMES, own) ? NAMES[own] : undefined;
  if (isRight === undefined) return `: ${name} is not known`;
  const value = unquoted(raw);
  if (value === "") return undefined;
  // What is not UTF-8 has become U+FFFD.
  if (!isRight(value) || /[\p{Cc}\uFFFD]/u.test(value)) {
    bad.add(own);
    return `: ${name} has a bad value`;
  }
  found[own] = value;
  return undefined;
}

/** Takes out what lacks a part of its own: an address without its router, a network without its password. @param {Draft} draft */
function dropIncomplete({ found, problems, bad }) {
  for (const whole of WHOLES.filter((names) => names.some((name) => bad.has(name)))) {
    const dropped = whole.filter((name) => name in found);
    for (const name of dropped) delete found[name];
    if (dropped.length > 0) problems.push(`so left out as well: ${dropped.join(", ")}`);
  }
}

/**
 * Reads the file. What is wrong is told and left out, with what is of no use without it; the rest counts, because the board
 * has no screen to ask at. Values are never repeated in the messages: they may be secrets.
 * @param {string} text
 * @returns {{ settings: Settings, problems: readonly string[] }}
 */
export function parseSettings(text) {
  /** @type {Draft} */
  const draft = { found: {}, problems: [], bad: new Set() };
  const lines = text
    .replace(/^\uFEFF/, "")
    .split(/\r\n?|\n/)
    .map((line) => line.trim());
  const isWireless = lines.some(
    (line) => unquoted(/^WIFI_ESSID\s*=\s*(.*)$/.exec(line)?.[1] ?? "") !== "",
  );
  for (const [index, line] of lines.entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const problem = takeLine(line, isWireless, draft);
    if (problem !== undefined) draft.problems.push(`line ${index + 1}${problem}`);
  }
  checkTogether(draft);
  dropIncomplete(draft);
  return { settings: draft.found, problems: draft.problems };
}

/** @param {Settings} settings */
const servers = ({ DNS = "" }) => addressesIn(DNS);

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

/** NetworkManager takes numbers with semicolons for bytes; so all but plain names are told in bytes. @param {string} name */
function ssid(name) {
  return /^[A-Za-z0-9][\w.-]*$/.test(name) ? name : [...Buffer.from(name)].join(";").concat(";");
}

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
    lines.push("[wifi]", "mode=infrastructure", `ssid=${ssid(WIFI_ESSID)}`);
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
  const { WIFI_ESSID = "", WIFI_PASSWD, WIFI_REGDOM, WIFI_HIDDEN, WIFI_WPA23 } = settings;
  const lines = WIFI_REGDOM === undefined ? [] : [`country=${WIFI_REGDOM}`];
  lines.push("network={", `\tssid=${Buffer.from(WIFI_ESSID).toString("hex")}`);
  if (WIFI_HIDDEN === "1") lines.push("\tscan_ssid=1");
  if (WIFI_WPA23 === "1") lines.push("\tkey_mgmt=SAE WPA-PSK-SHA256 WPA-PSK", "\tieee80211w=1");
  if (WIFI_PASSWD === undefined) lines.push("\tkey_mgmt=NONE");
  else lines.push(isHexKey(WIFI_PASSWD) ? `\tpsk=${WIFI_PASSWD}` : `\tpsk="${WIFI_PASSWD}"`);
  lines.push("}");
  return `${lines.join("\n")}\n`;
}

/** NetworkManager's own memory of its switches: Raspberry Pi OS comes with Wi-Fi switched off in it. @param {string} text */
export const withRadio = (text) => text.replace(/^WirelessEnabled=false$/m, "WirelessEnabled=true");

/** What the kernel is told of the country at every start. @param {string} country */
export const countryOption = (country) => `options cfg80211 ieee80211_regdom=${country}\n`;

/** Words of `farhand pair`, or none. @param {Settings} settings @returns {readonly string[]} */
export function pairingWords(settings) {
  const { PAIR_ADDRESS } = settings;
  const name = PAIRING.find((key) => key in settings);
  if (PAIR_ADDRESS === undefined || name === undefined) return [];
  const option = name.slice("PAIR_".length).toLowerCase().replace("_", "-");
  return [PAIR_ADDRESS, `--${option}`, settings[name] ?? ""];
}
