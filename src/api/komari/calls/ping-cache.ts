import type { Clock } from "../../../core/clock.ts";
import { describeError } from "../../../core/errors.ts";
import type { Logger } from "../../../core/log.ts";
import type { Hub } from "../../../hub/hub.ts";
import type { NodeRecord } from "../../../hub/registry.ts";
import type { Params } from "./call.ts";
import { spanOfHours } from "./load-records.ts";
import { nodePings, pingStatus } from "./ping-records.ts";

/** Figures of a node are not older than this, but for large fleets, where they are read one node after the other. */
const FRESH_MS = 60_000;
/** So many are read before the first answer. */
const MOST_AT_ONCE = 64;

interface Entry {
  status: Params;
  readAt: number;
}

/** The last hour's ping figures of each node (Komari 2.6). Themes ask for all of them every other second. */
export class PingCache {
  readonly #hub: Pick<Hub, "series" | "probes" | "registry">;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #entries = new Map<number, Entry>();
  readonly #waiting = new Set<number>();
  #isReading = false;

  constructor(hub: Pick<Hub, "series" | "probes" | "registry">, clock: Clock, log: Logger) {
    this.#hub = hub;
    this.#clock = clock;
    this.#log = log;
    hub.registry.subscribe(({ kind, node }) => {
      if (kind === "removed") this.#entries.delete(node.id);
    });
  }

  /** What is known; empty before the first reading. */
  statusOf(node: NodeRecord): Params {
    return this.#entries.get(node.id)?.status ?? {};
  }

  /** Brings figures up to date: of a few nodes before it resolves, of many afterwards. Never rejects. */
  async refresh(nodes: readonly NodeRecord[]): Promise<void> {
    const now = this.#clock.monotonic();
    const stale = nodes.filter(({ id }) => {
      const entry = this.#entries.get(id);
      return entry === undefined || now - entry.readAt >= FRESH_MS;
    });
    if (this.#hub.probes.tasks.length === 0) {
      for (const { id } of stale) this.#entries.delete(id);
      return;
    }
    for (const node of stale) this.#waiting.add(node.id);
    const work = this.#readAll();
    if (stale.length <= MOST_AT_ONCE) await work;
  }

  async #readAll(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      for (const id of this.#waiting) {
        this.#waiting.delete(id);
        await this.#read(id);
      }
    } finally {
      this.#isReading = false;
    }
  }

  async #read(id: number): Promise<void> {
    const node = this.#hub.registry.byId(id);
    if (node === undefined) return;
    const entry = { status: this.statusOf(node), readAt: this.#clock.monotonic() };
    this.#entries.set(id, entry);
    try {
      const pings = await nodePings(this.#hub, node, spanOfHours(1, this.#clock.now()));
      entry.status = pingStatus(this.#hub.probes.tasks, pings);
    } catch (error) {
      this.#log.debug({ problem: describeError(error) }, "Ping figures could not be read");
    }
  }
}
