import type { Store } from "../../core/store.ts";

/** Host keyboard lights. */
export interface HidLeds {
  readonly num: boolean;
  readonly caps: boolean;
  readonly scroll: boolean;
}

export type MouseMode = "absolute" | "relative";

/** What a driver knows about its chip and the computer behind it. */
export interface HidDriverState {
  /** The chip answers. */
  readonly online: boolean;
  /** The computer enumerated the USB device; null when the chip cannot tell. */
  readonly hostReady: boolean | null;
  /** A reset or reconfiguration is under way. */
  readonly busy: boolean;
  readonly leds: HidLeds;
  readonly mouseMode: MouseMode;
  /** PiKVM's name of the active keyboard output, where it can be chosen. */
  readonly keyboardOutput?: string;
  /** Attached to the computer, where the hardware can detach itself. */
  readonly connected?: boolean;
  /** For people: why it is offline, or the last contained failure. */
  readonly lastError: string | null;
  /** For people and `doctor`: "CH9329 V1.8 at 9600 baud on /dev/ttyUSB0". */
  readonly description: string | null;
}

/**
 * One input report. Keyboard, consumer and button reports are complete states (idempotent); `absolute` is a position
 * where the newest wins; `relative` and `wheel` are deltas that may be summed.
 * Coordinates are the API's: -32768..32767 with (0, 0) in the centre. Deltas are -127..127.
 * `modifiers` and `keys` are HID usages of page 07 (modifier bits as in the boot report, at most six keys);
 * `consumer` is the usage of page 0C that is held, 0 for none; `system` is 0 none, 1 power, 2 sleep, 3 wake;
 * `buttons` are bits: 1 left, 2 right, 4 middle, 8 back, 16 forward.
 */
export type HidReport =
  | { readonly type: "keyboard"; readonly modifiers: number; readonly keys: readonly number[] }
  | { readonly type: "consumer"; readonly usage: number }
  | { readonly type: "system"; readonly control: 0 | 1 | 2 | 3 }
  | { readonly type: "buttons"; readonly buttons: number }
  | { readonly type: "absolute"; readonly x: number; readonly y: number }
  | { readonly type: "relative"; readonly dx: number; readonly dy: number }
  | { readonly type: "wheel"; readonly dx: number; readonly dy: number };

export interface HidCapabilities {
  readonly absolute: boolean;
  readonly relative: boolean;
  readonly leds: boolean;
  readonly wheelHorizontal: boolean;
  /** Media keys and the system keys (power, sleep, wake) have reports of their own. */
  readonly consumer: boolean;
  /** The hardware can detach itself from the computer (`setConnected`); absent = it cannot. */
  readonly detachable?: boolean;
  /** PiKVM's names of the outputs that can be chosen; empty = fixed. */
  readonly keyboardOutputs: readonly string[];
  readonly mouseOutputs: readonly string[];
}

/** What a chip driver implements and `hid.ts` uses. */
export interface HidDriver {
  readonly capabilities: HidCapabilities;
  readonly state: Store<HidDriverState>;
  /** Owns its link; returns only when aborted, after releasing everything on the host; throws when the link is lost for good: the supervisor then runs it again. */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Never blocks, never throws. False: the report was refused because the queue is full or the chip is offline.
   * Key, consumer and button states keep their order and are never dropped silently while online; moves are merged.
   */
  submit(report: HidReport): boolean;
  /** Resolves when every accepted report is on the wire, or dropped because the chip went offline. */
  drained(): Promise<void>;
  /** Forgets queued reports and sends the all-released state. Safe at any time. */
  releaseAll(): void;
  /** Chip reset; the state says busy meanwhile. */
  reset(): Promise<void>;
  setMouseMode(mode: MouseMode): void;
  /** Chooses the keyboard output by PiKVM's name; unknown names are ignored. */
  setKeyboardOutput?(output: string): void;
  /** Detaches from or attaches to the computer, where the hardware can. */
  setConnected?(connected: boolean): void;
}
