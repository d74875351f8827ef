import type { AlertCondition, Severity } from "../../protocol/fleet/alerts.ts";
import type { AlertEffect } from "../alerts/alert-machine.ts";

/** `passed`: raised and over again before anybody could be told. */
export type NoticeKind = AlertEffect | "passed";

/** Something that people have to be told; several may become one message. */
export interface Notice {
  readonly kind: NoticeKind;
  readonly rule: number;
  readonly ruleName: string;
  readonly condition: AlertCondition;
  readonly severity: Severity;
  /** Ids of channels; empty = all. */
  readonly channels: readonly number[];
  readonly node: number;
  readonly nodeName: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly since: number;
  readonly value: number | undefined;
  /** While it was flapping. */
  readonly changes: number;
  /** Of what `settled` came to. */
  readonly isRaised: boolean;
}

/** Takes what is to be told. Never throws. */
export interface NoticeSink {
  post(notice: Notice): void;
}
