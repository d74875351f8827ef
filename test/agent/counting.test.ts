import { describe, expect, it } from "vitest";
import {
  diskRule,
  diskUsage,
  interfaceRule,
  memoryUsage,
  swapUsage,
} from "../../src/agent/counting.ts";
import type { CountingRule } from "../../src/agent/sample.ts";
import { parseMeminfo, parseMountinfo, parseNetDev } from "../../src/platform/sampling/parse.ts";
import type { MountUsage } from "../../src/platform/sampling/port.ts";
import { BIG_SERVER, CONTAINER, ONECLOUD, RASPBERRY_PI } from "../fixtures/sampling/machines.ts";
import type { TreeFiles } from "../support/plant-tree.ts";
import { agentConfig } from "../support/agent-config.ts";

const CONFIG = await agentConfig();
const GIB = 1024 ** 3;

function interfacesOf(files: TreeFiles, rule: CountingRule, config = CONFIG): readonly string[] {
  const names = parseNetDev(files["/proc/net/dev"] ?? "").map(({ name }) => name);
  return names.filter(interfaceRule(rule, config));
}

/** Every mount has a size of its own: 1 GiB, 2 GiB, ... in the order of the table. */
function mountsOf(files: TreeFiles): readonly MountUsage[] {
  return parseMountinfo(files["/proc/self/mountinfo"] ?? "").map((mount, index) =>
    Object.assign(mount, { totalBytes: (index + 1) * GIB, usedBytes: GIB / 2 }),
  );
}

function disksOf(files: TreeFiles, rule: CountingRule, config = CONFIG): readonly string[] {
  return mountsOf(files)
    .filter(diskRule(rule, config))
    .map(({ mountPoint }) => mountPoint);
}

describe("interfaces that count", () => {
  it.each([
    ["Raspberry Pi", RASPBERRY_PI, ["eth0", "wlan0", "tailscale0"], ["eth0", "wlan0"]],
    ["OneCloud", ONECLOUD, ["eth0"], ["eth0"]],
    ["container", CONTAINER, ["eth0"], ["eth0"]],
    ["server", BIG_SERVER, ["eno1", "bond0", "fwln100i0", "tun0"], ["eno1", "bond0"]],
  ])("are those of the stock agents on a %s", (_, files, komari, nezha) => {
    expect(interfacesOf(files, "komari")).toEqual(komari);
    expect(interfacesOf(files, "nezha")).toEqual(nezha);
  });

  it("are narrowed by name: Komari's rule stays above the wish, Nezha's gives way", async () => {
    const config = await agentConfig({ interfaces: { include: ["eno*", "docker0"] } });
    expect(interfacesOf(BIG_SERVER, "komari", config)).toEqual(["eno1"]);
    expect(interfacesOf(BIG_SERVER, "nezha", config)).toEqual(["eno1", "docker0"]);
  });

  it("lose what is excluded", async () => {
    const config = await agentConfig({ interfaces: { exclude: ["wlan?", "tail*"] } });
    expect(interfacesOf(RASPBERRY_PI, "komari", config)).toEqual(["eth0"]);
    expect(interfacesOf(RASPBERRY_PI, "nezha", config)).toEqual(["eth0"]);
  });

  it("takes points in names literally", async () => {
    const config = await agentConfig({ interfaces: { include: ["eth0.5"] } });
    const keeps = interfaceRule("komari", config);
    expect([keeps("eth0.5"), keeps("eth0x5")]).toEqual([true, false]);
  });
});

