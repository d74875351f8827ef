import { describe, expect, it } from "vitest";
import { createSampler } from "../../src/agent/sampler.ts";
import type { AgentConfig } from "../../src/config/schema.ts";
import { createScope } from "../../src/core/scope.ts";
import type {
  MachineFacts,
  MachineReading,
  MachineSource,
  MountUsage,
} from "../../src/platform/sampling/port.ts";
import { agentConfig } from "../support/agent-config.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { memoryFiles } from "../support/memory-files.ts";
import { recordingLogger } from "../support/recording-logger.ts";

const READING: MachineReading = {
  cpu: { busy: 100, total: 1000 },
  memory: undefined,
  load: [1, 2, 3],
  interfaces: [{ name: "eth0", receivedBytes: 1000, sentBytes: 100 }],
  tcpConnections: 4,
  udpConnections: 5,
  processCount: 6,
  uptimeSeconds: 7,
  problems: [],
};

const FACTS: MachineFacts = {
  osName: "x",
  platform: "x",
  platformVersion: "1",
  processors: [{ name: "x", count: 1 }],
  logicalCores: 1,
  physicalCores: 1,
  virtualization: "none",
  graphics: [],
  bootId: "boot",
};

const ROOT: MountUsage = {
  device: "/dev/sda1",
  deviceId: "8:1",
  mountPoint: "/",
  fsType: "ext4",
  options: [],
  totalBytes: 1000,
  usedBytes: 400,
};

interface FakeMachine extends MachineSource {
  reading: MachineReading;
  mountTable: readonly MountUsage[];
  reads: number;
  mountReads: number;
  isClosed: boolean;
}

function fakeMachine(): FakeMachine {
  const machine: FakeMachine = {
    reading: READING,
    mountTable: [ROOT],
    reads: 0,
    mountReads: 0,
    isClosed: false,
    read() {
      machine.reads += 1;
      return machine.reading;
    },
    mounts(keeps) {
      machine.mountReads += 1;
      return Promise.resolve(machine.mountTable.filter(keeps));
    },
    sensors: () => Promise.resolve({ temperatures: [{ name: "cpu", celsius: 40 }], graphics: [] }),
    facts: () => Promise.resolve(FACTS),
    close() {
      machine.isClosed = true;
    },
  };
  return machine;
}

async function start(config: AgentConfig, files = memoryFiles()) {
  const machine = fakeMachine();
  const clock = fakeClock();
  const log = recordingLogger();
  const scope = createScope("test", log);
  const sampler = createSampler({ machine, config, dataDir: "/data", files, clock, log });
  const samples = await sampler.start(scope);
  return { machine, clock, scope, samples, files, log };
}

const TRAFFIC = "/data/agent/traffic.json";

describe("sampler", () => {
  it("has a complete sample before anybody asks", async () => {
    const { samples, scope } = await start(await agentConfig());
    expect(samples.value).toMatchObject({
      load1: 1,
      load5: 2,
      load15: 3,
      tcpConnections: 4,
      udpConnections: 5,
      processCount: 6,
      uptimeSeconds: 7,
      temperatures: [{ name: "cpu", celsius: 40 }],
      cpuPercent: 0,
    });
    expect(samples.value.counted.komari.disk).toEqual({ totalBytes: 1000, usedBytes: 400 });
    await scope.close();
  });

  it("reads once a second, however many listen", async () => {
    const { samples, machine, clock, scope } = await start(await agentConfig());
    const seen: number[][] = [[], [], []];
    for (const list of seen) {
      samples.subscribe(({ at }) => {
        list.push(at);
      });
    }
    await clock.advance(5000);
    expect(machine.reads).toBe(6);
    expect(seen.map((list) => list.length)).toEqual([5, 5, 5]);
    await scope.close();
  });

  it("gives the load since the sample before", async () => {
    const { samples, machine, clock, scope } = await start(await agentConfig());
    machine.reading = { ...READING, cpu: { busy: 175, total: 1100 } };
    await clock.advance(1000);
    expect(samples.value.cpuPercent).toBe(75);
    // The kernel's clock has not ticked.
    await clock.advance(1000);
    expect(samples.value.cpuPercent).toBe(75);
    await scope.close();
  });

  it("keeps going with what is left when /proc cannot be read", async () => {
    const { samples, machine, clock, scope } = await start(await agentConfig());
    machine.reading = {
      ...READING,
      cpu: undefined,
      interfaces: [],
      problems: ["/proc/stat cannot be read"],
    };
    await clock.advance(1000);
    expect(samples.value.problems).toEqual(["/proc/stat cannot be read"]);
    expect(samples.value.counted.nezha.traffic.receivedBytesPerSecond).toBe(0);
    await scope.close();
  });

  it("asks for the sizes of disks seldom, and notices new ones", async () => {
    const { samples, machine, clock, scope } = await start(await agentConfig());
    machine.mountTable = [
      ROOT,
      { ...ROOT, deviceId: "8:2", mountPoint: "/data", totalBytes: 5000 },
    ];
    await clock.advance(9000);
    expect(machine.mountReads).toBe(1);
    await clock.advance(2000);
    expect(machine.mountReads).toBe(2);
    expect(samples.value.counted.komari.disk.totalBytes).toBe(6000);
    await scope.close();
  });

  it("stops with its scope and gives the files back", async () => {
    const { machine, clock, scope } = await start(await agentConfig());
    await scope.close();
    const { reads } = machine;
    await clock.advance(10_000);
    expect(machine.reads).toBe(reads);
    expect(machine.isClosed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it("writes nothing unless totals are to survive a restart", async () => {
    const { clock, scope, files } = await start(await agentConfig());
    await clock.advance(3_600_000);
    await scope.close();
    expect(files.content(TRAFFIC)).toBeUndefined();
  });
});

describe("totals of the month", () => {
  it("are kept every ten minutes and at the end, and taken up again", async () => {
    const config = await agentConfig({ monthRotationDay: 1 });
    const first = await start(config);
    first.machine.reading = {
      ...READING,
      interfaces: [{ name: "eth0", receivedBytes: 1500, sentBytes: 100 }],
    };
    await first.clock.advance(599_000);
    expect(first.files.content(TRAFFIC)).toBeUndefined();
    await first.clock.advance(2000);
    expect(first.files.content(TRAFFIC)).toContain('"received":500');
    expect(first.files.mode(TRAFFIC)).toBe(0o600);
    await first.scope.close();
    const second = await start(config, first.files);
    // The counter is below the remembered one: the interface was made anew, and its 1000 bytes come on top.
    expect(second.samples.value.counted.komari.traffic.receivedBytes).toBe(1500);
    second.machine.reading = {
      ...READING,
      interfaces: [{ name: "eth0", receivedBytes: 1700, sentBytes: 100 }],
    };
    await second.clock.advance(1000);
    expect(second.samples.value.counted.komari.traffic.receivedBytes).toBe(2200);
    await second.scope.close();
  });

  it("do not stop sampling when they cannot be kept", async () => {
    const files = memoryFiles();
    files.writeError = "No space left";
    const { clock, scope, log, machine } = await start(
      await agentConfig({ monthRotationDay: 1 }),
      files,
    );
    await clock.advance(601_000);
    expect(log.records).toContainEqual(
      expect.objectContaining({ level: "warn", message: "the month's traffic cannot be kept" }),
    );
    expect(machine.reads).toBe(602);
    await scope.close();
  });
});
