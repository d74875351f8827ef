// What is done to a mounted system: packages, identity, units of the first start.
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { ROOT } from "../root.mjs";

/** @typedef {import("./mounted.mjs").MountedRoot} MountedRoot */

const OWN = join(ROOT, "scripts", "image", "board");
/** Programs and units of the first start, inside. */
const PLACE = "usr/lib/farhand-image";
const UNITS = "etc/systemd/system";
/** Bytes that the root partition gets more, for the packages. */
export const ROOM = 512 * 1024 * 1024;
const APT =
  "apt-get -qy -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0 -o DPkg::Options::=--force-unsafe-io";

/** For as long as packages are installed: no service starts, and names are resolved as on this machine. @param {string} root @param {() => void} work */
function prepared(root, work) {
  const policy = join(root, "usr/sbin/policy-rc.d");
  const resolv = join(root, "etc/resolv.conf");
  const kept = join(root, "etc/resolv.conf.farhand");
  writeFileSync(policy, "#!/bin/sh\nexit 101\n");
  chmodSync(policy, 0o755);
  // It may be a link to what exists on a running system only.
  const hasOwn = lstatSync(resolv, { throwIfNoEntry: false }) !== undefined;
  if (hasOwn) cpSync(resolv, kept, { verbatimSymlinks: true });
  rmSync(resolv, { force: true });
  cpSync("/etc/resolv.conf", resolv, { dereference: true });
  try {
    work();
  } finally {
    rmSync(policy, { force: true });
    rmSync(resolv, { force: true });
    if (hasOwn) cpSync(kept, resolv, { verbatimSymlinks: true });
    rmSync(kept, { force: true });
  }
}

/**
 * @param {MountedRoot} system
 * @param {readonly string[]} debs
 * @param {boolean} withRecommended also what shows the picture
 */
export function installPackages(system, debs, withRecommended) {
  const folder = join(system.folder, "var/tmp/farhand-packages");
  mkdirSync(folder, { recursive: true });
  for (const deb of debs) cpSync(deb, join(folder, basename(deb)));
  const names = debs.map((deb) => `/var/tmp/farhand-packages/${basename(deb)}`).join(" ");
  const install = `${APT} install --no-install-recommends ${names}`;
  try {
    // What they need may be there already, and then no network is needed.
    const offline = `dpkg --force-unsafe-io -i ${names} || { ${APT} update && ${APT} --no-remove -f install; }`;
    const script = [
      withRecommended ? `${APT} update && ${install} ustreamer` : offline,
      "rm -rf /var/cache/apt/archives/*.deb /var/lib/apt/lists/*",
      "dpkg-query -W -f '${db:Status-Status}' farhand | grep -qx installed",
    ];
    prepared(system.folder, () => {
      system.run(script.join("\n"));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What every board must have of its own, and nobody's log. @param {string} root */
export function forgetIdentity(root) {
  const keys = join(root, "etc/ssh");
  const names = existsSync(keys) ? readdirSync(keys) : [];
  for (const name of names.filter((file) => /^ssh_host_.*_key(\.pub)?$/.test(file))) {
    rmSync(join(keys, name));
  }
  // Empty: made at the first start. Missing would make systemd forget which units are enabled.
  writeFileSync(join(root, "etc/machine-id"), "");
  for (const path of ["var/lib/dbus/machine-id", "var/lib/systemd/random-seed"]) {
    rmSync(join(root, path), { force: true });
  }
  const data = join(root, "var/lib/farhand");
  for (const name of existsSync(data) ? readdirSync(data) : []) {
    if (name !== "images") rmSync(join(data, name), { recursive: true, force: true });
  }
}

/** Raspberry Pi OS covers the screen with the question for an account of its own, and needs a keyboard for the answer. */
const WIZARD = "userconfig.service";
const AFTER_GREETING = `# The address and the first password of Farhand are on the screen for a minute before this asks.
[Unit]
After=farhand-console.service
[Service]
ExecStartPre=/bin/sleep 60
`;

/** @param {string} root */
function letGreetingBeSeen(root) {
  // Not in /run/issue.d, which counts only where there is no /etc/issue.
  const issues = join(root, "etc/issue.d");
  mkdirSync(issues, { recursive: true });
  rmSync(join(issues, "farhand.issue"), { force: true });
  symlinkSync("/run/farhand.issue", join(issues, "farhand.issue"));
  if (!existsSync(join(root, "usr/lib/systemd/system", WIZARD))) return;
  const folder = join(root, UNITS, `${WIZARD}.d`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "farhand.conf"), AFTER_GREETING);
}

/** @param {string} root */
export function installFirstStart(root) {
  letGreetingBeSeen(root);
  const place = join(root, PLACE);
  mkdirSync(place, { recursive: true });
  for (const name of readdirSync(OWN)) {
    const isUnit = name.endsWith(".service");
    if (!isUnit && !name.endsWith(".mjs") && name !== "node") continue;
    cpSync(join(OWN, name), join(isUnit ? join(root, UNITS) : place, name));
    if (!isUnit) continue;
    const wants = join(root, UNITS, "multi-user.target.wants");
    mkdirSync(wants, { recursive: true });
    rmSync(join(wants, name), { force: true });
    symlinkSync(`../${name}`, join(wants, name));
  }
}
