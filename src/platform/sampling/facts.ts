import type { FileTree } from "../host/tree.ts";
import type { ProcessRunner } from "../process/port.ts";
import { graphicsOfDrm, graphicsOfPci } from "./graphics.ts";
import { parseOsRelease, parseProcessors } from "./parse.ts";
import type { MachineFacts } from "./port.ts";
import { readVirtualization } from "./virtualization.ts";

const CPU_FOLDER = "/sys/devices/system/cpu";

/** Cores, each counted once however many threads it has; 0 when the kernel does not tell. */
function physicalCores(tree: FileTree): number {
  const cores = tree
    .list(CPU_FOLDER)
    .filter((name) => /^cpu\d+$/.test(name))
    .flatMap((name) => {
      const topology = `${CPU_FOLDER}/${name}/topology`;
      return (
        tree.text(`${topology}/core_cpus_list`) ??
        tree.text(`${topology}/thread_siblings_list`) ??
        []
      );
    });
  return new Set(cores).size;
}

/** Distributions that are told apart by os-release although they have Debian's own file too (Nezha 1.11). */
const DEBIAN_CHILDREN: ReadonlySet<string> = new Set([
  "ubuntu",
  "linuxmint",
  "kylin",
  "uos",
  "deepin",
]);

interface Distribution {
  readonly platform: string;
  readonly platformVersion: string;
}

function distribution(tree: FileTree, release: ReadonlyMap<string, string>): Distribution {
  const id = (release.get("ID") ?? "linux").toLowerCase();
  const platformVersion = release.get("VERSION_ID") ?? "";
  const debian = tree.text("/etc/debian_version");
  if (debian !== undefined && !DEBIAN_CHILDREN.has(id)) {
    const isRaspbian = tree.list("/usr/bin").includes("raspi-config");
    return { platform: isRaspbian ? "raspbian" : "debian", platformVersion: debian };
  }
  const alpine = id === "alpine" ? tree.text("/etc/alpine-release") : undefined;
  return { platform: id, platformVersion: alpine ?? platformVersion };
}

/** Proxmox is a Debian with a version of its own. */
async function proxmox(process: ProcessRunner, codename: string | undefined) {
  if ((await process.which("pveversion")) === undefined) return undefined;
  const { stdout } = await process.run("pveversion", []);
  const version = /pve-manager\/([^/~\s]+)/.exec(stdout)?.[1];
  if (version === undefined) return "Proxmox VE";
  return `Proxmox VE ${version}${codename === undefined ? "" : ` (${codename})`}`;
}

async function graphics(tree: FileTree, root: string, process: ProcessRunner) {
  try {
    const { stdout } = await process.run("lspci", []);
    const names = graphicsOfPci(stdout);
    if (names.length > 0) return names;
  } catch {
    // Boards have no PCI bus, and often no lspci.
  }
  return graphicsOfDrm(tree, root);
}

export interface FactsOptions {
  readonly tree: FileTree;
  readonly root: string;
  readonly process: ProcessRunner;
}

/** Starts up to three short programs; what they do not tell is read from files. */
export async function readFacts({ tree, root, process }: FactsOptions): Promise<MachineFacts> {
  const release = parseOsRelease(tree.text("/etc/os-release") ?? "");
  const model = tree.text("/proc/device-tree/model") ?? "";
  const processors = parseProcessors(tree.text("/proc/cpuinfo") ?? "", model);
  const logical = Math.max(1, processors.logical);
  const codename = release.get("VERSION_CODENAME");
  const pve = await proxmox(process, codename).catch(() => undefined);
  return {
    osName: pve ?? release.get("PRETTY_NAME") ?? "Linux",
    ...distribution(tree, release),
    processors:
      processors.models.length > 0
        ? processors.models
        : [{ name: model === "" ? "Unknown" : model, count: logical }],
    logicalCores: logical,
    physicalCores: physicalCores(tree) || processors.physical || logical,
    virtualization: await readVirtualization(tree, process),
    graphics: await graphics(tree, root, process),
    bootId: tree.text("/proc/sys/kernel/random/boot_id") ?? "",
  };
}
