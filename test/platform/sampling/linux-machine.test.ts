import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createLinuxMachine } from "../../../src/platform/sampling/linux-machine.ts";
import type { MachineSource } from "../../../src/platform/sampling/port.ts";
import { BIG_SERVER, CONTAINER, ONECLOUD, RASPBERRY_PI } from "../../fixtures/sampling/machines.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import type { FakeClock } from "../../support/fake-clock.ts";
import { graft, plantTree } from "../../support/plant-tree.ts";
import type { TreeFiles } from "../../support/plant-tree.ts";
import { scriptedRunner, succeed } from "../../support/scripted-runner.ts";

interface Fixture {
  readonly machine: MachineSource;
  readonly root: string;
  readonly clock: FakeClock;
}

function machineOf(files: TreeFiles, programs: Parameters<typeof scriptedRunner>[0] = {}): Fixture {
  const root = plantTree(files);
  const clock = fakeClock();
  return {
    machine: createLinuxMachine({ root, clock, process: scriptedRunner(programs) }),
    root,
    clock,
  };
}

describe("reading of a machine", () => {
  it("takes all figures of a Raspberry Pi from /proc", () => {
    const { machine } = machineOf(RASPBERRY_PI);
    const reading = machine.read();
    expect(reading).toMatchObject({
      cpu: { busy: 3100, total: 9600 },
      load: [0.42, 0.31, 0.22],
      tcpConnections: 9 + 4 + 3,
      udpConnections: 6 + 2,
      processCount: 12,
      uptimeSeconds: 65_425,
      problems: [],
    });
    expect(reading.memory).toMatchObject({
      totalBytes: 3_884_360 * 1024,
      swapCachedBytes: 512 * 1024,
    });
    expect(reading.interfaces).toContainEqual({
      name: "eth0",
      receivedBytes: 123_456_789,
      sentBytes: 9_876_543,
    });
    machine.close();
  });

  it("copes with the vendor's kernel of a OneCloud", () => {
    const { machine } = machineOf(ONECLOUD);
    const reading = machine.read();
    expect(reading.memory?.availableBytes).toBeUndefined();
    expect(reading.interfaces[1]).toEqual({ name: "eth0", receivedBytes: 4096, sentBytes: 2048 });
    expect(reading).toMatchObject({ tcpConnections: 3, udpConnections: 2, problems: [] });
    machine.close();
  });

  it("reads files that are longer than one page of memory", () => {
    const { machine } = machineOf(BIG_SERVER);
    const reading = machine.read();
    expect(reading.interfaces).toHaveLength(208);
    expect(reading.tcpConnections).toBe(60_003);
    machine.close();
  });

  it("sees new content of a file that it keeps open", () => {
    const { machine, root } = machineOf(RASPBERRY_PI);
    machine.read();
    graft(root, { "/proc/loadavg": "7.5 6.5 5.5 1/1 1\n" });
    expect(machine.read().load).toEqual([7.5, 6.5, 5.5]);
    machine.close();
  });

  it("names what cannot be read, and reads the rest", () => {
    const { machine, root } = machineOf(RASPBERRY_PI);
    rmSync(join(root, "/proc/meminfo"));
    graft(root, { "/proc/loadavg": "nonsense\n" });
    const reading = machine.read();
    expect(reading.problems).toEqual([
      "/proc/meminfo cannot be read",
      "/proc/loadavg cannot be read",
    ]);
    expect(reading).toMatchObject({ memory: undefined, load: [0, 0, 0], uptimeSeconds: 65_425 });
    machine.close();
  });

  it("counts processes anew only every few seconds", async () => {
    const { machine, root, clock } = machineOf(RASPBERRY_PI);
    machine.read();
    graft(root, { "/proc/4000/comm": "new\n" });
    expect(machine.read().processCount).toBe(12);
    await clock.advance(5000);
    expect(machine.read().processCount).toBe(13);
    machine.close();
  });
});

