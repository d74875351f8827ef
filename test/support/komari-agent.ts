import { createKomariUplink } from "../../src/agent/komari/komari-uplink.ts";
import type { KomariUplinkOptions } from "../../src/agent/komari/komari-uplink.ts";
import type { Sample } from "../../src/agent/sample.ts";
import type { Control, Probes } from "../../src/agent/tasks.ts";
import { ControlDeniedError, ProbeFailedError } from "../../src/agent/task-errors.ts";
import type { Uplink } from "../../src/agent/uplink.ts";
import { systemClock } from "../../src/core/clock.ts";
import { createStore } from "../../src/core/store.ts";
import type { MutableStore } from "../../src/core/store.ts";
import type { KvmCondition } from "../../src/protocol/fleet/live.ts";
import { createWebClient } from "../../src/platform/web/node-web.ts";
import { factsOf, sampleOf } from "./agent-sample.ts";
import { memoryFiles } from "./memory-files.ts";
import type { MemoryFiles } from "./memory-files.ts";
import { quickClock } from "./quick-clock.ts";
import { recordingLogger } from "./recording-logger.ts";
import type { RecordingLogger } from "./recording-logger.ts";

export const TOKEN = "token-of-the-node";

/** Nothing is allowed, as it comes out of the box. */
export const NO_CONTROL: Control = {
  allows: { commands: false, terminal: false },
  refuse: () => undefined,
  runCommand: () => Promise.reject(new ControlDeniedError("Running commands")),
  openTerminal: () => Promise.reject(new ControlDeniedError("A terminal")),
};

/** Answers TCP probes in 17 ms; everything else is lost. */
export const QUICK_PROBES: Probes = {
  run: (request) =>
    request.kind === "tcp"
      ? Promise.resolve({ elapsedMs: 17.4 })
      : Promise.reject(new ProbeFailedError("no answer")),
};

export interface RunningKomariAgent {
  readonly uplink: Uplink;
  readonly samples: MutableStore<Sample>;
  readonly files: MemoryFiles;
  readonly log: RecordingLogger;
  stop(): Promise<void>;
}

const HURRY = 50;

/** An uplink whose seconds last 20 ms. */
export function startKomariAgent(
  url: string,
  part: Partial<KomariUplinkOptions> = {},
): RunningKomariAgent {
  const log = recordingLogger();
  const files = memoryFiles();
  const samples = createStore(sampleOf());
  const uplink = createKomariUplink({
    url,
    verifyTls: true,
    token: TOKEN,
    autoDiscoveryKey: "",
    protocolVersion: "auto",
    dataDir: "/data",
    facts: createStore(factsOf({ ipv4: "192.0.2.1" })),
    health: createStore("KVM: computer on"),
    kvm: createStore<KvmCondition | undefined>(undefined),
    consoleUrl: "",
    version: "1.2.3",
    clock: quickClock(HURRY),
    log,
    web: createWebClient(systemClock),
    files,
    probes: QUICK_PROBES,
    control: NO_CONTROL,
    intervalMs: 1000,
    infoIntervalMs: 600_000,
    random: () => 0,
    ...part,
  });
  const stopping = new AbortController();
  const running = uplink.run(samples, stopping.signal);
  return {
    uplink,
    samples,
    files,
    log,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
