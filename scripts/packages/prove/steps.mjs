// What has to hold for an installed package, from its installation to its purge.
import assert from "node:assert/strict";
import { appendFileSync, existsSync, readFileSync, statSync } from "node:fs";
import { Daemon } from "./daemon.mjs";

/** @typedef {import("./chroot.mjs").Chroot} Chroot */

/**
 * @typedef {object} Scene
 * @property {Chroot} chroot
 * @property {readonly string[]} older paths inside of packages of an older version
 * @property {readonly string[]} current
 * @property {string} version of the current ones
 * @property {string | undefined} [password] of the owner
 */

const CONFIG = "etc/farhand/farhand.yaml";
const MARK = "# set by the administrator\nlog:\n  level: debug\n";
const APT = "apt-get -qy -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0";
/** Highest exposure that systemd may find, in tenths. */
const EXPOSURE_LIMIT = 25;

/** @param {Scene} scene */
const isInstalled = ({ chroot }) =>
  chroot.try("dpkg-query -W -f '${db:Status-Abbrev} ${Version}' farhand").stdout;

/** @param {Scene} scene */
function install({ chroot, older }) {
  chroot.run(`${APT} update && ${APT} install ${older.join(" ")}`);
  chroot.run("getent passwd farhand farhand-proxy");
  const groups = chroot.run("id -nG farhand").split(" ").sort();
  assert.deepEqual(groups, ["dialout", "farhand", "gpio", "systemd-journal", "video"]);
  assert.equal(chroot.run(`stat -c '%U:%G %a' /${CONFIG}`), "farhand:farhand 640");
  assert.equal(chroot.run("stat -c '%U:%G %a' /etc/farhand"), "root:farhand 770");
  assert.equal(chroot.run("stat -c '%U:%G %a' /var/lib/farhand"), "farhand:farhand 750");
  for (const unit of ["farhand", "farhand-gadget"]) {
    chroot.run(`readlink /etc/systemd/system/multi-user.target.wants/${unit}.service`);
  }
  chroot.run("dpkg --verify farhand");
}

/** @param {Scene} scene */
async function answers(scene) {
  const withTerminal = "env FARHAND__DEVICE__TERMINAL__ENABLED=true farhand serve";
  const daemon = await Daemon.start(scene.chroot, withTerminal);
  try {
    scene.password = daemon.password;
    assert.ok(scene.password !== undefined, "the owner's password is printed");
    const refused = await daemon.ask("/api/info");
    assert.equal(refused.status, 401);
    const { status, body } = await daemon.ask("/api/info", scene.password);
    assert.equal(status, 200, body);
    assert.match(body, /"ok":\s*true/);
    for (const path of ["/console", "/extras/webterm/ttyd/xterm.js"]) {
      const page = await daemon.ask(path, scene.password);
      assert.equal(page.status, 200, `${path}: ${page.body.slice(0, 300)}`);
    }
  } finally {
    await daemon.stop();
  }
}

/** Native parts load, by the daemon's account. @param {Scene} scene */
function nativeParts({ chroot }) {
  const as = "setpriv --reuid farhand --regid farhand --init-groups env HOME=/var/lib/farhand";
  /** @type {{ findings: readonly { check: string, level: string, message: string }[] }} */
  const { findings } = JSON.parse(chroot.run(`${as} farhand doctor --json`));
  const addons = findings.filter(({ check }) => check === "addon");
  assert.ok(addons.length >= 4, "the doctor looks at native parts");
  const broken = addons.filter(({ level }) => level !== "ok").map(({ message }) => message);
  assert.deepEqual(broken, []);
}

/** @param {Scene} scene */
async function upgrade(scene) {
  const { chroot, current, version } = scene;
  appendFileSync(chroot.path(CONFIG), MARK);
  chroot.run(`${APT} install ${current.join(" ")}`);
  assert.equal(isInstalled(scene), `ii  ${version}`);
  assert.ok(readFileSync(chroot.path(CONFIG), "utf8").endsWith(MARK), "the configuration is kept");
  assert.equal(chroot.run(`stat -c '%U:%G %a' /${CONFIG}`), "farhand:farhand 640");
  const daemon = await Daemon.start(chroot);
  try {
    assert.equal(daemon.password, undefined, "no second owner is made");
    const { status } = await daemon.ask("/api/info", scene.password);
    assert.equal(status, 200, "the old password is still right");
  } finally {
    await daemon.stop();
  }
}

/** The service does not go on with the former Node.js. @param {Scene} scene */
function nodeUpgrade({ chroot, current }) {
  const [, runtime] = current;
  const text = chroot.run(`${APT} install --reinstall ${runtime ?? "nodejs"}`);
  assert.match(text, /^Processing triggers for farhand /m);
}

/** @param {Scene} scene */
function downgrade(scene) {
  const { status, text } = scene.chroot.try(`dpkg -i ${scene.older.at(0)}`);
  assert.notEqual(status, 0);
  assert.match(text, /is older and is refused/);
  assert.equal(isInstalled(scene), `ii  ${scene.version}`);
}

/** Lines about our units; what the chroot lacks besides is none of their business. @param {string} text */
const complaints = (text) =>
  text.split("\n").filter((line) => line.includes("farhand") && !line.includes("man farhand"));

/** @param {Scene} scene @returns {string} */
function exposure({ chroot }) {
  const folder = "/usr/lib/systemd/system";
  // Complaints are about settings that this systemd does not know.
  const { text } = chroot.try(`systemd-analyze verify ${folder}/farhand*.service`);
  assert.deepEqual(complaints(text), []);
  const unit = `${folder}/farhand.service`;
  const analyze = `systemd-analyze security --offline=true --no-pager --threshold=${EXPOSURE_LIMIT} ${unit}`;
  return /exposure level for \S+: (\S+)/.exec(chroot.run(analyze))?.[1] ?? "?";
}

/** @param {Scene} scene */
function remove({ chroot }) {
  chroot.run(`${APT} remove farhand`);
  assert.ok(!existsSync(chroot.path("usr/lib/farhand")), "the program is gone");
  assert.ok(readFileSync(chroot.path(CONFIG), "utf8").endsWith(MARK), "the configuration stays");
  assert.ok(statSync(chroot.path("var/lib/farhand/htpasswd")).isFile(), "the accounts stay");
}

/** @param {Scene} scene */
function purge({ chroot }) {
  const names = chroot.run("dpkg-query -W -f '${Package} ' 'farhand*'");
  chroot.run(`${APT} purge ${names}`);
  const left = chroot.run(
    "find / -xdev -name '*farhand*' -not -path '/packages*' -not -path '/proc/*' -not -path '/sys/*'",
  );
  assert.equal(left, "");
  assert.equal(chroot.try("dpkg-query -W farhand farhand-runtime").stdout, "");
}

/** In this order. @type {Readonly<Record<string, (scene: Scene) => string | void | Promise<void>>>} */
export const STEPS = {
  install,
  answers,
  nativeParts,
  upgrade,
  nodeUpgrade,
  downgrade,
  exposure,
  remove,
  purge,
};