describe("mounts", () => {
  it("gives sizes of the wanted mounts, with escaped names read back", async () => {
    const { machine } = machineOf(RASPBERRY_PI);
    const mounts = await machine.mounts(({ fsType }) => fsType === "ext4");
    expect(
      mounts.map(({ mountPoint, device, deviceId }) => [mountPoint, device, deviceId]),
    ).toEqual([
      ["/", "/dev/mmcblk0p2", "179:2"],
      ["/mnt/usb disk", "/dev/sda1", "8:1"],
    ]);
    for (const { totalBytes, usedBytes } of mounts) {
      expect(totalBytes).toBeGreaterThan(0);
      expect(usedBytes).toBeLessThanOrEqual(totalBytes);
    }
  });

  it("leaves out a mount that is not there any more", async () => {
    const { machine, root } = machineOf(RASPBERRY_PI);
    rmSync(join(root, "/mnt"), { recursive: true });
    const mounts = await machine.mounts(({ fsType }) => fsType === "ext4");
    expect(mounts.map(({ mountPoint }) => mountPoint)).toEqual(["/"]);
  });
});

describe("sensors", () => {
  it.each([
    ["a Raspberry Pi", RASPBERRY_PI, [{ name: "cpu_thermal", celsius: 48.686 }]],
    ["a board with thermal zones only", ONECLOUD, [{ name: "soc_thermal", celsius: 61 }]],
    [
      "a server, without those that measure nothing",
      BIG_SERVER,
      [
        { name: "k10temp_tctl", celsius: 55.125 },
        { name: "nvme_composite", celsius: 38.85 },
      ],
    ],
    ["a container, which has none", CONTAINER, []],
  ])("gives the temperatures of %s", async (_, files, temperatures) => {
    const { machine } = machineOf(files);
    expect((await machine.sensors()).temperatures).toEqual(temperatures);
  });

  it("gives load, memory and temperature of a graphics card", async () => {
    const { machine } = machineOf(BIG_SERVER);
    expect((await machine.sensors()).graphics).toEqual([
      {
        name: "Instinct MI50",
        utilizationPercent: 37,
        memoryTotalBytes: 8_589_934_592,
        memoryUsedBytes: 1_073_741_824,
        celsius: 61,
      },
    ]);
  });
});

describe("facts", () => {
  it("describes a Raspberry Pi", async () => {
    const { machine } = machineOf(RASPBERRY_PI);
    expect(await machine.facts()).toEqual({
      osName: "Debian GNU/Linux 13 (trixie)",
      platform: "raspbian",
      platformVersion: "13.1",
      processors: [{ name: "Cortex-A72", count: 4 }],
      logicalCores: 4,
      physicalCores: 4,
      virtualization: "none",
      graphics: [],
      bootId: "11111111-2222-3333-4444-555555555555",
    });
  });

  it.each([
    ["OneCloud", ONECLOUD, "debian", "12.11", "Cortex-A5", 2, 2, "none"],
    ["container", CONTAINER, "alpine", "3.22.1", "Intel(R) Xeon(R) CPU @ 2.20GHz", 1, 1, "docker"],
    ["server", BIG_SERVER, "ubuntu", "24.04", "AMD EPYC 7763 64-Core Processor", 128, 64, "none"],
  ])("describes a %s", async (_, files, platform, version, processor, logical, physical, virt) => {
    const { machine } = machineOf(files);
    const facts = await machine.facts();
    expect(facts).toMatchObject({
      platform,
      platformVersion: version,
      logicalCores: logical,
      physicalCores: physical,
      virtualization: virt,
    });
    expect(facts.processors).toEqual([{ name: processor, count: logical }]);
  });

  it("asks programs where they are installed, once", async () => {
    const { machine } = machineOf(CONTAINER, {
      "systemd-detect-virt": () => succeed("lxc\n"),
      pveversion: () => succeed("pve-manager/8.2.4/faa83925c9641325 (running kernel: 6.8.8)\n"),
      lspci: () =>
        succeed(
          [
            "00:02.0 VGA compatible controller: Red Hat, Inc. Virtio 1.0 GPU (rev 01)",
            "01:00.0 3D controller: NVIDIA Corporation TU104GL [Tesla T4] (rev a1)",
            "02:00.0 Ethernet controller: Intel Corporation I350",
          ].join("\n"),
        ),
    });
    expect(await machine.facts()).toMatchObject({
      osName: "Proxmox VE 8.2.4",
      virtualization: "lxc",
      graphics: ["NVIDIA Corporation TU104GL [Tesla T4]"],
    });
    expect(await machine.facts()).toBe(await machine.facts());
  });
});
