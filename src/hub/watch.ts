import type { Clock } from "../core/clock.ts";
import { describeError } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import type { Outbound } from "../platform/outbound/port.ts";
import { NetworkError } from "../platform/web/port.ts";
import type { Alerts } from "./alerts/alerts.ts";
import { FleetAlerts } from "./alerts/fleet-alerts.ts";
import { StoredCycleTraffic } from "./cycle-traffic.ts";
import type { CycleTraffic } from "./cycle-traffic.ts";
import { StoredEventLog } from "./event-log.ts";
import type { EventLog } from "./event-log.ts";
import type { Presence } from "./presence.ts";
import type { Ingest } from "./ingest.ts";
import type { KvmBoard } from "./kvm-board.ts";
import { ChannelBook } from "./notify/channel-book.ts";
import { createDeliver } from "./notify/channels/deliver.ts";
import { PUBLIC_ENDPOINTS } from "./notify/channels/messengers.ts";
import type { Endpoints } from "./notify/channels/messengers.ts";
import { FleetNotify } from "./notify/fleet-notify.ts";
import { NoticeDesk } from "./notify/notice-desk.ts";
import type { Notify } from "./notify/notify.ts";
import { Outbox } from "./notify/outbox.ts";
import { PendingWrites } from "./pending-writes.ts";
import type { Registry } from "./registry.ts";
import { renewedExpiry } from "./renewals.ts";
import type { Series, Tables } from "./series/series.ts";

/** How messages leave this machine. */
export interface MessageWay {
  readonly outbound: Outbound;
  /** Networks that may be called although they are not on the public internet. */
  readonly allow: readonly string[];
  /** Default: the services' own addresses. */
  readonly endpoints?: Endpoints;
}

const refuse = (): Promise<never> => Promise.reject(new NetworkError("This hub sends no messages"));

/** For a hub that tells nobody. */
export const NO_MESSAGES: MessageWay = { outbound: { request: refuse, mail: refuse }, allow: [] };

export interface WatchOptions {
  readonly tables: Tables;
  readonly registry: Registry;
  readonly ingest: Ingest;
  readonly presence: Presence;
  readonly kvm: KvmBoard;
  readonly series: Series;
  readonly messages: MessageWay;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The parts of the hub that look at what the others have gathered. */
export interface Watch {
  readonly cycles: CycleTraffic;
  readonly events: EventLog;
  readonly alerts: Alerts;
  readonly notify: Notify;
  /** Once a second. */
  tick(second: number): void;
  /** Writes what waits. Rejects with `StorageError`. */
  close(): Promise<void>;
}

const CYCLES_EVERY_SECONDS = 60;
const TRIM_EVERY_SECONDS = 3600;

function openNotify(options: WatchOptions, events: EventLog, writes: PendingWrites) {
  const { tables, messages, clock, log } = options;
  const { outbound, allow, endpoints = PUBLIC_ENDPOINTS } = messages;
  const channels = new ChannelBook(tables);
  const deliver = createDeliver(endpoints);
  const outbox = new Outbox({ writes, channels, deliver, outbound, allow, events, clock, log });
  const notify = new FleetNotify({ tables, book: channels, outbox, clock });
  const desk = new NoticeDesk({ writes, outbox, settings: () => notify.settings });
  const load = async (): Promise<void> => {
    await Promise.all([channels.load(), notify.load()]);
    await outbox.load(tables);
    await desk.load(tables);
  };
  return { notify, outbox, desk, load };
}

/** Moves the dates of nodes that are paid for by themselves. */
async function renew({ registry, presence, clock, log }: WatchOptions): Promise<void> {
  const now = clock.now();
  for (const node of registry.nodes) {
    const expiresAt = renewedExpiry(node, presence.isOnline(node.id), now);
    if (expiresAt === undefined) continue;
    await registry.edit(node.id, { expiresAt });
    log.info({ node: node.name, expiresAt }, "Expiry moved by a billing cycle");
  }
}

/** Reads what is stored. Rejects with `StorageError`. */
export async function openWatch(options: WatchOptions): Promise<Watch> {
  const { tables, registry, ingest, presence, kvm, series, clock, log } = options;
  const writes = new PendingWrites(tables);
  const events = new StoredEventLog({ tables, registry, presence, clock });
  const { notify, outbox, desk, load } = openNotify(options, events, writes);
  const timeZone = (): string => notify.settings.timeZone;
  const cycles = new StoredCycleTraffic({ tables, registry, ingest, timeZone });
  const traffic = (node: number) => cycles.of(node);
  const shared = { tables, writes, registry, ingest, presence, kvm, series, events, clock };
  const alerts = new FleetAlerts({ ...shared, traffic, notices: desk });
  await Promise.all([load(), events.load(), cycles.load(), alerts.load()]);
  ingest.subscribePings((node, { task, elapsedMs }) => {
    alerts.ping(task, node, elapsedMs);
  });
  cycles.look(clock.now());
  const save = async (): Promise<void> => {
    await Promise.all([writes.flush(), events.save(), cycles.save()]);
  };
  const warn = (error: unknown): void => {
    // The storage's own state tells everybody; this is for the record only.
    log.debug({ problem: describeError(error) }, "The hub could not save its events");
  };
  return {
    cycles,
    events,
    alerts,
    notify,
    tick(second) {
      events.tick();
      if (second % CYCLES_EVERY_SECONDS === 0) {
        cycles.look(clock.now());
        renew(options).catch(warn);
      }
      alerts.tick(second);
      desk.tick(clock.now());
      outbox.tick();
      save().catch(warn);
      if (second % TRIM_EVERY_SECONDS === 0) events.trim().catch(warn);
    },
    async close() {
      await outbox.close();
      await save();
    },
  };
}
