import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { parseCpuTicks, parseUptime } from "../host/parse.ts";
import { createFileTree } from "../host/tree.ts";
import type { ProcessRunner } from "../process/port.ts";
import { readFacts } from "./facts.ts";
import { createUsageReader } from "./mounts.ts";
import { parseLoad, parseMeminfo, parseMountinfo, parseNetDev, parseSockets } from "./parse.ts";
import type { MachineFacts, MachineReading, MachineSource } from "./port.ts";
import { createProcText } from "./proc-text.ts";
import type { ProcText } from "./proc-text.ts";
import { createSensorReader } from "./sensors.ts";

export interface LinuxMachineOptions {
  /** Stands before /proc, /sys and /etc; for tests. Default "/". */
  readonly root?: string;
  readonly process: ProcessRunner;
  readonly clock: Clock;
}

/** Going through /proc costs a millisecond for each thousand processes: how long a count holds. */
const PROCESSES_AGAIN_MS = 5000;

const ZERO = 48;
const NINE = 57;

function countProcesses(root: string): number | undefined {
  try {
    let processes = 0;
    for (const name of readdirSync(join(root, "/proc"))) {
      const first = name.charCodeAt(0);
      if (first >= ZERO && first <= NINE) processes += 1;
    }
    return processes;
  } catch {
    return undefined;
  }
}

function createProcessCount(root: string, clock: Clock): () => number | undefined {
  let countedAt = Number.NEGATIVE_INFINITY;
  let processes: number | undefined;
  return () => {
    if (clock.monotonic() - countedAt >= PROCESSES_AGAIN_MS) {
      countedAt = clock.monotonic();
      processes = countProcesses(root);
    }
    return processes;
  };
}

function readOnce(proc: ProcText, processes: number | undefined): MachineReading {
  const problems: string[] = [];
  const part = <T>(path: string, parse: (text: string) => T | undefined): T | undefined => {
    const text = proc.read(path);
    const value = text === undefined ? undefined : parse(text);
    if (value === undefined) problems.push(`${path} cannot be read`);
    return value;
  };
  const cpu = part("/proc/stat", parseCpuTicks);
  const memory = part("/proc/meminfo", parseMeminfo);
  const load = part("/proc/loadavg", parseLoad);
  const interfaces = part("/proc/net/dev", parseNetDev);
  const uptime = part("/proc/uptime", parseUptime);
  // Absent where IPv6 is switched off.
  const six = proc.read("/proc/net/sockstat6") ?? "";
  const sockets = part("/proc/net/sockstat", (four) => parseSockets(four, six));
  if (processes === undefined) problems.push("/proc cannot be listed");
  return {
    cpu,
    memory,
    load: load ?? [0, 0, 0],
    interfaces: interfaces ?? [],
    tcpConnections: sockets?.tcp ?? 0,
    udpConnections: sockets?.udp ?? 0,
    processCount: processes ?? 0,
    uptimeSeconds: uptime ?? 0,
    problems,
  };
}

/** `MachineSource` of a Linux machine: direct reads of /proc and /sys. */
export function createLinuxMachine({
  root = "/",
  process,
  clock,
}: LinuxMachineOptions): MachineSource {
  const proc = createProcText(root);
  const tree = createFileTree(root);
  const processes = createProcessCount(root, clock);
  const usage = createUsageReader(root, (delayMs, callback) => clock.setTimer(delayMs, callback));
  let facts: Promise<MachineFacts> | undefined;
  return {
    read: () => readOnce(proc, processes()),
    mounts(keeps) {
      // The first process sees what a sandbox hides from this one, but only root may look.
      const table = tree.text("/proc/1/mountinfo") ?? tree.text("/proc/self/mountinfo") ?? "";
      return usage.read(parseMountinfo(table).filter(keeps));
    },
    sensors: createSensorReader(root, clock),
    facts: () => (facts ??= readFacts({ tree, root, process })),
    close: () => {
      proc.close();
    },
  };
}
