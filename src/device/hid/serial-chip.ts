import type { HidCapabilities, HidLeds, HidReport, MouseMode } from "./driver.ts";
import type { QueuedReport } from "./report-queue.ts";
import type { Outcome, ReplyRules } from "./serial-line.ts";

/** One request on its way to the chip. */
export interface Outgoing {
  readonly bytes: Uint8Array;
  /** What the answer has to match, by the chip's own reckoning. */
  readonly expected: number;
  /** What to send when the chip did not get it or its answer got lost; undefined where repeating could do a thing twice. */
  readonly again: Uint8Array | undefined;
  /** Reports lose their meaning when everything is released, set-up requests do not; after a reset the chip restarts. */
  readonly role: "report" | "setup" | "poll" | "reset";
}

/** What a status poll tells. */
export interface ChipStatus {
  /** For people: "V1.8". */
  readonly version: string;
  /** The computer enumerated the device; null when the chip cannot tell. */
  readonly hostReady: boolean | null;
  readonly leds: HidLeds;
  /** PiKVM's name of the active keyboard output, where it can be chosen. */
  readonly keyboardOutput?: string;
  /** Attached to the computer, where the hardware can detach. */
  readonly connected?: boolean;
  /** For people: something is wrong although the chip answers. */
  readonly trouble?: string;
}

/** What an outcome means. `again` and `failed` count toward the chip being called silent. */
export type Verdict =
  | { readonly type: "done"; readonly status?: ChipStatus }
  | { readonly type: "again"; readonly bytes: Uint8Array; readonly delayMs: number }
  | { readonly type: "failed"; readonly reason: string }
  /** The chip answers, but never will do this. */
  | { readonly type: "refused"; readonly reason: string }
  /** The chip answers, but no computer takes the reports now. */
  | { readonly type: "hostAbsent" };

/**
 * What differs between HID chips on a serial line. A chip remembers the state that it last encoded ("held"), so that
 * it can be released or sent again; it performs no I/O and knows no time.
 */
export interface SerialHidChip<R> extends ReplyRules<R> {
  /** For people: "CH9329". */
  readonly name: string;
  readonly capabilities: HidCapabilities;
  /** Tried in this order when the configured speed does not answer. */
  readonly baudRates: readonly number[];
  /** So many failures without a success between them make the chip count as silent. */
  readonly failureLimit: number;
  /** Opening the port disturbs the line: what arrives in this time is discarded. */
  readonly settleMs: number;
  /** A status poll is due after this time without reports. */
  readonly pollIdleMs: number;
  /** The chip says nothing for so long after a reset. */
  readonly resetQuietMs: number;
  /** Read by `encode`; set before `switchMouse` is called. */
  mouseMode: MouseMode;
  replyTimeoutMs(baudRate: number): number;
  poll(): Outgoing;
  reset(): Outgoing;
  /** Sent to a silent chip before its port is opened again: releases everything, may wake the chip up, and takes so long. */
  recovery(): { readonly request: Outgoing; readonly waitMs: number };
  /** Nothing is known about the chip any more. */
  forget(): void;
  /** Requests for a chip that has just answered: release everything, choose the outputs. */
  begin(): readonly Outgoing[];
  /** Appends the requests for a report to `out`, possibly none, and holds its state. */
  encode(report: QueuedReport, out: Outgoing[]): void;
  /** Holds the state of a report that is not sent; moves and wheel turns leave none. */
  hold(report: HidReport): void;
  /** Everything released, on the host and in what is held. */
  release(): readonly Outgoing[];
  /** The complete held state. */
  restore(): readonly Outgoing[];
  /** Requests after `mouseMode` changed; the pointer's buttons are released. */
  switchMouse(): readonly Outgoing[];
  /** `attempt` counts from 0. Lost links are not judged. */
  judge(request: Outgoing, attempt: number, outcome: Judged<R>): Verdict;
}

export type Judged<R> = Exclude<Outcome<R>, { type: "lost" }>;
