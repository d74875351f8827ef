// node scripts/image/prove.mjs [--arch arm64|armhf] [--board rpi|generic] [--read-only] [--deb FILE ...]
// Makes a base image as distributions publish them, puts Farhand into it with build-image, starts it twice on an emulated
// board and looks at it from outside: a Raspberry Pi's card, or (generic) a disk with a GPT as Debian's own. --read-only:
// such a disk with a root file system that is only read, and one start more, in which the package is upgraded.
// Exit status 0: all holds; 1: something does not; 77: it could not be run here.
import "../node-version.mjs";
import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { CACHE, execute } from "../lab/host/machine.mjs";
import { needPrograms } from "../packages/host-tools.mjs";
import { asVersion } from "../packages/prove/as-version.mjs";
import { registerInterpreter } from "../packages/prove/chroot.mjs";
import { targetOf } from "../packages/targets.mjs";
import { ROOT } from "../root.mjs";
import { baseFor } from "./proof/base.mjs";
import { readLayout } from "./base.mjs";
import { FatFiles } from "./fat.mjs";
import { packagesFor } from "./packages.mjs";
import { Board, MACHINES } from "./proof/board.mjs";
import { Client, hostKey, monitoringServer } from "./proof/client.mjs";
import { addTries, sumOfRoot, TRIES } from "./proof/read-only.mjs";

const EXIT_SKIPPED = 77;
const START_SECONDS = 900;
const PAIRING_SECONDS = 300;
const TRIES_SECONDS = 300;
/** Where the emulated network expects the board, which is told so in the settings file. */
const ADDRESS = "10.0.2.15/24";
const GATEWAY = "10.0.2.2";
const NEW_PASSWORD = "another-password-than-before";
/** Of the package that a board with a read-only root is upgraded to. */
const NEWER = "99.0.0";
/** What the card is larger than the image. */
const CARD_MORE = 256 * 1024 * 1024;

const { values } = parseArgs({
  options: {
    arch: { type: "string", default: "arm64" },
    board: { type: "string", default: "rpi" },
    "read-only": { type: "boolean", default: false },
    deb: { type: "string", multiple: true, default: [] },
  },
});

const KIND =
  values["read-only"] || values.board === "generic"
    ? /** @type {const} */ ({ label: "gpt", board: "generic", root: 1, fat: "/boot/efi" })
    : /** @type {const} */ ({ label: "dos", board: "rpi", root: 2, fat: "/boot/firmware" });

/** Why it cannot run here, or undefined. */
function findObstacle() {
  if (process.platform !== "linux" || process.arch !== "x64") return "it needs a PC with Linux";
  if (process.getuid?.() !== 0) return "it has to be root, to make and mount a system";
  if (!existsSync("/dev/loop-control"))
    return "this kernel has no loop devices to mount an image with";
  if (!existsSync("/proc/sys/fs/binfmt_misc"))
    return "this kernel cannot start programs of other processors (binfmt_misc)";
  try {
    needPrograms({
      [MACHINES[values.arch]?.program ?? ""]: "qemu-system-arm",
      mmdebstrap: "mmdebstrap",
      "arch-test": "arch-test",
      "qemu-aarch64-static": "qemu-user-static",
      sfdisk: "fdisk",
      "mkfs.vfat": "dosfstools",
      "mkfs.ext4": "e2fsprogs",
      mcopy: "mtools",
      cpio: "cpio",
      depmod: "kmod",
      xz: "xz-utils",
      zstd: "zstd",
      "ssh-keyscan": "openssh-client",
    });
  } catch (error) {
    return error instanceof Error ? error.message : "programs are missing";
  }
  return undefined;
}

/** @param {() => boolean} holds @param {number} seconds */
async function until(holds, seconds) {
  const limit = performance.now() + seconds * 1000;
  while (!holds()) {
    if (performance.now() > limit) throw new Error(`not within ${seconds} seconds`);
    await sleep(250);
  }
}

let passed = 0;
let bad = 0;

/** @param {string} what @param {() => unknown} check */
async function see(what, check) {
  try {
    await check();
    passed += 1;
    console.log(`ok      ${what}`);
  } catch (error) {
    bad += 1;
    console.log(`FAILED  ${what}\n        ${error instanceof Error ? error.message : "?"}`);
  }
}

/** @param {import("./proof/board.mjs").BoardOptions} options */
async function start(options) {
  const board = await Board.start(options);
  try {
    const [, seconds = "?"] = await board.shows(
      /ready ([\d.]+) s after the kernel's start/,
      START_SECONDS,
    );
    console.log(
      `        ${options.name} start: ready ${seconds} s after the kernel's start (emulated processor)`,
    );
    return board;
  } catch (error) {
    await board.cut();
    throw error;
  }
}

/**
 * Starts the board, looks at it, and cuts its power.
 * @template T
 * @param {import("./proof/board.mjs").BoardOptions} options
 * @param {(board: Board) => Promise<T>} look
 * @returns {Promise<T>}
 */
async function during(options, look) {
  const board = await start(options);
  try {
    return await look(board);
  } finally {
    await board.cut();
  }
}

