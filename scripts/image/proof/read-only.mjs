// What a board with a read-only root tries by itself, so that its console shows what comes of it.
import { createHash } from "node:crypto";
import { cpSync, createReadStream, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readLayout } from "../base.mjs";
import { MountedRoot } from "../mounted.mjs";

/** In which start it says what. */
export const TRIES = {
  first: ["the root refuses a file", "a setting of the system is kept"],
  upgrade: [
    "the setting of the system is still there",
    "farhand-rw permits a file",
    "farhand-rw hands on what a command says",
    "farhand-rw installs a newer version",
    "the root refuses a file again",
  ],
  last: ["the newer version is installed", "the root still refuses a file"],
};

const UNIT = `[Unit]
Description=Tries to write
After=farhand.service

[Service]
Type=oneshot
ExecStart=/usr/lib/proof
StandardOutput=journal+console

[Install]
WantedBy=multi-user.target
`;
/** Where a user would have copied it to. */
const UPGRADE = "root/farhand_NEW.deb";
const INSTALL = "env DEBIAN_FRONTEND=noninteractive apt-get install -qy ./farhand_NEW.deb";

/** @param {string} version of the package to upgrade to */
const script = (version) => `#!/bin/sh
say() { echo "PROOF: $*"; }
start=$(cat /etc/proof 2> /dev/null || echo 0)
echo $((start + 1)) > /etc/proof
sync
if [ "$start" = 0 ]; then
  touch /usr/share/proof || say ${TRIES.first[0]}
  [ -s /etc/proof ] && say ${TRIES.first[1]}
elif [ "$start" = 1 ]; then
  say ${TRIES.upgrade[0]}
  farhand-rw touch /usr/share/proof && [ -e /usr/share/proof ] && say ${TRIES.upgrade[1]}
  farhand-rw sh -c "exit 7"
  [ $? = 7 ] && say ${TRIES.upgrade[2]}
  cd /root && farhand-rw ${INSTALL} && say ${TRIES.upgrade[3]}
  touch /usr/share/proof-again || say ${TRIES.upgrade[4]}
else
  [ "$(dpkg-query -W -f '\${Version}' farhand)" = ${version} ] && say ${TRIES.last[0]}
  touch /usr/share/proof-again || say ${TRIES.last[1]}
fi
`;

/** Puts the unit and the newer package into an image that was not started yet. @param {string} image @param {string} deb @param {string} version of it */
export function addTries(image, deb, version) {
  const system = new MountedRoot(image, readLayout(image).root);
  try {
    const units = join(system.folder, "etc/systemd/system");
    writeFileSync(join(system.folder, "usr/lib/proof"), script(version), { mode: 0o755 });
    cpSync(deb, join(system.folder, UPGRADE));
    writeFileSync(join(units, "proof.service"), UNIT);
    const wants = join(units, "multi-user.target.wants");
    mkdirSync(wants, { recursive: true });
    symlinkSync("../proof.service", join(wants, "proof.service"));
  } finally {
    system.close();
  }
}

/** Checksum of the root partition. @param {string} image @returns {Promise<string>} */
export async function sumOfRoot(image) {
  const { offset, size } = readLayout(image).root;
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(image, { start: offset, end: offset + size - 1 })) {
    hash.update(bytes);
  }
  return hash.digest("hex");
}
