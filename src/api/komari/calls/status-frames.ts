import type { Clock } from "../../../core/clock.ts";
import type { Hub } from "../../../hub/hub.ts";
import type { NodeRecord } from "../../../hub/registry.ts";
import type { Params } from "./call.ts";
import type { Visibility } from "./live-frames.ts";
import type { PingCache } from "./ping-cache.ts";
import { flatReport } from "./report-view.ts";

/** An answer is not older than this. */
const FRAME_MS = 1000;

interface Frame {
  readonly text: Promise<string>;
  /** Monotonic milliseconds. */
  readonly builtAt: number;
}

/** The answer of `common:getNodesLatestStatus` for the whole fleet, built at most once a second for each kind of viewer. */
export class StatusFrames {
  readonly #hub: Pick<Hub, "registry" | "presence" | "ingest">;
  readonly #pings: PingCache;
  readonly #clock: Clock;
  readonly #frames = new Map<Visibility, Frame>();

  constructor(hub: Pick<Hub, "registry" | "presence" | "ingest">, pings: PingCache, clock: Clock) {
    this.#hub = hub;
    this.#pings = pings;
    this.#clock = clock;
    hub.registry.subscribe(({ kind, node }) => {
      if (kind === "removed" || node.isHidden) this.#frames.clear();
    });
  }

  /** JSON of a map from UUID to status. */
  frame(visibility: Visibility): Promise<string> {
    const now = this.#clock.monotonic();
    const known = this.#frames.get(visibility);
    if (known !== undefined && now - known.builtAt < FRAME_MS) return known.text;
    const { nodes } = this.#hub.registry;
    const shown = visibility === "all" ? nodes : nodes.filter(({ isHidden }) => !isHidden);
    const text = this.statuses(shown).then((statuses) => JSON.stringify(statuses));
    this.#frames.set(visibility, { text, builtAt: now });
    return text;
  }

  /** By UUID; nodes that have not reported since the hub started are absent. */
  async statuses(nodes: readonly NodeRecord[]): Promise<Readonly<Record<string, Params>>> {
    const reporting = nodes.filter(({ id }) => this.#hub.ingest.latest(id) !== undefined);
    await this.#pings.refresh(reporting);
    return Object.fromEntries(
      reporting.flatMap((node) => {
        const status = this.#statusOf(node);
        return status === undefined ? [] : [[node.uuid, status] as const];
      }),
    );
  }

  #statusOf(node: NodeRecord): Params | undefined {
    const { ingest, presence } = this.#hub;
    const report = ingest.latest(node.id);
    if (report === undefined) return undefined;
    return {
      ...flatReport(node.uuid, report),
      load5: report.load5,
      load15: report.load15,
      online: presence.isOnline(node.id),
      uptime: report.uptimeSeconds,
      ping: this.#pings.statusOf(node),
    };
  }
}
