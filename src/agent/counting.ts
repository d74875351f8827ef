/** Which mounts, interfaces and kinds of memory count, by the rules of the stock agents (Komari 1.14, Nezha 1.11). */
import type { AgentConfig } from "../config/schema.ts";
import type { MemoryReading, Mount, MountUsage } from "../platform/sampling/port.ts";
import type { CountingRule, Usage } from "./sample.ts";

export type Selection = Pick<AgentConfig, "interfaces" | "disks">;

const KOMARI_INTERFACES = [
  "br",
  "cni",
  "docker",
  "podman",
  "flannel",
  "lo",
  "veth",
  "virbr",
  "vmbr",
  "tap",
  "fwbr",
  "fwpr",
];
const NEZHA_INTERFACES = [
  "lo",
  "tun",
  "docker",
  "veth",
  "br-",
  "vmbr",
  "vnet",
  "kube",
  "Meta",
  "tailscale",
  "fw",
  "tap",
];

/** `*` stands for any text, `?` for one character. */
function globPattern(globs: readonly string[]): RegExp | undefined {
  if (globs.length === 0) return undefined;
  const sources = globs.map((glob) =>
    glob
      .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll("*", ".*")
      .replaceAll("?", "."),
  );
  return new RegExp(`^(?:${sources.join("|")})$`);
}

type InterfaceRule = (name: string) => boolean;

/** Decides by name; remembers nothing, so that names that come and go cost no memory. */
export function interfaceRule(rule: CountingRule, { interfaces }: Selection): InterfaceRule {
  const include = globPattern(interfaces.include);
  const exclude = globPattern(interfaces.exclude);
  const chosen: InterfaceRule = (name) => {
    if (include !== undefined) return include.test(name);
    return exclude === undefined || !exclude.test(name);
  };
  if (rule === "komari") {
    // The stock agent drops these even when they are included by name.
    return (name) => !KOMARI_INTERFACES.some((start) => name.startsWith(start)) && chosen(name);
  }
  // Here a list of wanted interfaces replaces the rule.
  if (include !== undefined) return chosen;
  return (name) => !NEZHA_INTERFACES.some((part) => name.includes(part)) && chosen(name);
}

const KOMARI_FOLDERS = [
  "/tmp",
  "/var/tmp",
  "/dev",
  "/run",
  "/var/lib/containers",
  "/var/lib/docker",
  "/proc",
  "/sys",
  "/etc/resolv.conf",
  "/etc/host",
  "/nix/store",
];
const KOMARI_FILE_SYSTEMS = [
  "tmpfs",
  "devtmpfs",
  "udev",
  "nfs",
  "cifs",
  "smb",
  "vboxsf",
  "9p",
  "fuse",
  "overlay",
  "proc",
  "devpts",
  "sysfs",
  "cgroup",
  "mqueue",
  "hugetlbfs",
  "debugfs",
  "binfmt_misc",
  "securityfs",
];

function isKomariDisk({ device, mountPoint, fsType, options }: Mount): boolean {
  if (mountPoint === "/") return true;
  const place = mountPoint.toLowerCase();
  if (KOMARI_FOLDERS.some((folder) => place.startsWith(folder))) return false;
  const type = fsType.toLowerCase();
  if (type === "autofs") return device.startsWith("/dev/");
  if (type === "fuseblk") return true;
  if (KOMARI_FILE_SYSTEMS.some((start) => type.startsWith(start))) return false;
  if (/remote|network/i.test(options.join())) return false;
  return !device.startsWith("/dev/loop");
}

/** These stand anywhere in the name of the file system. */
const NEZHA_FILE_SYSTEMS =
  /apfs|ext4|ext3|ext2|f2fs|reiserfs|jfs|btrfs|bcachefs|fuseblk|zfs|simfs|ntfs|fat32|exfat|xfs|fuse\.rclone/;

function isNezhaDisk({ mountPoint, fsType }: Mount): boolean {
  return NEZHA_FILE_SYSTEMS.test(fsType.toLowerCase()) && !mountPoint.includes("/var/lib/kubelet");
}

const DISK_RULES: Readonly<Record<CountingRule, (mount: Mount) => boolean>> = {
  komari: isKomariDisk,
  nezha: isNezhaDisk,
};

/** Whether a mount may count for `rule`; mounts of one device are sorted out by `diskUsage`. */
export function diskRule(rule: CountingRule, { disks }: Selection): (mount: Mount) => boolean {
  const include = new Set(disks.include);
  const exclude = new Set(disks.exclude);
  if (include.size > 0) return ({ mountPoint }) => include.has(mountPoint);
  return (mount) => !exclude.has(mount.mountPoint) && DISK_RULES[rule](mount);
}

/** One device under several names and mounts is one; parts of a ZFS pool belong together for Komari. */
function deviceOf(rule: CountingRule, { device, deviceId, fsType }: Mount): string {
  if (fsType === "zfs") return rule === "komari" ? (device.split("/", 1)[0] ?? device) : device;
  return deviceId.startsWith("0:") ? device : deviceId;
}

const NOTHING: Usage = { totalBytes: 0, usedBytes: 0 };

/** Sum over the devices behind the mounts: Komari takes the largest mount of each, Nezha the first. */
export function diskUsage(
  rule: CountingRule,
  mounts: readonly MountUsage[],
  keeps: (mount: Mount) => boolean,
): Usage {
  const devices = new Map<string, MountUsage>();
  for (const mount of mounts) {
    if (!keeps(mount)) continue;
    const id = deviceOf(rule, mount);
    const known = devices.get(id);
    const isBetter =
      rule === "komari" && known !== undefined && mount.totalBytes > known.totalBytes;
    if (known === undefined || isBetter) devices.set(id, mount);
  }
  let { totalBytes, usedBytes } = NOTHING;
  for (const mount of devices.values()) {
    totalBytes += mount.totalBytes;
    usedBytes += mount.usedBytes;
  }
  return { totalBytes, usedBytes };
}

function usage(totalBytes: number, usedBytes: number): Usage {
  return { totalBytes, usedBytes: Math.min(totalBytes, Math.max(0, usedBytes)) };
}

/** Memory without caches. In some containers the kernel tells more available than there is. */
export function memoryUsage(rule: CountingRule, memory: MemoryReading | undefined): Usage {
  if (memory === undefined) return NOTHING;
  const { totalBytes, freeBytes, availableBytes } = memory;
  if (rule === "nezha") {
    const isSane = availableBytes !== undefined && availableBytes <= totalBytes;
    return usage(totalBytes, totalBytes - (isSane ? availableBytes : freeBytes));
  }
  const idle = freeBytes + memory.cachedBytes + memory.reclaimableBytes + memory.buffersBytes;
  const busy = totalBytes >= idle ? totalBytes - idle : totalBytes - freeBytes;
  return usage(totalBytes, busy + memory.sharedBytes);
}

export function swapUsage(rule: CountingRule, memory: MemoryReading | undefined): Usage {
  if (memory === undefined) return NOTHING;
  const { swapTotalBytes, swapFreeBytes, swapCachedBytes } = memory;
  const used = swapTotalBytes - swapFreeBytes;
  const isCacheOut = rule === "komari" && used >= swapCachedBytes;
  return usage(swapTotalBytes, isCacheOut ? used - swapCachedBytes : used);
}
