// Writes where the board is to its console, and the first password while it is the owner's.
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { PASSWORD_FILE, isFirstPassword, read } from "./first-password.mjs";

/** Shown above the login prompt, to whoever sits at the board. */
const ISSUE = "/run/issue.d/farhand.issue";

const addresses = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .filter(({ internal, family }) => !internal && family === "IPv4")
  .map(({ address }) => address);
const shown = ["systemctl", "show", "farhand", "-P", "ActiveEnterTimestampMonotonic"];
const said = spawnSync(shown[0] ?? "", shown.slice(1), { encoding: "utf8" }).stdout.trim();
const seconds = (Number(said) / 1e6).toFixed(1);
const urls = addresses.map((address) => `https://${address}:8443/`);
const isReady = Number(said) > 0;
const lines = [
  isReady ? `Farhand was ready ${seconds} s after the kernel's start` : "Farhand has not started",
  ...(urls.length > 0 ? [urls.join("  ")] : ["No network address yet"]),
];
const [user = "", password = ""] = read(PASSWORD_FILE).split("\n");
if (password !== "") {
  if (isFirstPassword(user)) {
    lines.push(`Account: ${user}   First password: ${password}`, "Change it when you sign in.");
  } else {
    rmSync(PASSWORD_FILE, { force: true });
  }
}
const text = `\n${lines.join("\n")}\n\n`;
mkdirSync("/run/issue.d", { recursive: true });
writeFileSync(ISSUE, text, { mode: 0o600 });
for (const place of ["/dev/console", "/dev/tty1"]) {
  try {
    appendFileSync(place, text.replaceAll("\n", "\r\n"));
  } catch {
    // A board without that console.
  }
}
