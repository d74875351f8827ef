import { isAborted } from "../../core/abort.ts";
import { createBackoff } from "../../core/backoff.ts";
import { sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import { createStore } from "../../core/store.ts";
import type { Store } from "../../core/store.ts";
import type { GadgetControl } from "./control.ts";
import type { KernelView } from "./kernel-view.ts";
import { GadgetOfflineError } from "./port.ts";
import type {
  GadgetDrive,
  GadgetHost,
  GadgetSettings,
  GadgetState,
  HidRole,
  Medium,
  ReportNode,
  UsbGadget,
} from "./port.ts";
import { openReportNode } from "./report-node.ts";

/** The kernel tells nobody when the computer ejects a medium or goes to sleep. */
const POLL_MS = 500;
const LOOK_FOR_CONTROLLER_MS = 10_000;
/** So long whoever uses an input device has to close it. */
const CLOSING_MS = 20;
const RETRY_STEPS_MS = [1000, 2000, 5000, 10_000];

export interface NodeGadgetOptions {
  readonly view: KernelView;
  /** Whoever may write to the kernel: the helper, or this process. */
  readonly control: (settings: GadgetSettings) => GadgetControl;
  readonly clock: Clock;
  readonly log: Logger;
}

const UNKNOWN: GadgetState = {
  phase: "starting",
  reason: null,
  binding: 0,
  configured: false,
  drive: undefined,
  hid: [],
  discLimits: undefined,
};

class NodeGadget implements UsbGadget {
  readonly #options: NodeGadgetOptions;
  readonly #settings: GadgetSettings;
  readonly #control: GadgetControl;
  readonly #state = createStore<GadgetState>(UNKNOWN);
  #binding = 0;
  /** The gadget is unbound for a moment, on purpose. */
  #isChanging = false;

  constructor(options: NodeGadgetOptions, settings: GadgetSettings) {
    this.#options = options;
    this.#settings = settings;
    this.#control = options.control(settings);
  }

  get state(): Store<GadgetState> {
    return this.#state;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, view } = this.#options;
    const backoff = createBackoff({ stepsMs: RETRY_STEPS_MS });
    const pause = (ms: number): Promise<void> => sleep(clock, ms, signal).catch(() => undefined);
    while (!isAborted(signal)) {
      const udc = view.controller(this.#settings.udc);
      if (udc === undefined) {
        const which = this.#settings.udc === "" ? "" : ` called ${this.#settings.udc}`;
        this.#leave("absent", `There is no USB device controller${which} (see farhand doctor)`);
        await pause(LOOK_FOR_CONTROLLER_MS);
        continue;
      }
      if (await this.#make(udc)) {
        backoff.reset();
        await this.#follow(signal);
      } else {
        await pause(backoff.next());
      }
    }
  }

  refresh(): Promise<void> {
    if (this.#state.value.phase === "ready") this.#look();
    return Promise.resolve();
  }

  async insert(medium: Medium): Promise<void> {
    const { cdrom } = this.#needDrive();
    this.#isChanging = true;
    try {
      // The computer is shown another kind of drive by plugging the device in anew.
      if (medium.cdrom !== cdrom) await this.#announceReplug();
      await this.#control.insert(medium);
    } finally {
      this.#isChanging = false;
      this.#look();
    }
  }

  /** Old kernels do not survive input devices that vanish while somebody has them open. */
  async #announceReplug(): Promise<void> {
    this.#binding += 1;
    this.#state.set({ ...this.#state.value, binding: this.#binding });
    await sleep(this.#options.clock, CLOSING_MS);
  }

  async eject(): Promise<void> {
    this.#needDrive();
    await this.#control.eject();
    this.#look();
  }

  openNode(role: HidRole): Promise<ReportNode> {
    try {
      const path = this.#options.view.nodeOf(role);
      if (path === undefined) throw new GadgetOfflineError(`There is no device for ${role}`);
      return Promise.resolve(openReportNode(path));
    } catch (error) {
      return Promise.reject(
        error instanceof GadgetOfflineError
          ? error
          : new GadgetOfflineError(describeError(error), { cause: error }),
      );
    }
  }

  async #make(udc: string): Promise<boolean> {
    const { log } = this.#options;
    try {
      await this.#control.apply(this.#settings.description, udc);
      this.#binding += 1;
      if (!this.#look())
        throw new GadgetOfflineError("The controller let go of the gadget at once");
      log.info({ udc, hid: this.#state.value.hid }, "USB gadget is ready");
      return true;
    } catch (error) {
      const isNew = this.#state.value.phase !== "failed";
      this.#leave("failed", describeError(error));
      if (isNew) log.warn({ err: error, udc }, "USB gadget cannot be made");
      return false;
    }
  }

  /** Until the gadget is not bound any more, by whomever. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    while (!isAborted(signal)) {
      await sleep(clock, POLL_MS, signal).catch(() => undefined);
      if (isAborted(signal)) return;
      if (this.#isChanging || this.#look()) continue;
      log.warn({}, "USB gadget was taken down; it is made again");
      return;
    }
  }

  #needDrive(): GadgetDrive {
    const { drive } = this.#state.value;
    if (drive !== undefined) return drive;
    throw new GadgetOfflineError(this.#state.value.reason ?? "The gadget has no drive");
  }

  /** Takes over what the kernel says; false when the gadget is not there. */
  #look(): boolean {
    const { isBound, ...rest } = this.#options.view.read();
    if (!isBound) {
      this.#leave("failed", "The USB gadget was taken down");
      return false;
    }
    this.#state.set({ phase: "ready", reason: null, binding: this.#binding, ...rest });
    return true;
  }

  #leave(phase: "absent" | "failed", reason: string): void {
    this.#state.set({ ...UNKNOWN, phase, reason });
  }
}

/** Gadgets of this machine's kernel. */
export function createNodeGadgetHost(options: NodeGadgetOptions): GadgetHost {
  return { open: (settings) => new NodeGadget(options, settings) };
}
