// Pairs the board as farhand.txt said, as soon as the network is there. Fails until it works, and is tried again.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { PAIR_FILE, read } from "./first-password.mjs";

/** @type {readonly string[]} */
const words = JSON.parse(read(PAIR_FILE) || "[]");
const { status } = spawnSync("farhand", ["pair", ...words], { stdio: "inherit" });
if (status === 0) {
  rmSync(PAIR_FILE, { force: true });
  spawnSync("systemctl", ["--no-block", "restart", "farhand.service"], { stdio: "inherit" });
} else {
  process.exitCode = 1;
}
