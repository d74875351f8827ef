// The base image of the proof and a kernel that QEMU's board can start, each kept under the fingerprint of its making.
import { join } from "node:path";
import { cached, execute, fingerprint } from "../../lab/host/machine.mjs";
import { debianMirror } from "../../packages/prove/chroot.mjs";
import { ROOT } from "../../root.mjs";

const PROOF = join(ROOT, "scripts", "image", "proof");
/** Debian 12 has no Node.js for us on armhf. @type {Readonly<Record<string, string>>} */
const SUITES = { arm64: "bookworm", armhf: "trixie" };

const script = (/** @type {string} */ name) => join(PROOF, name);

/**
 * Runs a script; once more without the release's updates, whose index does not fit while it is being replaced.
 * @param {string} name
 * @param {readonly string[]} args
 * @param {string} suite
 */
async function build(name, args, suite) {
  try {
    await execute(script(name), args);
  } catch (error) {
    const said = error instanceof Error ? error.message : "";
    if (!said.includes("apt-get update")) throw error;
    console.log(`The updates of ${suite} cannot be had now: taking the release without them`);
    await execute("env", [`MIRROR=deb ${debianMirror()} ${suite} main`, script(name), ...args]);
  }
}

/** @param {string} arch @param {"dos" | "gpt"} label kind of the partition table */
export async function baseFor(arch, label) {
  const suite = SUITES[arch];
  if (suite === undefined) throw new Error(`There is no proof for ${arch}; choose arm64 or armhf`);
  const parts = ["build-kernel.sh", "initrd-init", "modules.list"].map(script);
  const kernelKey = fingerprint(parts, [arch, suite]);
  const kernel = await cached(`board-kernel-${arch}`, kernelKey, (target) =>
    build("build-kernel.sh", [arch, suite, target], suite),
  );
  const systemKey = fingerprint([script("build-system.sh")], [arch, suite]);
  const system = await cached(`board-system-${arch}`, systemKey, (target) =>
    build("build-system.sh", [arch, suite, target], suite),
  );
  const key = fingerprint([script("build-base.sh")], [label, kernelKey, systemKey]);
  const base = await cached(`board-base-${label}-${arch}`, key, (target) =>
    execute(script("build-base.sh"), [label, kernel, system, target]),
  );
  return { suite, kernel, base };
}
