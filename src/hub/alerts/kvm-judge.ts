import type { AlertCondition, KvmAlert } from "../../protocol/fleet/alerts.ts";
import type { KvmStatus } from "../../protocol/fleet/live.ts";
import type { KvmBoard } from "../kvm-board.ts";
import { GOOD, UNKNOWN } from "./judge.ts";
import type { Judge, Look, Verdict } from "./judge.ts";

type Read = (status: KvmStatus) => boolean | undefined;

const READERS: Readonly<Record<KvmAlert, Read>> = {
  poweredOff: ({ power }) => (power === "unknown" ? undefined : power === "off"),
  poweredOn: ({ power }) => (power === "unknown" ? undefined : power === "on"),
  noPicture({ power, picture }) {
    // A computer that is off has none to lose.
    if (picture === "live" || power === "off") return false;
    // Nobody looks: it may be there or not.
    return picture === "idle" || picture === "unknown" ? undefined : true;
  },
  unhealthy: ({ health }) => (health === "unknown" ? undefined : health === "warning"),
};

/** Undefined where it cannot be said. */
export function readKvmAlert(alert: KvmAlert, status: KvmStatus): boolean | undefined {
  return READERS[alert](status);
}

/** A box that is away says nothing; what it said last is neither raised nor cleared by that. */
export class KvmJudge implements Judge {
  readonly #condition: Extract<AlertCondition, { kind: "kvm" }>;
  readonly #kvm: Pick<KvmBoard, "of">;
  /** Since when it is so; monotonic milliseconds. */
  readonly #since = new Map<number, number>();

  constructor(condition: Extract<AlertCondition, { kind: "kvm" }>, kvm: Pick<KvmBoard, "of">) {
    this.#condition = condition;
    this.#kvm = kvm;
  }

  judge({ node, isOnline, now, nowMs }: Look): Verdict {
    if (!isOnline) return UNKNOWN;
    const status = this.#kvm.of(node.id);
    const isSo = status === undefined ? false : readKvmAlert(this.#condition.alert, status);
    if (isSo === undefined) return UNKNOWN;
    if (!isSo) {
      this.#since.delete(node.id);
      return GOOD;
    }
    const sinceMs = this.#since.get(node.id) ?? nowMs;
    this.#since.set(node.id, sinceMs);
    const lastedMs = nowMs - sinceMs;
    const isBad = lastedMs >= this.#condition.afterSeconds * 1000;
    return isBad ? { isBad, value: undefined, since: Math.round(now - lastedMs) } : UNKNOWN;
  }

  forget(node: number): void {
    this.#since.delete(node);
  }
}
