import { every } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { Scope } from "../../core/scope.ts";
import { createStore } from "../../core/store.ts";
import type { Store } from "../../core/store.ts";
import type { MsdConfig } from "../../config/schema.ts";
import type { UsbGadget } from "../../platform/gadget/port.ts";
import { ImageMissingError } from "../../platform/storage/port.ts";
import type { ImageStore, StoredImage } from "../../platform/storage/port.ts";
import type { Subsystem } from "../subsystem.ts";
import { checkDiscSize, EMPTY_DRIVE, followKernel, withParams } from "./drive.ts";
import type { DriveParams } from "./drive.ts";
import { MsdDownload } from "./msd-download.ts";
import {
  MsdBusyError,
  MsdConnectedError,
  MsdDisabledError,
  MsdDisconnectedError,
  MsdImageIncompleteError,
  MsdImageNotSelectedError,
  MsdImageStaticError,
  MsdImageTooLargeError,
  MsdOfflineError,
} from "./msd-errors.ts";
import { imageIn, msdStateOf } from "./msd-state.ts";
import type { MsdLocalState, MsdState } from "./msd-state.ts";
import { MsdUpload } from "./msd-upload.ts";

export interface UploadRequest {
  readonly name: string;
  readonly sizeBytes: number;
  /** Whether a cut upload leaves nothing instead of an image marked as incomplete. */
  readonly removeIncomplete: boolean;
}

/**
 * Mass storage: images and the drive in which the computer sees one (PiKVM API 4.5). One operation at a time: others
 * reject with `MsdBusyError`. Nearly everything needs an empty drive. When an operation resolves, the state shows it.
 */
export interface Msd extends Subsystem<MsdState> {
  readonly name: "msd";
  /** Limits of transfers. */
  readonly config: MsdConfig;
  /** Chooses the image and how it is shown; nothing reaches the computer yet. */
  setParams(params: DriveParams): Promise<void>;
  /** Puts the chosen image into the computer's drive, or takes it out. */
  setConnected(connected: boolean): Promise<void>;
  /** Empties the drive, whatever is in it, and looks at the storage again. */
  reset(): Promise<void>;
  remove(name: string): Promise<void>;
  /** Excludes other operations until it is closed. */
  startDownload(name: string): Promise<MsdDownload>;
  /** Excludes other operations until it has run or was abandoned. */
  startUpload(request: UploadRequest): Promise<MsdUpload>;
}

export interface CreateMsdOptions {
  readonly config: MsdConfig;
  readonly gadget: UsbGadget;
  readonly images: ImageStore;
  readonly clock: Clock;
  readonly log: Logger;
}

const PROGRESS_MS = 1000;
const GIB = 2 ** 30;

class GadgetMsd implements Msd {
  readonly name = "msd";
  readonly #options: CreateMsdOptions;
  readonly #store;
  #local: MsdLocalState;
  #scanning: Promise<void> = Promise.resolve();