describe("disks that count", () => {
  it.each([
    [
      "Raspberry Pi",
      RASPBERRY_PI,
      ["/", "/boot/firmware", "/mnt/usb disk", "/mnt/stick"],
      ["/", "/mnt/usb disk", "/mnt/stick"],
    ],
    ["OneCloud", ONECLOUD, ["/", "/data"], ["/", "/data"]],
    ["container", CONTAINER, ["/", "/data"], ["/etc/resolv.conf", "/data"]],
    [
      "server",
      BIG_SERVER,
      ["/", "/home", "/tank", "/tank/vm", "/var/lib/kubelet/pods/x"],
      ["/", "/home", "/tank", "/tank/vm"],
    ],
  ])("are those of the stock agents on a %s", (_, files, komari, nezha) => {
    expect(disksOf(files, "komari")).toEqual(komari);
    expect(disksOf(files, "nezha")).toEqual(nezha);
  });

  it("are exactly those that are asked for", async () => {
    const config = await agentConfig({ disks: { include: ["/run", "/mnt/nas"] } });
    expect(disksOf(RASPBERRY_PI, "komari", config)).toEqual(["/run", "/mnt/nas"]);
    expect(disksOf(RASPBERRY_PI, "nezha", config)).toEqual(["/run", "/mnt/nas"]);
  });

  it("lose what is excluded, and take a root on any file system", async () => {
    const config = await agentConfig({ disks: { exclude: ["/boot/firmware"] } });
    expect(disksOf(RASPBERRY_PI, "komari", config)).not.toContain("/boot/firmware");
    expect(disksOf(CONTAINER, "komari")).toContain("/");
  });
});

describe("sum of the disks", () => {
  const sum = (files: TreeFiles, rule: CountingRule): number =>
    diskUsage(rule, mountsOf(files), diskRule(rule, CONFIG)).totalBytes / GIB;

  it("counts a device with several mounts once, and a pool as one for Komari", () => {
    // btrfs: / (1) and /home (2) on one device; zfs: /tank (3) and /tank/vm (4); kubelet (7).
    expect(sum(BIG_SERVER, "komari")).toBe(2 + 4 + 7);
    expect(sum(BIG_SERVER, "nezha")).toBe(1 + 3 + 4);
  });

  it("adds up what is apart", () => {
    expect(sum(RASPBERRY_PI, "komari")).toBe(1 + 4 + 5 + 7);
    expect(sum(RASPBERRY_PI, "nezha")).toBe(1 + 5 + 7);
  });
});

describe("memory in use", () => {
  const memoryOf = (files: TreeFiles) => parseMeminfo(files["/proc/meminfo"] ?? "");
  const kib = (files: TreeFiles, rule: CountingRule): number =>
    memoryUsage(rule, memoryOf(files)).usedBytes / 1024;

  it("leaves caches out but not shared memory for Komari, and asks the kernel for Nezha", () => {
    const idle = 180_264 + 1_187_440 + 40_960 + 29_108;
    expect(kib(RASPBERRY_PI, "komari")).toBe(3_884_360 - idle + 22_400);
    expect(kib(RASPBERRY_PI, "nezha")).toBe(3_884_360 - 3_512_040);
  });

  it("falls back to free memory where the kernel tells nonsense or nothing", () => {
    expect(kib(CONTAINER, "nezha")).toBe(524_288 - 300_000);
    expect(kib(CONTAINER, "komari")).toBe(524_288 - 300_000 + 1000);
    expect(kib(ONECLOUD, "nezha")).toBe(1_021_000 - 400_000);
  });

  it("does not count swap that is still cached for Komari", () => {
    const swap = (files: TreeFiles, rule: CountingRule): number =>
      swapUsage(rule, memoryOf(files)).usedBytes / 1024;
    expect(swap(RASPBERRY_PI, "komari")).toBe(102_396 - 100_000 - 512);
    expect(swap(RASPBERRY_PI, "nezha")).toBe(102_396 - 100_000);
    // More in the cache than in use: the difference means nothing.
    expect(swap(BIG_SERVER, "komari")).toBe(8_388_604 - 100_000);
  });

  it("is nothing where nothing could be read", () => {
    expect(memoryUsage("komari", undefined)).toEqual({ totalBytes: 0, usedBytes: 0 });
    expect(swapUsage("nezha", undefined)).toEqual({ totalBytes: 0, usedBytes: 0 });
  });
});
