import { createNezhaUplink } from "../../src/agent/nezha/nezha-uplink.ts";
import type { NezhaUplinkOptions } from "../../src/agent/nezha/nezha-uplink.ts";
import type { HostFacts, Sample } from "../../src/agent/sample.ts";
import { ControlDeniedError } from "../../src/agent/task-errors.ts";
import type { Control, Probes } from "../../src/agent/tasks.ts";
import type { Uplink } from "../../src/agent/uplink.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/log.ts";
import { createStore } from "../../src/core/store.ts";
import type { MutableStore } from "../../src/core/store.ts";
import { createGrpcDialer } from "../../src/platform/net/grpc/grpc-dialer.ts";
import { factsOf, sampleOf } from "./agent-sample.ts";
import { memoryFiles } from "./memory-files.ts";
import type { MemoryFiles } from "./memory-files.ts";

export const SECRET = "s3cret-of-the-dashboard";
export const UUID = "0f0e0d0c-0b0a-4908-8706-050403020100";
export const IDENTITY = "/data/agent/nezha.uuid";

/** Nothing is enabled. */
export const denyingControl: Control = {
  allows: { commands: false, terminal: false },
  refuse: () => undefined,
  runCommand: () => Promise.reject(new ControlDeniedError("Running commands")),
  openTerminal: () => Promise.reject(new ControlDeniedError("A terminal")),
};

/** Every target answers after this many milliseconds. */
export const answeringProbes = (elapsedMs: number): Probes => ({
  run: () => Promise.resolve({ elapsedMs }),
});

export interface RunningAgent {
  readonly uplink: Uplink;
  readonly facts: MutableStore<HostFacts>;
  readonly health: MutableStore<string>;
  readonly samples: MutableStore<Sample>;
  readonly files: MemoryFiles;
  stop(): Promise<void>;
}

/** An uplink that reports every 20 ms to a dashboard on loopback. */
export function startNezhaAgent(
  port: number,
  part: Partial<NezhaUplinkOptions> = {},
): RunningAgent {
  const facts = createStore(factsOf());
  const health = createStore("");
  const samples = createStore(sampleOf());
  const files = memoryFiles();
  const uplink = createNezhaUplink({
    server: { host: "127.0.0.1", port, tls: "off" },
    secret: SECRET,
    uuid: UUID,
    identityPath: IDENTITY,
    files,
    generation: "auto",
    intervalMs: 20,
    hostIntervalMs: 600_000,
    dialer: createGrpcDialer(),
    version: "0.1.0",
    facts,
    health,
    probes: answeringProbes(12.5),
    control: denyingControl,
    clock: systemClock,
    log: silentLogger,
    reportsAddress: true,
    random: () => 0.5,
    ...part,
  });
  const controller = new AbortController();
  const running = uplink.run(samples, controller.signal);
  return {
    uplink,
    facts,
    health,
    samples,
    files,
    async stop() {
      controller.abort();
      await running;
    },
  };
}
