import type { PendingWrites } from "../pending-writes.ts";
import type { Tables } from "../series/series.ts";
import { parseTree } from "../stored-json.ts";
import { QUIET } from "./alert-machine.ts";
import type { AlertState } from "./alert-machine.ts";

interface Placed {
  readonly rule: number;
  readonly node: number;
  readonly state: AlertState;
}

/** What has been raised, by rule and node; everything else is quiet. Changes are written within a second. */
export class AlertStates {
  readonly #writes: PendingWrites;
  readonly #byRule = new Map<number, Map<number, AlertState>>();
  readonly #raised = new Map<number, number>();

  constructor(writes: PendingWrites) {
    this.#writes = writes;
  }

  /** Rejects with `StorageError`. */
  async load(tables: Tables): Promise<void> {
    const sql = "SELECT rule, node, state FROM alert_state";
    for (const row of await tables.read({ sql, values: [] })) {
      this.#put(Number(row["rule"]), Number(row["node"]), parseTree(row["state"], QUIET));
    }
  }

  get(rule: number, node: number): AlertState | undefined {
    return this.#byRule.get(rule)?.get(node);
  }

  /** Undefined: quiet. */
  set(rule: number, node: number, state: AlertState | undefined): void {
    this.#put(rule, node, state);
    this.#writes.add(
      state === undefined
        ? { sql: "DELETE FROM alert_state WHERE rule = ? AND node = ?", values: [rule, node] }
        : {
            sql: "INSERT OR REPLACE INTO alert_state (rule, node, state) VALUES (?, ?, ?)",
            values: [rule, node, JSON.stringify(state)],
          },
    );
  }

  raisedOn(node: number): number {
    return this.#raised.get(node) ?? 0;
  }

  all(): Placed[] {
    return [...this.#byRule].flatMap(([rule, states]) =>
      Array.from(states, ([node, state]) => ({ rule, node, state })),
    );
  }

  forgetRule(rule: number): void {
    for (const node of this.#byRule.get(rule)?.keys() ?? []) this.#put(rule, node, undefined);
    this.#byRule.delete(rule);
    this.#writes.add({ sql: "DELETE FROM alert_state WHERE rule = ?", values: [rule] });
  }

  forgetNode(node: number): void {
    for (const rule of this.#byRule.keys()) this.#put(rule, node, undefined);
    this.#writes.add({ sql: "DELETE FROM alert_state WHERE node = ?", values: [node] });
  }

  #put(rule: number, node: number, state: AlertState | undefined): void {
    const states = this.#byRule.get(rule) ?? new Map<number, AlertState>();
    this.#byRule.set(rule, states);
    const before = states.get(node)?.isRaised === true ? 1 : 0;
    const change = (state?.isRaised === true ? 1 : 0) - before;
    if (change !== 0) this.#raised.set(node, this.raisedOn(node) + change);
    if (this.#raised.get(node) === 0) this.#raised.delete(node);
    if (state === undefined) states.delete(node);
    else states.set(node, state);
  }
}
