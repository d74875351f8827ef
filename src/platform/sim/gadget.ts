// A USB device controller whose computer is the model: a disk that is inserted appears there, reports reach it.
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { createStore } from "../../core/store.ts";
import type { MutableStore, Store } from "../../core/store.ts";
import { openImage } from "../storage/image-reader.ts";
import {
  GadgetOfflineError,
  MAINLINE_DISC_LIMITS,
  MediumLockedError,
  MediumRefusedError,
} from "../gadget/port.ts";
import type {
  GadgetHost,
  GadgetSettings,
  GadgetState,
  HidRole,
  Medium,
  ReportNode,
  ReportOutcome,
  UsbGadget,
} from "../gadget/port.ts";
import { SimReportNode } from "./gadget-node.ts";
import type { TargetPc } from "./target-pc.ts";

/** What can be wrong; change it at any time. */
export interface GadgetFaults {
  /** The computer holds the medium and the kernel cannot take it away. */
  locked: boolean;
  /** The computer does not fetch reports. */
  notPolling: boolean;
}

export interface SimGadgetHost extends GadgetHost {
  readonly faults: GadgetFaults;
  /** Whether the USB cable is in. */
  readonly plugged: Store<boolean>;
  unplug(): void;
  replug(): void;
  /** The computer ejects the medium, as its user can. */
  ejectByComputer(): void;
  /** What the computer reads from the medium. */
  readDisk(offset: number, length: number): Promise<Uint8Array>;
  /** What the computer writes to the medium; refused when it is not writable. */
  writeDisk(offset: number, bytes: Uint8Array): Promise<void>;
  close(): void;
}

const NO_DRIVE = { file: "", cdrom: true, rw: false } as const;

class SimGadget implements UsbGadget {
  readonly #state: MutableStore<GadgetState>;
  readonly #host: SimUsbHost;

  constructor(host: SimUsbHost, { description }: GadgetSettings) {
    this.#host = host;
    this.#state = createStore<GadgetState>({
      phase: "ready",
      reason: null,
      binding: 1,
      configured: false,
      drive: description.massStorage ? NO_DRIVE : undefined,
      hid: description.hid,
      discLimits: MAINLINE_DISC_LIMITS,
    });
  }

  get state(): Store<GadgetState> {
    return this.#state;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { plugged, target } = this.#host;
    const stops = [
      plugged.subscribe(() => this.#follow()),
      target.state.subscribe(() => this.#follow()),
    ];
    this.#follow();
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
    // The computer has one port: what follows may be another device on it.
    for (const stop of stops) stop();
  }

  refresh(): Promise<void> {
    return Promise.resolve();
  }

  async insert({ path, cdrom, rw }: Medium): Promise<void> {
    const { drive } = this.#state.value;
    if (drive === undefined) throw new GadgetOfflineError("The gadget has no drive");
    if (drive.file !== "") throw new MediumLockedError("There is a medium in the drive already");
    const reader = await openImage(path).catch((cause: unknown) => {
      throw new MediumRefusedError("The image cannot be opened", { cause });
    });
    await reader.close();
    this.#patch({ drive: { file: path, cdrom, rw } });
    this.#follow(reader.sizeBytes);
  }

  eject(): Promise<void> {
    if (this.#host.faults.locked) return Promise.reject(new MediumLockedError());
    this.takeOut();
    return Promise.resolve();
  }

  openNode(role: HidRole): Promise<ReportNode> {
    if (!this.#state.value.hid.includes(role)) {
      return Promise.reject(new GadgetOfflineError(`The gadget has no ${role} device`));
    }
    const { target } = this.#host;
    const outcome = (): ReportOutcome => this.#outcome();
    return Promise.resolve(new SimReportNode({ target, role, outcome }));
  }

  takeOut(): void {
    const { drive } = this.#state.value;
    if (drive !== undefined) this.#patch({ drive: { ...drive, file: "" } });
    this.#follow();
  }

  #outcome(): ReportOutcome {
    if (!this.#state.value.configured) return "offline";
    return this.#host.faults.notPolling ? "busy" : "taken";
  }

  #patch(change: Partial<GadgetState>): void {
    this.#state.set({ ...this.#state.value, ...change });
  }

  /** Tells the computer what its port shows now. */
  #follow(sizeBytes?: number): void {
    const { target, plugged } = this.#host;
    this.#patch({ configured: plugged.value && target.state.value.usbReady });
    const { drive } = this.#state.value;
    if (drive === undefined || drive.file === "" || !plugged.value) {
      if (target.state.value.disk !== null) target.setDisk(null);
      return;
    }
    const size = sizeBytes ?? target.state.value.disk?.sizeBytes ?? this.#host.lastSize;
    this.#host.lastSize = size;
    const { file: path, cdrom, rw: writable } = drive;
    target.setDisk({ name: basename(path), path, sizeBytes: size, cdrom, writable });
  }
}

class SimUsbHost implements SimGadgetHost {
  readonly faults: GadgetFaults = { locked: false, notPolling: false };
  readonly target: TargetPc;
  readonly #plugged = createStore(true);
  #gadget: SimGadget | undefined;
  /** Size of the medium, kept while the cable is out. */
  lastSize = 0;

  constructor(target: TargetPc) {
    this.target = target;
  }

  get plugged(): Store<boolean> {
    return this.#plugged;
  }

  open(settings: GadgetSettings): UsbGadget {
    this.#gadget = new SimGadget(this, settings);
    return this.#gadget;
  }

  unplug(): void {
    this.#plugged.set(false);
  }

  replug(): void {
    this.#plugged.set(true);
  }

  ejectByComputer(): void {
    this.#gadget?.takeOut();
  }

  async readDisk(offset: number, length: number): Promise<Uint8Array> {
    const reader = await openImage(this.#disk().path);
    try {
      return await reader.read(offset, length);
    } finally {
      await reader.close();
    }
  }

  async writeDisk(offset: number, bytes: Uint8Array): Promise<void> {
    const { path, writable } = this.#disk();
    if (!writable) throw new MediumRefusedError("The medium is write-protected");
    const file = await open(path, "r+");
    try {
      await file.write(bytes, 0, bytes.length, offset);
    } finally {
      await file.close();
    }
  }

  close(): void {
    this.target.setDisk(null);
  }

  #disk() {
    const { disk } = this.target.state.value;
    if (disk === null) throw new GadgetOfflineError("The computer sees no medium");
    return disk;
  }
}

export function createSimGadgetHost(target: TargetPc): SimGadgetHost {
  return new SimUsbHost(target);
}