/** @typedef {{ certificate: string, key: string }} Identity */

/** @param {Board} board @returns {Promise<Identity>} */
async function firstStart(board) {
  const web = new Client(board.ports.web);
  const [, password = ""] = await board.shows(/First password: (\S+)\s/, 60);
  const first = web.as(password);
  const { certificate } = await web.ask("GET", "/api/info");
  const key = await hostKey(board.ports.ssh);
  await see("strangers are refused", async () => {
    assert.equal((await web.ask("GET", "/api/info")).status, 401);
  });
  await see("/api/info answers to X-KVMD headers with the password of the console", async () => {
    const { status, body } = await first.ask("GET", "/api/info");
    assert.equal(status, 200, body);
    assert.equal(JSON.parse(body).ok, true);
  });
  await see("the owner is told to change the first password, which controls nothing", async () => {
    const { body } = await first.ask("GET", "/native/setup");
    assert.equal(JSON.parse(body).mustChangePassword, true, body);
    const press = await first.ask("POST", "/api/hid/events/send_key?key=KeyA");
    assert.equal(press.status, 403, press.body);
    assert.match(press.body, /Choose another password first/);
  });
  await see("it can be changed", async () => {
    const { status, body } = await first.ask("POST", "/native/password", {
      current: password,
      password: NEW_PASSWORD,
    });
    assert.equal(status, 204, body);
  });
  await see("the first password is refused from then on", async () => {
    assert.equal((await first.ask("GET", "/api/info")).status, 403);
  });
  await see("the new one is accepted, and nothing is left to change", async () => {
    const { status, body } = await web.as(NEW_PASSWORD).ask("GET", "/native/setup");
    assert.equal(status, 200, body);
    assert.equal(JSON.parse(body).hasFirstPassword, false, body);
  });
  await see("it has an SSH host key and a certificate of its own", () => {
    assert.notEqual(key, "");
    assert.notEqual(certificate, "");
  });
  await see("the whole card is used", () => {
    assert.match(board.console, /(the system|what changes) now has the (whole|rest) of vda/);
  });
  await see("a setting can be changed on the page", async () => {
    const changes = { "log.level": "warn" };
    const { status, body } = await web
      .as(NEW_PASSWORD)
      .ask("PATCH", "/native/settings", { changes });
    assert.equal(status, 200, body);
  });
  return { certificate, key };
}

/** @param {Board} board */
async function upgradeStart(board) {
  const web = new Client(board.ports.web).as(NEW_PASSWORD);
  await lookAtTries(board, TRIES.upgrade);
  await see("after the upgrade the newer version answers, to the same account", () =>
    lookAtVersion(web, NEWER),
  );
}

/** @param {Client} web @param {string} version */
async function lookAtVersion(web, version) {
  const { status, body } = await web.ask("GET", "/api/info?fields=system");
  assert.equal(status, 200, body);
  assert.equal(JSON.parse(body).result.system.farhand.version, version);
}

/** @param {Board} board @param {Identity} identity */
async function lastStart(board, identity) {
  const web = new Client(board.ports.web).as(NEW_PASSWORD);
  await see("after a power cut the account is the same", async () => {
    const { status, body } = await web.ask("GET", "/native/setup");
    assert.equal(status, 200, body);
    assert.equal(JSON.parse(body).hasFirstPassword, false, body);
  });
  if (values["read-only"]) await see("so is the newer version", () => lookAtVersion(web, NEWER));
  await see("so are the certificate and the SSH host key", async () => {
    const { certificate } = await web.ask("GET", "/api/info");
    assert.equal(certificate, identity.certificate);
    assert.equal(await hostKey(board.ports.ssh), identity.key);
  });
  await see("so is the setting", async () => {
    const { body } = await web.ask("GET", "/native/settings");
    /** @type {{ settings: readonly { path: string, value: unknown }[] }} */
    const { settings } = JSON.parse(body);
    assert.equal(settings.find(({ path }) => path === "log.level")?.value, "warn");
  });
  await see("a settings file put on the card is taken in", () => {
    const names = "HOSTNAME, ADDRESS, GATEWAY, PAIR_ADDRESS, PAIR_KOMARI_KEY";
    assert.ok(board.console.includes(`took ${names} from ${KIND.fat}/farhand.txt`), board.console);
  });
  await see("the fixed address in it is in use", async () => {
    await board.shows(/set the network \(ethernet\)/, 0);
    assert.equal((await web.ask("GET", "/api/info")).status, 200);
  });
  await see("the console shows no password any more", () => {
    assert.doesNotMatch(board.console, /First password/);
  });
}

/** What a newcomer writes on the card, in another computer. @param {string} image */
function fatOf(image) {
  const { boot } = readLayout(image);
  if (boot === undefined) throw new Error("The image has lost its FAT partition");
  return new FatFiles(image, boot);
}

