import type { Clock } from "../../../core/clock.ts";
import type { Registry } from "../../../hub/registry.ts";
import type { IssuedNode, NodeRecord } from "../../../hub/registry.ts";

/** So long admins may read a new token again: time to copy the command that installs the agent. */
const KEPT_MS = 3_600_000;
const MOST = 1000;

interface Kept {
  readonly token: string;
  /** Monotonic milliseconds. */
  readonly until: number;
}

/**
 * Tokens that were made in this process a short while ago. Only hashes are stored, but the stock front end reads the
 * token of a node that it has just added from the list, so that it must be known for that long: in memory only.
 */
export class IssuedTokens {
  readonly #clock: Clock;
  readonly #kept = new Map<number, Kept>();

  constructor(registry: Pick<Registry, "subscribe">, clock: Clock) {
    this.#clock = clock;
    registry.subscribe(({ kind, node }) => {
      if (kind === "removed" || kind === "tokenChanged") this.#kept.delete(node.id);
    });
  }

  keep({ node, token }: IssuedNode): void {
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= MOST && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(node.id, { token, until: this.#clock.monotonic() + KEPT_MS });
  }

  /** Empty when it is known no more. */
  tokenOf({ id }: NodeRecord): string {
    const kept = this.#kept.get(id);
    if (kept === undefined) return "";
    if (this.#clock.monotonic() < kept.until) return kept.token;
    this.#kept.delete(id);
    return "";
  }
}
