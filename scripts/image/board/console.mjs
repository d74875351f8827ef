// Writes where the board is to its console, and the first password while it is the owner's. Once more when an address comes
// later than this.
import { spawnSync } from "node:child_process";
import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { PASSWORD_FILE, isFirstPassword, read } from "./first-password.mjs";

/** Shown above the login prompt, to whoever sits at the board: `/etc/issue.d` has a link to it. */
const ISSUE = "/run/farhand.issue";
/** A router or a Wi-Fi that is not there by then is not waited for. */
const PATIENCE_SECONDS = 300;

const addresses = () =>
  Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4")
    .map(({ address }) => `https://${address}:8443/`);

function readiness() {
  const words = ["show", "farhand", "-P", "ActiveEnterTimestampMonotonic"];
  const said = Number(spawnSync("systemctl", words, { encoding: "utf8" }).stdout.trim());
  if (said === 0) return "Farhand has not started";
  return `Farhand was ready ${(said / 1e6).toFixed(1)} s after the kernel's start`;
}

/** @returns {readonly string[]} */
function password() {
  const [user = "", first = ""] = read(PASSWORD_FILE).split("\n");
  if (first === "") return [];
  if (isFirstPassword(user)) {
    return [
      `Account: ${user}   First password: ${first}`,
      "It only lets you look until you change it.",
    ];
  }
  rmSync(PASSWORD_FILE, { force: true });
  return [];
}

/** @param {readonly string[]} places */
function greet(places) {
  const where = places.length > 0 ? places.join("  ") : "No network address yet";
  const text = `\n${[readiness(), where, ...password()].join("\n")}\n\n`;
  writeFileSync(ISSUE, text, { mode: 0o600 });
  for (const place of ["/dev/console", "/dev/tty1"]) {
    try {
      appendFileSync(place, text.replaceAll("\n", "\r\n"));
    } catch {
      // A board without that console.
    }
  }
}

let urls = addresses();
greet(urls);
for (let waited = 0; urls.length === 0 && waited < PATIENCE_SECONDS; waited += 2) {
  await sleep(2000);
  urls = addresses();
  if (urls.length > 0) greet(urls);
}
