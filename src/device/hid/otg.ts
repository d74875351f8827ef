// Keyboard, mice and media keys by the board's own USB device port (hardware notes 3.3 to 3.5).
import { isAborted } from "../../core/abort.ts";
import { every, sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import { createStore, until } from "../../core/store.ts";
import type { Store } from "../../core/store.ts";
import type { HidRole, ReportNode, UsbGadget } from "../../platform/gadget/port.ts";
import { LED } from "../../protocol/hid/usages.ts";
import type { HidCapabilities, HidDriver, HidDriverState, HidReport, MouseMode } from "./driver.ts";
import { OtgChannel } from "./otg-channel.ts";
import { AbsoluteMouseCodec, KeyboardCodec, MediaCodec, RelativeMouseCodec } from "./otg-codec.ts";
import type { OtgCodec } from "./otg-codec.ts";

const LED_POLL_MS = 100;
const REOPEN_MS = 1000;

export interface OtgHidOptions {
  readonly gadget: UsbGadget;
  readonly clock: Clock;
  readonly log: Logger;
  readonly mouseMode: MouseMode;
  /** As the gadget was described. */
  readonly horizontalWheel: boolean;
}

const ABSENT = {
  online: false,
  hostReady: null,
  busy: false,
  leds: { num: false, caps: false, scroll: false },
  description: null,
} as const;

type Channels = ReadonlyMap<HidRole, OtgChannel>;

class OtgHid implements HidDriver {
  readonly #options: OtgHidOptions;
  readonly #state;
  #channels: Channels = new Map();
  #mouseMode: MouseMode;
  #hasRelative = true;
  #hasMedia = true;

  constructor(options: OtgHidOptions) {
    this.#options = options;
    this.#mouseMode = options.mouseMode;
    this.#state = createStore<HidDriverState>({
      ...ABSENT,
      mouseMode: options.mouseMode,
      lastError: null,
    });
  }

  get state(): Store<HidDriverState> {
    return this.#state;
  }

  get capabilities(): HidCapabilities {
    return {
      absolute: true,
      relative: this.#hasRelative,
      leds: true,
      wheelHorizontal: this.#options.horizontalWheel,
      consumer: this.#hasMedia,
      keyboardOutputs: [],
      mouseOutputs: this.#hasRelative ? ["usb", "usb_rel"] : ["usb"],
    };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { gadget, clock, log } = this.#options;
    while (!isAborted(signal)) {
      this.#publish({ lastError: gadget.state.value.reason });
      const stop = gadget.state.subscribe(({ reason }) => this.#publish({ lastError: reason }));
      await until(gadget.state, ({ phase }) => phase === "ready", signal).catch(() => undefined);
      stop();
      if (isAborted(signal)) return;
      try {
        await this.#serve(signal);
      } catch (error) {
        log.warn({ err: error }, "USB input devices cannot be used");
        this.#publish({ lastError: describeError(error) });
      }
      if (!isAborted(signal)) await sleep(clock, REOPEN_MS, signal).catch(() => undefined);
    }
  }

  submit(report: HidReport): boolean {
    const channel = this.#channels.get(this.#roleFor(report));
    if (channel === undefined) return false;
    // Motion of the other kind is none of this mouse's business.
    if (report.type === "absolute" && this.#mouseMode === "relative") return true;
    if (report.type === "relative" && this.#mouseMode === "absolute") return true;
    return channel.submit(report);
  }

  async drained(): Promise<void> {
    await Promise.all([...this.#channels.values()].map((channel) => channel.drained()));
  }

  releaseAll(): void {
    for (const channel of this.#channels.values()) channel.releaseAll();
  }

  reset(): Promise<void> {
    this.releaseAll();
    return Promise.resolve();
  }

  setMouseMode(mode: MouseMode): void {
    if (mode === this.#mouseMode) return;
    this.#channels.get(this.#mouseMode)?.releaseAll();
    this.#mouseMode = mode;
    this.#publish({ mouseMode: mode });
  }

  #roleFor({ type }: HidReport): HidRole {
    if (type === "keyboard") return "keyboard";
    if (type === "consumer" || type === "system") return "media";
    return this.#mouseMode;
  }

  #codecFor(role: HidRole): OtgCodec {
    const { horizontalWheel } = this.#options;
    switch (role) {
      case "keyboard":
        return new KeyboardCodec();
      case "absolute":
        return new AbsoluteMouseCodec(horizontalWheel);
      case "relative":
        return new RelativeMouseCodec(horizontalWheel);
      case "media":
        return new MediaCodec();
    }
  }

  async #open(roles: readonly HidRole[]): Promise<ReadonlyMap<HidRole, ReportNode>> {
    const nodes = new Map<HidRole, ReportNode>();
    try {
      for (const role of roles) nodes.set(role, await this.#options.gadget.openNode(role));
      return nodes;
    } catch (error) {
      for (const node of nodes.values()) node.close();
      throw error;
    }
  }

  /** Until a device or the gadget is gone, or the signal aborts. */
  async #serve(signal: AbortSignal): Promise<void> {
    const { gadget, clock, log } = this.#options;
    const roles = gadget.state.value.hid;
    const nodes = await this.#open(roles);
    const over = new AbortController();
    const end = (): void => {
      over.abort();
    };
    this.#hasRelative = roles.includes("relative");
    this.#hasMedia = roles.includes("media");
    this.#channels = new Map(
      [...nodes].map(([role, node]) => [role, this.#channel(role, node, end)] as const),
    );
    const unsubscribe = gadget.state.subscribe((next, previous) => {
      if (next.phase !== "ready" || next.binding !== previous.binding) end();
      else if (next.configured !== previous.configured) this.#follow(next.configured);
    });
    const keyboard = nodes.get("keyboard");
    const stopPolling = every(clock, LED_POLL_MS, () => this.#readLights(keyboard));
    const description = `USB gadget (${roles.join(", ")})`;
    this.#publish({ online: true, description, lastError: null });
    log.info({ description }, "USB input devices are online");
    this.#follow(gadget.state.value.configured);
    try {
      const either = AbortSignal.any([signal, over.signal]);
      await until(gadget.state, () => false, either).catch(() => undefined);
    } finally {
      unsubscribe();
      stopPolling();
      const channels = this.#channels;
      this.#channels = new Map();
      for (const channel of channels.values()) channel.close();
      this.#publish({ ...ABSENT });
    }
  }

  #channel(role: HidRole, node: ReportNode, onGone: () => void): OtgChannel {
    const { clock } = this.#options;
    const onStall = (): void => this.#publishHost();
    return new OtgChannel({ node, codec: this.#codecFor(role), clock, onStall, onGone });
  }

  #follow(configured: boolean): void {
    for (const channel of this.#channels.values()) {
      if (configured) channel.restore();
      else channel.suspend();
    }
    this.#publishHost();
  }

  /** Firmware screens often poll the keyboard only: it decides. */
  #publishHost(): void {
    if (this.#channels.size === 0) return;
    const { configured } = this.#options.gadget.state.value;
    const isKeyboardStalled = this.#channels.get("keyboard")?.isStalled === true;
    this.#publish({ hostReady: configured && !isKeyboardStalled });
  }

  #readLights(keyboard: ReportNode | undefined): void {
    if (this.#state.value.hostReady !== true) return;
    const bits = keyboard?.read()?.[0];
    if (bits === undefined) return;
    const isOn = (bit: number): boolean => (bits & bit) !== 0;
    this.#publish({
      leds: { num: isOn(LED.num), caps: isOn(LED.caps), scroll: isOn(LED.scroll) },
    });
  }

  #publish(patch: Partial<HidDriverState>): void {
    this.#state.set({ ...this.#state.value, ...patch });
  }
}

/** The driver of the gadget's input devices. Opens nothing before `run`. */
export function createOtgHid(options: OtgHidOptions): HidDriver {
  return new OtgHid(options);
}
