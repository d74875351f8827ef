// What a board with a read-only root tries by itself, so that its console shows what comes of it.
import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readLayout } from "../base.mjs";
import { MountedRoot } from "../mounted.mjs";

/** In which start it says what. */
export const TRIES = {
  first: ["the root refuses a file", "a setting of the system is kept"],
  second: [
    "the setting of the system is still there",
    "farhand-rw permits a file",
    "the root refuses a file again",
  ],
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
const SCRIPT = `#!/bin/sh
say() { echo "PROOF: $*"; }
if [ ! -e /etc/proof ]; then
  touch /usr/share/proof || say ${TRIES.first[0]}
  touch /etc/proof && sync && say ${TRIES.first[1]}
else
  say ${TRIES.second[0]}
  farhand-rw touch /usr/share/proof && [ -e /usr/share/proof ] && say ${TRIES.second[1]}
  touch /usr/share/proof-again || say ${TRIES.second[2]}
fi
`;

/** Puts the unit into an image that was not started yet. @param {string} image */
export function addTries(image) {
  const system = new MountedRoot(image, readLayout(image).root);
  try {
    const units = join(system.folder, "etc/systemd/system");
    writeFileSync(join(system.folder, "usr/lib/proof"), SCRIPT, { mode: 0o755 });
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