  constructor(options: CreateMsdOptions) {
    this.#options = options;
    this.#local = {
      // `auto` was replaced by the board's answer.
      enabled: options.config.enabled === true,
      busy: false,
      listing: undefined,
      storageError: "The storage is being looked at",
      drive: EMPTY_DRIVE,
      downloading: null,
      uploading: null,
    };
    this.#store = createStore(msdStateOf(this.#local, options.gadget.state.value));
  }

  get config(): MsdConfig {
    return this.#options.config;
  }

  get state(): Store<MsdState> {
    return this.#store;
  }

  async start(scope: Scope): Promise<void> {
    if (!this.#local.enabled) return;
    const { gadget, images } = this.#options;
    scope.defer(gadget.state.subscribe(() => this.#follow()));
    scope.defer(images.watch(() => void this.#rescan()));
    this.#follow();
    // A network mount may be slow: the role must not wait for it.
    scope.task("msd storage", () => this.#rescan());
    await Promise.resolve();
  }

  setParams(params: DriveParams): Promise<void> {
    return this.#exclusive(async () => {
      this.#needEmptyDrive();
      if (params.image !== undefined && params.image !== "") await this.#found(params.image);
      const drive = withParams(this.#local.drive, params, (name) => this.#image(name));
      this.#patch({ drive });
    });
  }

  setConnected(connected: boolean): Promise<void> {
    return this.#exclusive(() => (connected ? this.#connect() : this.#disconnect()));
  }

  reset(): Promise<void> {
    return this.#exclusive(async () => {
      if (this.#store.value.drive?.connected === true) await this.#options.gadget.eject();
      this.#patch({ drive: { ...EMPTY_DRIVE, cdrom: false } });
      await this.#options.gadget.refresh();
      await this.#rescan();
    });
  }

  remove(name: string): Promise<void> {
    return this.#exclusive(async () => {
      this.#needEmptyDrive();
      const image = await this.#found(name);
      if (!image.removable) throw new MsdImageStaticError();
      await this.#options.images.remove(name);
      const { drive } = this.#local;
      if (drive.image?.name === name) this.#patch({ drive: { ...drive, image: null } });
      this.#options.log.info({ image: name }, "Image removed");
      await this.#rescan();
    });
  }

  async startDownload(name: string): Promise<MsdDownload> {
    const release = this.#enter();
    try {
      this.#needEmptyDrive();
      const reader = await this.#options.images.open(name);
      const stop = this.#showProgress();
      const download = new MsdDownload(name, reader, () => {
        stop();
        this.#patch({ downloading: null });
        release();
      });
      this.#progress = () => this.#patch({ downloading: download.progress });
      this.#progress();
      return download;
    } catch (error) {
      release();
      throw error;
    }
  }

  async startUpload(request: UploadRequest): Promise<MsdUpload> {
    const { config, images, log } = this.#options;
    const release = this.#enter();
    try {
      this.#needEmptyDrive();
      if (request.sizeBytes > config.maxImageGiB * GIB) {
        throw new MsdImageTooLargeError(config.maxImageGiB);
      }
      const writer = await images.create(request.name, request.sizeBytes);
      const stop = this.#showProgress();
      const upload = new MsdUpload(request, writer, async (isComplete) => {
        stop();
        this.#patch({ uploading: null });
        log.info(
          { image: request.name, bytes: upload.progress.doneBytes, isComplete },
          "Upload ended",
        );
        await this.#rescan();
        release();
      });
      this.#progress = () => this.#patch({ uploading: upload.progress });
      this.#progress();
      await this.#rescan();
      return upload;
    } catch (error) {
      release();
      throw error;
    }
  }

  #progress: () => void = () => undefined;

  #showProgress(): () => void {
    const cancel = every(this.#options.clock, PROGRESS_MS, () => this.#progress());
    return () => {
      cancel();
      this.#progress = () => undefined;
    };
  }

  async #connect(): Promise<void> {
    this.#needEmptyDrive();
    const { gadget, images, log } = this.#options;
    const { image, cdrom, rw } = this.#local.drive;
    if (image === null) throw new MsdImageNotSelectedError();
    const { complete, sizeBytes } = await this.#found(image.name);
    if (!complete) throw new MsdImageIncompleteError();
    if (cdrom) checkDiscSize(sizeBytes, gadget.state.value.discLimits);
    await gadget.insert({ path: await images.locate(image.name), cdrom, rw });
    this.#follow();
    log.info({ image: image.name, cdrom, rw }, "Image connected");
  }

  async #disconnect(): Promise<void> {
    this.#needOnline();
    if (!this.#local.drive.connected) throw new MsdDisconnectedError();
    await this.#options.gadget.eject();
    this.#follow();
    this.#options.log.info({}, "Image disconnected");
    // The computer may have written to it.
    await this.#rescan();
  }

  #needOnline(): void {
    if (!this.#local.enabled) throw new MsdDisabledError();
    if (!this.#store.value.online) throw new MsdOfflineError();
  }

  #needEmptyDrive(): void {
    this.#needOnline();
    if (this.#local.drive.connected) throw new MsdConnectedError();
  }

  #image(name: string): StoredImage | undefined {
    return imageIn(this.#local.listing, name);
  }

  /** The image as it is now; a name that is not listed may just have been copied into the folder by hand. */
  async #found(name: string): Promise<StoredImage> {
    await this.#rescan();
    const image = this.#image(name);
    if (image === undefined) throw new ImageMissingError(name);
    return image;
  }

  #enter(): () => void {
    if (!this.#local.enabled) throw new MsdDisabledError();
    if (this.#local.busy) throw new MsdBusyError();
    this.#patch({ busy: true });
    return () => {
      this.#patch({ busy: false });
    };
  }

  async #exclusive(work: () => Promise<void>): Promise<void> {
    const release = this.#enter();
    try {
      await work();
    } finally {
      release();
    }
  }

  /** Looks at the storage after everything that was changed before the call. */
  #rescan(): Promise<void> {
    this.#scanning = this.#scanning.then(() => this.#scan());
    return this.#scanning;
  }

  async #scan(): Promise<void> {
    try {
      const listing = await this.#options.images.scan();
      this.#patch({ listing, storageError: null });
      this.#follow();
    } catch (error) {
      if (this.#local.storageError === null) {
        this.#options.log.warn({ err: error }, "The image storage cannot be read");
      }
      this.#patch({ listing: undefined, storageError: describeError(error) });
    }
  }

  #follow(): void {
    const { gadget, images } = this.#options;
    const { drive: real } = gadget.state.value;
    if (real === undefined) {
      this.#patch({ drive: { ...this.#local.drive, connected: false } });
      return;
    }
    const drive = followKernel(this.#local.drive, real, (path) => images.nameOf(path));
    const { listing } = this.#local;
    const isLost =
      !drive.connected &&
      listing !== undefined &&
      drive.image !== null &&
      imageIn(listing, drive.image.name) === undefined;
    this.#patch({ drive: isLost ? { ...drive, image: null } : drive });
  }

  #patch(change: Partial<MsdLocalState>): void {
    this.#local = { ...this.#local, ...change };
    this.#store.set(msdStateOf(this.#local, this.#options.gadget.state.value));
  }
}

/** Builds the subsystem; it looks at nothing before `start`. */
export function createMsd(options: CreateMsdOptions): Msd {
  return new GadgetMsd(options);
}
