import { createStore } from "../../src/core/store.ts";
import type { MutableStore } from "../../src/core/store.ts";
import type {
  HidCapabilities,
  HidDriver,
  HidDriverState,
  HidReport,
} from "../../src/device/hid/driver.ts";

/** A driver that keeps what it is given. */
export interface FakeHidDriver extends HidDriver {
  readonly state: MutableStore<HidDriverState>;
  /** Accepted reports, as short texts; see `describeReport`. */
  readonly sent: string[];
  readonly resets: number;
  readonly isRunning: boolean;
  /** Room in the queue; `drained` gives back `refill` places. */
  room: number;
  refill: number;
  /** Unfinished `drained` calls wait until it is cleared. */
  hold: Promise<void> | undefined;
  /** Called before each accepted report. */
  onSubmit: ((report: HidReport) => void) | undefined;
}

const CAPABILITIES: HidCapabilities = {
  absolute: true,
  relative: true,
  leds: true,
  wheelHorizontal: true,
  consumer: true,
  keyboardOutputs: [],
  mouseOutputs: ["usb", "usb_rel"],
};

const hex = (value: number): string => value.toString(16).padStart(2, "0");

/** `key 02+04,05`, `consumer e9`, `system 1`, `buttons 1`, `absolute 1 2`, `relative 1 2`, `wheel 0 -1`. */
export function describeReport(report: HidReport): string {
  switch (report.type) {
    case "keyboard":
      return `key ${hex(report.modifiers)}+${report.keys.map(hex).join(",")}`;
    case "consumer":
      return `consumer ${hex(report.usage)}`;
    case "system":
      return `system ${report.control}`;
    case "buttons":
      return `buttons ${report.buttons}`;
    case "absolute":
      return `absolute ${report.x} ${report.y}`;
    default:
      return `${report.type} ${report.dx} ${report.dy}`;
  }
}

export const ONLINE_STATE: HidDriverState = {
  online: true,
  hostReady: true,
  busy: false,
  leds: { num: false, caps: false, scroll: false },
  mouseMode: "absolute",
  lastError: null,
  description: "fake chip",
};

export function fakeHidDriver(capabilities: Partial<HidCapabilities> = {}): FakeHidDriver {
  const sent: string[] = [];
  let resets = 0;
  let isRunning = false;
  const driver: FakeHidDriver = {
    capabilities: { ...CAPABILITIES, ...capabilities },
    state: createStore(ONLINE_STATE),
    sent,
    room: Infinity,
    refill: 0,
    hold: undefined,
    onSubmit: undefined,
    get resets() {
      return resets;
    },
    get isRunning() {
      return isRunning;
    },
    async run(signal) {
      isRunning = true;
      await new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
      isRunning = false;
    },
    submit(report) {
      if (!driver.state.value.online || driver.room <= 0) return false;
      driver.onSubmit?.(report);
      driver.room -= 1;
      sent.push(describeReport(report));
      return true;
    },
    async drained() {
      await (driver.hold ?? Promise.resolve());
      driver.room += driver.refill;
    },
    releaseAll() {
      sent.push("release all");
    },
    reset() {
      resets += 1;
      return Promise.resolve();
    },
    setMouseMode(mouseMode) {
      driver.state.set({ ...driver.state.value, mouseMode });
    },
  };
  return driver;
}
