import { Buffer } from "node:buffer";
import type { Clock } from "../../../core/clock.ts";
import type { Hub } from "../../../hub/hub.ts";
import type { NodeRecord } from "../../../hub/registry.ts";
import type { ReceivedReport } from "../../../hub/report.ts";
import { nestedReport } from "./report-view.ts";

/** Who is shown hidden nodes, and who is not: the only two kinds of viewers. */
export type Visibility = "all" | "public";

/** A frame is not older than this. */
const FRAME_MS = 500;

interface Frame {
  readonly bytes: Buffer;
  /** Monotonic milliseconds. */
  readonly builtAt: number;
}

/**
 * The answer to "get" of `/api/clients` (Komari 3). Built at most twice a second for each kind of viewer, and only when
 * somebody asks; everybody is sent the same bytes.
 */
export class LiveFrames {
  readonly #hub: Pick<Hub, "registry" | "presence" | "ingest">;
  readonly #clock: Clock;
  readonly #frames = new Map<Visibility, Frame>();
  /** Text of reports that were part of a frame; a node that is silent costs nothing. */
  readonly #texts = new WeakMap<ReceivedReport, string>();

  constructor(hub: Pick<Hub, "registry" | "presence" | "ingest">, clock: Clock) {
    this.#hub = hub;
    this.#clock = clock;
    hub.registry.subscribe(({ kind, node }) => {
      // Who was hidden or removed is gone at once.
      if (kind === "removed" || node.isHidden) this.#frames.clear();
    });
  }

  /** The whole fleet. */
  frame(visibility: Visibility): Buffer {
    const now = this.#clock.monotonic();
    const known = this.#frames.get(visibility);
    if (known !== undefined && now - known.builtAt < FRAME_MS) return known.bytes;
    const { nodes } = this.#hub.registry;
    const shown = visibility === "all" ? nodes : nodes.filter(({ isHidden }) => !isHidden);
    const bytes = Buffer.from(this.#text(shown));
    this.#frames.set(visibility, { bytes, builtAt: now });
    return bytes;
  }

  /** One node, or none. */
  single(node: NodeRecord | undefined): Buffer {
    return Buffer.from(this.#text(node === undefined ? [] : [node]));
  }

  #text(nodes: readonly NodeRecord[]): string {
    const { presence, ingest } = this.#hub;
    const online: string[] = [];
    const reports: string[] = [];
    for (const { id, uuid } of nodes) {
      if (presence.isOnline(id)) online.push(`"${uuid}"`);
      const report = ingest.latest(id);
      if (report !== undefined) reports.push(`"${uuid}":${this.#textOf(report)}`);
    }
    return `{"data":{"online":[${online.join(",")}],"data":{${reports.join(",")}}},"status":"success"}`;
  }

  #textOf(report: ReceivedReport): string {
    const known = this.#texts.get(report);
    if (known !== undefined) return known;
    const text = JSON.stringify(nestedReport(report));
    this.#texts.set(report, text);
    return text;
  }
}
