import { silentLogger } from "../../src/core/log.ts";
import { createHub } from "../../src/hub/create-hub.ts";
import type { Hub } from "../../src/hub/hub.ts";
import type { AgentLink, AgentSession, AgentTask } from "../../src/hub/ingest.ts";
import type { NodeRecord } from "../../src/hub/registry.ts";
import type { NodeReport } from "../../src/hub/report.ts";
import type { MessageWay } from "../../src/hub/watch.ts";
import type { HubStorage } from "../../src/hub/series/series.ts";
import type { KvmStatus } from "../../src/protocol/fleet/live.ts";
import { fakeClock } from "./fake-clock.ts";
import type { FakeClock } from "./fake-clock.ts";
import { openTestStorage } from "./hub-storage.ts";

/** Every figure differs from the others. */
export function nodeReport(part: Partial<NodeReport> = {}): NodeReport {
  return {
    cpuPercent: 12.5,
    load1: 0.5,
    load5: 0.25,
    load15: 0.125,
    memoryTotalBytes: 1000,
    memoryUsedBytes: 400,
    swapTotalBytes: 200,
    swapUsedBytes: 20,
    diskTotalBytes: 9000,
    diskUsedBytes: 300,
    receivedBytesPerSecond: 70,
    sentBytesPerSecond: 60,
    receivedBytes: 7000,
    sentBytes: 6000,
    tcpConnections: 11,
    udpConnections: 12,
    processCount: 13,
    uptimeSeconds: 86_400,
    temperatures: [{ name: "cpu", celsius: 41.5 }],
    gpuPercent: 0,
    gpus: [],
    message: "",
    ...part,
  };
}

/** Of a KVM with which all is well. */
export function kvmStatus(part: Partial<KvmStatus> = {}): KvmStatus {
  return {
    power: "on",
    picture: "live",
    width: 1920,
    height: 1080,
    input: "online",
    health: "good",
    problems: [],
    consoleUrl: "",
    ...part,
  };
}

/** The dialect's end of a session: keeps what the hub asks and why it ended. */
export interface RecordingLink extends AgentLink {
  readonly tasks: readonly AgentTask[];
  readonly closedBecause: string | undefined;
}

export function recordingLink(): RecordingLink {
  const tasks: AgentTask[] = [];
  let reason: string | undefined;
  return {
    tasks,
    get closedBecause() {
      return reason;
    },
    send(task) {
      tasks.push(task);
      return true;
    },
    close(why) {
      reason = why;
    },
  };
}

export interface HubFixture {
  readonly hub: Hub;
  readonly clock: FakeClock;
  readonly storage: HubStorage;
  /** A node that is known. */
  addNode(name?: string): Promise<NodeRecord>;
  /** A connection of the node. */
  connect(node: NodeRecord, link?: AgentLink): AgentSession;
}

/** At the beginning of a minute. */
export const HUB_START = Date.UTC(2026, 0, 5);

export async function hubFixture(
  options: {
    storage?: HubStorage;
    clock?: FakeClock;
    maxNodes?: number;
    messages?: MessageWay;
  } = {},
): Promise<HubFixture> {
  const clock = options.clock ?? fakeClock(HUB_START);
  const storage = options.storage ?? (await openTestStorage(clock));
  const hub = await createHub({
    storage,
    clock,
    log: silentLogger,
    maxNodes: options.maxNodes ?? 100,
    saveSeconds: 1,
    ...(options.messages === undefined ? {} : { messages: options.messages }),
  });
  return {
    hub,
    clock,
    storage,
    async addNode(name = "node") {
      return (await hub.registry.add({ notes: { name } })).node;
    },
    connect(node, link = recordingLink()) {
      const identity = { node: node.id, dialect: "test", remoteAddress: "192.0.2.1" };
      return hub.ingest.attach(identity, link);
    },
  };
}
