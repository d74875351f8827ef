import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startKomariServer } from "../support/komari-server.ts";
import type { KomariStandIn } from "../support/komari-server.ts";
import { startDaemon } from "./daemon.ts";
import type { RunningDaemon } from "./daemon.ts";
import { cpuMs } from "./process-cpu.ts";

export interface AgentLoad {
  readonly uplinks: number;
  /** Processor time of the whole daemon for each second, of which it has one sample and a report to each uplink. */
  readonly cpuMsPerTick: number;
  readonly residentMiB: number;
}

const TOKEN = "bench-token";

async function measure(daemon: RunningDaemon, warmUpMs: number, seconds: number) {
  await pause(warmUpMs);
  const before = cpuMs(daemon.pid);
  await pause(seconds * 1000);
  const after = cpuMs(daemon.pid);
  return { cpuMsPerTick: (after - before) / seconds, residentMiB: daemon.residentMiB() };
}

async function startWith(peers: readonly KomariStandIn[], dataDir: string): Promise<RunningDaemon> {
  const uplinks = peers.map(({ url }) => ({ protocol: "komari", url, token: TOKEN }));
  return startDaemon({
    dataDir,
    tls: false,
    env: {
      FARHAND__ROLES: uplinks.length === 0 ? "device" : "device,agent",
      FARHAND__AGENT__UPLINKS: JSON.stringify(uplinks),
      FARHAND__AGENT__INTERVAL_SECONDS: "1",
    },
  });
}

/** A device without the agent, then with 1, 2 and 4 uplinks that report every second. */
export async function agentLoads(warmUpMs: number, seconds: number): Promise<readonly AgentLoad[]> {
  const loads: AgentLoad[] = [];
  const dataDir = mkdtempSync(join(tmpdir(), "farhand-bench-agent-"));
  try {
    // The very first start makes an account, which costs memory.
    await (await startWith([], dataDir)).stop();
    for (const uplinks of [0, 1, 2, 4]) {
      const peers = await Promise.all(
        Array.from({ length: uplinks }, () =>
          startKomariServer({ token: TOKEN, hasVersion2: true }),
        ),
      );
      const daemon = await startWith(peers, dataDir);
      loads.push({ uplinks, ...(await measure(daemon, warmUpMs, seconds)) });
      await daemon.stop();
      await Promise.all(peers.map((peer) => peer.close()));
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
  return loads;
}
