// At every start, before Farhand: identity and password once, the settings file whenever it is there.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  DATA,
  PAIR_FILE,
  PASSWORD_FILE,
  hashOf,
  markOf,
  randomPassword,
  read,
} from "./first-password.mjs";
import { growLast } from "./grow.mjs";
import {
  countryOption,
  networkdUnit,
  networkManagerFile,
  pairingWords,
  parseSettings,
  supplicantFile,
  withRadio,
} from "./settings-file.mjs";

/** @typedef {import("./settings-file.mjs").Settings} Settings */

const OWNER = "admin";
const AS_SERVICE = ["--reuid", "farhand", "--regid", "farhand", "--init-groups"];

/** @param {string} text */
function tell(text) {
  process.stdout.write(`farhand-setup: ${text}\n`);
}

/** @param {string} program @param {readonly string[]} args @param {string} [input] */
function run(program, args, input = "") {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8", input });
  if (status === 0) return true;
  tell(`${program} failed: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
  return false;
}

/** A file for root only, in a folder for root only when that is new, unless said otherwise. @param {string} path @param {string} text @param {number} [mode] */
function write(path, text, mode = 0o600) {
  mkdirSync(dirname(path), { recursive: true, mode: mode === 0o600 ? 0o700 : 0o755 });
  writeFileSync(path, text, { mode });
}

function makeHostKeys() {
  const folder = "/etc/ssh";
  if (!existsSync(join(folder, "sshd_config"))) return;
  if (readdirSync(folder).some((name) => /^ssh_host_.*_key$/.test(name))) return;
  if (run("ssh-keygen", ["-A"])) tell("made this board's SSH host keys");
}

/** As the daemon's account, so that the files are its own. @param {string} verb @param {string} password */
function storePassword(verb, password) {
  const role = verb === "add" ? ["--role", "admin"] : [];
  const words = ["farhand", "passwd", verb, OWNER, ...role, "--read-stdin"];
  return run("setpriv", [...AS_SERVICE, "env", `HOME=${DATA}`, ...words], password);
}

/** Shows the reminder to change it. */
function markFirst() {
  const hash = hashOf(read(`${DATA}/htpasswd`), OWNER);
  if (hash === undefined) return;
  // By the account whose folder it is: it may have made a link of the file's name.
  const keep = ["sh", "-c", 'umask 077; cat > "$1"', "sh", join(DATA, "first-password")];
  run("setpriv", [...AS_SERVICE, ...keep], markOf(OWNER, hash));
}

/** @param {Settings} settings */
function setPassword({ PASSWORD, CHANGE_PASSWORD = "1" }) {
  const accounts = read(`${DATA}/htpasswd`);
  const isFirst = accounts.trim() === "";
  if (!isFirst && PASSWORD === undefined) return;
  const password = PASSWORD ?? randomPassword();
  const verb = hashOf(accounts, OWNER) === undefined ? "add" : "set";
  if (!storePassword(verb, password)) return;
  if (CHANGE_PASSWORD === "1") markFirst();
  else rmSync(join(DATA, "first-password"), { force: true });
  if (PASSWORD === undefined) write(PASSWORD_FILE, `${OWNER}\n${password}\n`);
  else rmSync(PASSWORD_FILE, { force: true });
  tell(PASSWORD === undefined ? "made the owner's password" : "took the owner's password");
}

/** @param {Settings} settings */
function setHostName({ HOSTNAME: name }) {
  if (name === undefined) return;
  write("/etc/hostname", `${name}\n`, 0o644);
  const hosts = read("/etc/hosts").split("\n");
  const kept = hosts.filter((line) => !line.startsWith("127.0.1.1"));
  write("/etc/hosts", `${kept.join("\n").trimEnd()}\n127.0.1.1 ${name}\n`, 0o644);
  run("hostname", [name]);
}

const NETWORK_MANAGER = "/etc/NetworkManager/system-connections";
const RADIO = "/var/lib/NetworkManager/NetworkManager.state";

/** It starts after this. @param {Settings} settings @param {"ethernet" | "wifi"} type */
function setNetworkManager(settings, type) {
  write(`${NETWORK_MANAGER}/farhand-${type}.nmconnection`, networkManagerFile(settings, type));
  if (type === "ethernet") return;
  const state = read(RADIO);
  if (withRadio(state) !== state) write(RADIO, withRadio(state), 0o644);
  run("rfkill", ["unblock", "wifi"]);
}

/** It may run already: a base's own first start can need the network early. @param {Settings} settings @param {"ethernet" | "wifi"} type */
function setNetworkd(settings, type) {
  const match = type === "wifi" ? "wl*" : "en* eth*";
  write(`/etc/systemd/network/10-farhand-${type}.network`, networkdUnit(settings, match), 0o644);
  if (type === "wifi") {
    write("/etc/wpa_supplicant/wpa_supplicant-wlan0.conf", supplicantFile(settings));
    run("systemctl", ["enable", "--no-block", "--now", "wpa_supplicant@wlan0.service"]);
  }
  if (spawnSync("systemctl", ["is-enabled", "--quiet", "systemd-networkd"]).status !== 0) {
    tell("systemd-networkd is not enabled here: set the network by this system's own means");
  }
  run("systemctl", ["--no-block", "try-restart", "systemd-networkd.service"]);
}

/** @param {Settings} settings */
function setNetwork(settings) {
  const { ADDRESS, DNS, WIFI_ESSID, WIFI_REGDOM } = settings;
  if (WIFI_REGDOM !== undefined) {
    write("/etc/modprobe.d/farhand-wifi.conf", countryOption(WIFI_REGDOM), 0o644);
    run("iw", ["reg", "set", WIFI_REGDOM]);
  }
  if (WIFI_ESSID === undefined && ADDRESS === undefined && DNS === undefined) return;
  const type = WIFI_ESSID === undefined ? "ethernet" : "wifi";
  if (existsSync(NETWORK_MANAGER)) setNetworkManager(settings, type);
  else setNetworkd(settings, type);
  tell(`set the network (${type})`);
}

/** @param {Settings} settings */
function pair(settings) {
  const words = pairingWords(settings);
  if (words.length === 0) return;
  write(PAIR_FILE, JSON.stringify(words));
  tell(`pairs with ${words[0]} when the network is there`);
}

/** The last is what Windows makes of the first where it hides the ends of names. */
const FILES = ["farhand.txt", "pikvm.txt", "farhand.txt.txt"];

/** Where a computer with a card reader sees it. */
const settingsFiles = () =>
  ["/boot/firmware", "/boot/efi", "/boot"]
    .flatMap((folder) => FILES.map((name) => join(folder, name)))
    .filter((path) => existsSync(path));

/** For whoever has no screen at the board, and looks at the card again. @param {string} folder @param {readonly string[]} problems */
function leaveProblems(folder, problems) {
  const path = join(folder, "farhand-problems.txt");
  try {
    rmSync(path, { force: true });
    if (problems.length > 0) writeFileSync(path, `${problems.join("\r\n")}\r\n`);
  } catch {
    // The console has them.
  }
}

/** @returns {Settings} */
function takeSettings() {
  const [path] = settingsFiles();
  if (path === undefined) return {};
  const { settings, problems } = parseSettings(readFileSync(path, "utf8"));
  for (const problem of problems) tell(`${path}: ${problem}`);
  leaveProblems(dirname(path), problems);
  tell(`took ${Object.keys(settings).join(", ") || "nothing"} from ${path}`);
  return settings;
}

/** Nothing that fails keeps the KVM from starting. @param {readonly (() => void)[]} steps */
function attempt(steps) {
  for (const step of steps) {
    try {
      step();
    } catch (error) {
      tell(error instanceof Error ? error.message : "a step failed");
    }
  }
}

/** @type {Settings} */
let settings = {};
attempt([
  () => growLast(tell),
  makeHostKeys,
  () => {
    settings = takeSettings();
  },
  () => {
    setHostName(settings);
  },
  () => {
    setNetwork(settings);
  },
  () => {
    setPassword(settings);
  },
  () => {
    pair(settings);
  },
  () => {
    // Only now: a power failure before would have lost it.
    run("sync", []);
    for (const path of settingsFiles()) rmSync(path);
    run("sync", []);
  },
]);
