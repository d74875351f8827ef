import { StatType } from "../protocol/pasarguard/messages.ts";
import type { Stat, StatRequest } from "../protocol/pasarguard/messages.ts";
import type { CoreStat } from "../protocol/xray/messages.ts";
import { parseStatName, statPattern } from "../protocol/xray/stat-name.ts";
import type { CoreClient } from "./core-client.ts";
import { IncompleteRequestError } from "./proxy-errors.ts";

/** Counters that were read, and the way back for those that did not reach the panel. */
export interface TrafficReport {
  readonly stats: readonly Stat[];
  /** After a reading that reset: nobody has got it, count it to the next one. Idempotent. */
  takeBack(): void;
}

function demandName(name: string, message: string): string {
  if (name === "") throw new IncompleteRequestError(message);
  return name;
}

/** The part of their names that wanted counters have in common (PasarGuard node 5.1). */
function patternOf({ type, name }: StatRequest): string {
  switch (type) {
    case StatType.Outbounds:
      return statPattern("outbound");
    case StatType.Outbound:
      return statPattern("outbound", demandName(name, "tag required"));
    case StatType.Inbounds:
      return statPattern("inbound");
    case StatType.Inbound:
      return statPattern("inbound", demandName(name, "tag required"));
    case StatType.UsersStat:
      return statPattern("user");
    case StatType.UserStat:
      return statPattern("user", demandName(name, "email required"));
    default:
      throw new IncompleteRequestError("not implemented stat type");
  }
}

function toStats(counters: Iterable<readonly [string, bigint]>): readonly Stat[] {
  const stats: Stat[] = [];
  for (const [counter, value] of counters) {
    const parts = parseStatName(counter);
    if (parts !== undefined) stats.push({ ...parts, value });
  }
  return stats;
}

/**
 * Traffic counters of a core, and what was saved of them: counts of a core that was ended on purpose, and counts that
 * were read and reset but did not reach the panel. Both are added to the next reading.
 */
export class Traffic {
  readonly #saved = new Map<string, bigint>();

  /** Rejects with `CoreCallError`, or `IncompleteRequestError` for a request without a name where one is needed. */
  async read(client: CoreClient, request: StatRequest): Promise<TrafficReport> {
    const pattern = patternOf(request);
    const counters = await client.queryStats(pattern, request.reset);
    const sums = new Map(counters.map(({ name, value }) => [name, value]));
    for (const [name, value] of this.#saved) {
      if (!name.includes(pattern)) continue;
      sums.set(name, (sums.get(name) ?? 0n) + value);
      if (request.reset) this.#saved.delete(name);
    }
    let isWanted = request.reset;
    return {
      stats: toStats(sums),
      takeBack: () => {
        if (!isWanted) return;
        isWanted = false;
        for (const [name, value] of sums) this.#save(name, value);
      },
    };
  }

  /** Saves everything that a core has counted; call it before ending the core. */
  async saveAll(client: CoreClient): Promise<void> {
    const counters: readonly CoreStat[] = await client.queryStats("", true);
    for (const { name, value } of counters) this.#save(name, value);
  }

  #save(name: string, value: bigint): void {
    if (value !== 0n) this.#saved.set(name, (this.#saved.get(name) ?? 0n) + value);
  }
}
