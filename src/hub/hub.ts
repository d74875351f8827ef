import type { Store } from "../core/store.ts";
import type { Audit } from "./audit.ts";
import type { FleetControl } from "./control.ts";
import type { Alerts } from "./alerts/alerts.ts";
import type { CycleTraffic } from "./cycle-traffic.ts";
import type { EventLog } from "./event-log.ts";
import type { Ingest } from "./ingest.ts";
import type { KvmBoard } from "./kvm-board.ts";
import type { Notify } from "./notify/notify.ts";
import type { Presence } from "./presence.ts";
import type { Probes } from "./probes.ts";
import type { Registry } from "./registry.ts";
import type { HubStorage, Series, SeriesState } from "./series/series.ts";
import type { SiteSettings } from "./site-settings.ts";

export interface HubState {
  readonly storage: SeriesState;
  readonly nodes: number;
  readonly online: number;
}

/** The fleet's aggregator without any wire: dialects translate to it and from it. */
export interface Hub {
  readonly state: Store<HubState>;
  readonly registry: Registry;
  readonly ingest: Ingest;
  readonly presence: Presence;
  readonly probes: Probes;
  readonly series: Series;
  readonly storage: HubStorage;
  readonly site: SiteSettings;
  readonly kvm: KvmBoard;
  readonly cycles: CycleTraffic;
  readonly events: EventLog;
  readonly alerts: Alerts;
  readonly notify: Notify;
  readonly audit: Audit;
  readonly control: FleetControl;
  /** Writes open minutes and whatever waits. Sessions end with a reason first. Idempotent. */
  close(): Promise<void>;
}
