// What comes with an image: checksum, parts list, entry for Raspberry Pi Imager.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** @param {string} file @returns {Promise<string>} */
export async function sha256Of(file) {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(file)) hash.update(bytes);
  return hash.digest("hex");
}

/** Installed packages. @param {string} status dpkg's file */
export function packagesIn(status) {
  return status
    .split("\n\n")
    .filter((entry) => /^Status: install ok installed$/m.test(entry))
    .map((entry) => {
      const field = (/** @type {string} */ name) =>
        new RegExp(`^${name}: (.*)$`, "m").exec(entry)?.[1] ?? "";
      return {
        name: field("Package"),
        version: field("Version"),
        arch: field("Architecture"),
        source: field("Source").split(" ")[0] ?? "",
      };
    });
}

/** Packages of npm that are part of our program, which dpkg knows nothing of; each once. @param {string} text the licenses that come with it */
export function bundledIn(text) {
  const lines = text.split(/^-{78}$/m).map((entry) => entry.trimStart().split("\n", 1)[0] ?? "");
  return [...new Set(lines)].flatMap((line) => {
    const [, name, version = "", license = ""] = /^(\S+) (\d\S*): (.+)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, version, license }];
  });
}

/** @param {string} text */
const encoded = (text) => text.split("/").map(encodeURIComponent).join("/");

/** A CycloneDX document. @param {{ name: string, version: string, status: string, suite: string, licenses?: string }} image */
export function partsList({ name, version, status, suite, licenses = "" }) {
  const type = "library";
  const installed = packagesIn(status).map((part) => {
    const where = `${encoded(part.name)}@${encoded(part.version)}?arch=${part.arch}&distro=${suite}`;
    return { type, name: part.name, version: part.version, purl: `pkg:deb/debian/${where}` };
  });
  const bundled = bundledIn(licenses).map((part) => ({
    type,
    name: part.name,
    version: part.version,
    licenses: [{ license: { name: part.license } }],
    purl: `pkg:npm/${encoded(part.name)}@${encoded(part.version)}`,
  }));
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: { component: { type: "operating-system", name, version } },
    components: [...installed, ...bundled],
  };
}

/** In the words of Raspberry Pi Imager. @type {Readonly<Record<string, { architecture: string, devices: readonly string[] }>>} */
const SUITABLE = {
  arm64: { architecture: "armv8", devices: ["pi5-64bit", "pi4-64bit", "pi3-64bit"] },
  armhf: { architecture: "armhf", devices: ["pi4-32bit", "pi3-32bit", "pi2-32bit"] },
};

/**
 * @param {{ name: string, description: string, url: string, arch: string, size: number, sha256: string, date: string }} image
 */
export function imagerList({ name, description, url, arch, size, sha256, date }) {
  return {
    os_list: [
      {
        name,
        description,
        url,
        icon: "",
        release_date: date,
        extract_size: size,
        extract_sha256: sha256,
        image_download_size: size,
        image_download_sha256: sha256,
        ...(SUITABLE[arch] ?? { devices: [] }),
        // The file farhand.txt does what Imager's own customisation does for others.
        init_format: "none",
      },
    ],
  };
}
