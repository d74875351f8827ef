import { every } from "../core/clock.ts";
import type { Clock } from "../core/clock.ts";
import { describeError } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import { createStore } from "../core/store.ts";
import { DEFAULT_CONTROL, StoredControl } from "./fleet-control.ts";
import type { ControlSettings } from "./fleet-control.ts";
import { FleetIngest } from "./fleet-ingest.ts";
import { FleetPresence } from "./fleet-presence.ts";
import type { Hub, HubState } from "./hub.ts";
import { createKvmBoard } from "./kvm-board.ts";
import { NodeRegistry } from "./node-registry.ts";
import { ProbeBook } from "./probe-book.ts";
import type { HubStorage, SqlStatement, Tables } from "./series/series.ts";
import { StoredAudit } from "./stored-audit.ts";
import { openSiteSettings } from "./site-settings.ts";
import type { TrafficRecord } from "./traffic.ts";
import { NO_MESSAGES, openWatch } from "./watch.ts";
import type { MessageWay, Watch } from "./watch.ts";

export interface HubOptions {
  /** Closed with the hub. */
  readonly storage: HubStorage;
  readonly clock: Clock;
  readonly log: Logger;
  /** More are refused, however they come. */
  readonly maxNodes: number;
  /** How often the open minute of each node is written; a crash loses no more than this. */
  readonly saveSeconds: number;
  /** What people may do on nodes at all. */
  readonly control?: ControlSettings;
  /** How messages about alerts leave this machine. Default: they do not. */
  readonly messages?: MessageWay;
}

const TICK_MS = 1000;
const TRAFFIC_EVERY_SECONDS = 60;
const STATEMENTS_AT_ONCE = 1000;

async function loadTraffic(tables: Tables): Promise<Map<number, TrafficRecord>> {
  const rows = await tables.read({ sql: "SELECT * FROM node_traffic", values: [] });
  return new Map(
    rows.map((row) => [
      Number(row["node"]),
      {
        receivedBytes: Number(row["received"]),
        sentBytes: Number(row["sent"]),
        lastReceivedBytes: Number(row["last_received"]),
        lastSentBytes: Number(row["last_sent"]),
        lastUptimeSeconds: Number(row["last_uptime"]),
      },
    ]),
  );
}

function trafficStatement(node: number, record: TrafficRecord): SqlStatement {
  return {
    sql: "INSERT OR REPLACE INTO node_traffic (node, received, sent, last_received, last_sent, last_uptime) SELECT id, ?, ?, ?, ?, ? FROM node WHERE id = ?",
    values: [
      record.receivedBytes,
      record.sentBytes,
      record.lastReceivedBytes,
      record.lastSentBytes,
      record.lastUptimeSeconds,
      node,
    ],
  };
}

async function saveTraffic(ingest: FleetIngest, tables: Tables): Promise<void> {
  const changed = ingest.takeTraffic();
  for (let first = 0; first < changed.length; first += STATEMENTS_AT_ONCE) {
    const part = changed.slice(first, first + STATEMENTS_AT_ONCE);
    await tables.write(part.map(([node, record]) => trafficStatement(node, record)));
  }
}

interface Parts {
  readonly registry: NodeRegistry;
  readonly probes: ProbeBook;
  readonly presence: FleetPresence;
  readonly ingest: FleetIngest;
  readonly watch: Watch;
  readonly control: StoredControl;
}

/** What happens every second, once for the whole fleet. */
function beat(
  { registry, probes, presence, ingest, watch, control }: Parts,
  options: HubOptions,
  second: number,
): void {
  const { clock, storage, saveSeconds, log } = options;
  presence.tick({ at: clock.now(), nowMs: clock.monotonic() }, (node) => {
    ingest.ask(node);
  });
  for (const task of probes.tasks) ingest.dispatch(task, second);
  if (second % saveSeconds === 0) ingest.save();
  const warn = (error: unknown): void => {
    // The storage's own state tells everybody; this is for the record only.
    log.debug({ problem: describeError(error) }, "The hub could not save its tables");
  };
  registry.flush().catch(warn);
  watch.tick(second);
  control.tick();
  if (second % TRAFFIC_EVERY_SECONDS === 0) saveTraffic(ingest, storage.tables).catch(warn);
}

async function openControl(
  parts: { registry: NodeRegistry; ingest: FleetIngest; audit: StoredAudit },
  { storage, clock, log, control: settings = DEFAULT_CONTROL }: HubOptions,
): Promise<StoredControl> {
  const control = new StoredControl({ ...parts, settings, tables: storage.tables, clock, log });
  await control.load();
  return control;
}

/** One that fails does not keep the others from being written. */
async function saveAll(writes: readonly Promise<void>[], log: Logger): Promise<void> {
  for (const result of await Promise.allSettled(writes)) {
    if (result.status === "fulfilled") continue;
    const err: unknown = result.reason;
    log.error({ err }, "The hub could not save");
  }
}

/** Reads what is stored and begins to take reports. Rejects with `StorageError`; the storage stays open then. */
export async function createHub(options: HubOptions): Promise<Hub> {
  const { storage, clock, log, maxNodes } = options;
  const { series, tables } = storage;
  const registry = new NodeRegistry({ tables, series, clock, maxNodes });
  const probes = new ProbeBook(tables, series);
  await Promise.all([registry.load(), probes.load()]);
  const site = await openSiteSettings(tables);
  const presence = new FleetPresence();
  const traffic = await loadTraffic(tables);
  const kvm = createKvmBoard(registry);
  const ingest = new FleetIngest({ registry, presence, probes, kvm, series, clock, traffic });
  const watched = { tables, registry, ingest, presence, kvm, series, clock, log };
  const watch = await openWatch({ ...watched, messages: options.messages ?? NO_MESSAGES });
  const { cycles, events, alerts, notify } = watch;
  const audit = new StoredAudit(tables, clock, log);
  const control = await openControl({ registry, ingest, audit }, options);
  const parts = { registry, probes, presence, ingest, watch, control };
  const stateNow = (): HubState => ({
    storage: series.state.value,
    nodes: registry.nodes.length,
    online: presence.online,
  });
  const state = createStore(stateNow());
  let second = 0;
  const stop = every(clock, TICK_MS, () => {
    second += 1;
    beat(parts, options, second);
    state.set(stateNow());
  });
  const close = async (): Promise<void> => {
    stop();
    ingest.close("The hub stops");
    ingest.save();
    await saveAll(
      [registry.flush(), saveTraffic(ingest, tables), watch.close(), control.close()],
      log,
    );
    await storage.close();
  };
  let closing: Promise<void> | undefined;
  return {
    registry,
    probes,
    presence,
    ingest,
    state,
    series,
    storage,
    site,
    kvm,
    cycles,
    events,
    alerts,
    notify,
    audit,
    control,
    close: () => (closing ??= close()),
  };
}