/** @param {string} base @param {string} image @param {readonly string[]} packages */
async function customise(base, image, packages) {
  const startedAt = performance.now();
  const script = join(ROOT, "scripts", "build-image.mjs");
  const place = ["--board", KIND.board, "--base", base, "--out", image];
  const kind = values["read-only"] ? ["--read-only"] : [];
  const debs = packages.flatMap((deb) => ["--deb", deb]);
  await execute(process.execPath, [script, ...place, ...kind, "--no-recommended", ...debs]);
  console.log(`== image: customised in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
}

/** @param {string} image */
async function lookAtImage(image) {
  await see("the image comes with its checksum and the list of its parts", () => {
    assert.match(readFileSync(`${image}.sha256`, "utf8"), /^[0-9a-f]{64} {2}card\.img\n$/);
    /** @type {{ components: readonly { name: string }[] }} */
    const { components } = JSON.parse(readFileSync(`${image}.cdx.json`, "utf8"));
    assert.ok(components.some(({ name }) => name === "farhand"));
  });
  if (KIND.board !== "rpi") return;
  await see("and with an entry for the imager", () => {
    assert.equal(JSON.parse(readFileSync(`${image}.os_list.json`, "utf8")).os_list.length, 1);
  });
  await see("the board's USB port is a device's and its UART is free", () => {
    assert.match(fatOf(image).read("config.txt"), /^dtoverlay=dwc2,dr_mode=peripheral$/m);
    assert.doesNotMatch(fatOf(image).read("cmdline.txt"), /console=(serial0|ttyAMA0)/);
  });
}

/** @param {string} image @param {string} before the bytes of the root partition */
async function lookAtRoot(image, before) {
  if (!values["read-only"]) return;
  await see("not a byte of the root partition has changed", async () => {
    assert.equal(await sumOfRoot(image), before);
  });
}

/** @param {Board} board @param {readonly string[]} said what the board tries by itself, and what comes of it */
async function lookAtTries(board, said) {
  if (!values["read-only"]) return;
  for (const words of said) {
    await see(words, () => board.shows(new RegExp(`PROOF: ${words}`), TRIES_SECONDS));
  }
}

/** @param {readonly string[]} packages @param {string} folder */
function newer(packages, folder) {
  const own = packages.find((path) => basename(path).startsWith("farhand_")) ?? "";
  return asVersion(own, NEWER, folder);
}

/** @param {string} folder */
async function prove(folder) {
  const { arch } = values;
  registerInterpreter(targetOf(arch));
  const { suite, kernel, base } = await baseFor(arch, KIND.label);
  const packages = await packagesFor(values.deb, { arch, suite });
  const image = join(folder, "card.img");
  await customise(base, image, packages);
  await lookAtImage(image);
  if (values["read-only"]) addTries(image, newer(packages, folder), NEWER);
  truncateSync(image, statSync(image).size + CARD_MORE);
  const before = await sumOfRoot(image);
  const root = `root=/dev/vda${KIND.root} ${values["read-only"] ? "ro" : "rw"}`;
  const options = { arch, image, root, kernel, folder };
  const identity = await during({ ...options, name: "first" }, async (board) => {
    const found = await firstStart(board);
    await lookAtTries(board, TRIES.first);
    return found;
  });
  await lookAtRoot(image, before);
  if (values["read-only"]) await during({ ...options, name: "second" }, upgradeStart);
  const server = await monitoringServer();
  try {
    const pairing = `PAIR_ADDRESS=${server.url}\nPAIR_KOMARI_KEY=key\n`;
    const address = `ADDRESS=${ADDRESS}\nGATEWAY=${GATEWAY}\n`;
    const bad = "PASSWORD=short\n";
    fatOf(image).write("farhand.txt", `HOSTNAME=proof-board\n${address}${pairing}${bad}`);
    await during({ ...options, name: "last" }, async (board) => {
      await lastStart(board, identity);
      await lookAtTries(board, TRIES.last);
      await see(
        "the board registers with the monitoring server that the file names, and reports to it",
        () =>
          until(
            () => server.asked.some((path) => /^\/api\/clients\/(?!register)/.test(path)),
            PAIRING_SECONDS,
          ),
      );
    });
  } finally {
    server.close();
  }
  await see(
    "the settings file has deleted itself, and what was wrong with it is on the card",
    () => {
      assert.equal(fatOf(image).read("farhand.txt"), "");
      assert.match(
        fatOf(image).read("farhand-problems.txt"),
        /^line 6: PASSWORD has a bad value\r\n$/,
      );
    },
  );
}

const obstacle = findObstacle();
if (obstacle !== undefined) {
  console.log(`The proof of images was skipped: ${obstacle}.`);
  console.log("0 passed, 0 failed");
  process.exit(EXIT_SKIPPED);
}
mkdirSync(CACHE, { recursive: true });
const folder = mkdtempSync(join(CACHE, "image-"));
try {
  await prove(folder);
} catch (error) {
  bad += 1;
  console.log(error instanceof Error ? error.message : error);
} finally {
  const results = join(CACHE, "results", "image");
  rmSync(results, { recursive: true, force: true });
  cpSync(folder, results, { recursive: true, filter: (path) => !/\.(img|deb)$/.test(path) });
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${bad} failed`);
process.exitCode = bad === 0 ? 0 : 1;
