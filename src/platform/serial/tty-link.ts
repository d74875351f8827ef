import { readSync, writeSync } from "node:fs";
import type { Unsubscribe } from "../../core/store.ts";
import { describeError, errnoOf } from "../../core/errors.ts";
import { LinkClosedError } from "./port.ts";
import type { ByteLink } from "./port.ts";

/** The part of an open port of the `serialport` package's POSIX bindings that a link needs. */
export interface TtyPort {
  readonly fd: number | null;
  readonly poller: {
    once(event: "readable", listener: (error: Error | null) => void): unknown;
  };
  write(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

const READ_BYTES = 4096;

/**
 * A link over an open port. It reads by itself on the port's poller instead of through the package's stream: the
 * stream spins for ever when a device hangs up between two reads (a read of 0 bytes is tried again at once), and every
 * read there takes a turn in the thread pool. Writes avoid the pool too, as long as the driver has room: it may be busy for
 * seconds with password checks or a slow disk, and keys must not wait for that.
 */
export class TtyLink implements ByteLink {
  readonly name: string;
  readonly #port: TtyPort;
  readonly #buffer = Buffer.allocUnsafe(READ_BYTES);
  readonly #receivers = new Set<(bytes: Uint8Array) => void>();
  readonly #closers = new Set<(reason: Error | undefined) => void>();
  #isOpen = true;
  #closed = Promise.resolve();

  constructor(name: string, port: TtyPort) {
    this.name = name;
    this.#port = port;
    this.#awaitReadable();
  }

  async send(bytes: Uint8Array): Promise<void> {
    if (!this.#isOpen) throw new LinkClosedError();
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    try {
      const count = this.#write(view);
      if (count < view.length) await this.#port.write(view.subarray(count));
    } catch (error) {
      this.#vanish(error);
      throw new LinkClosedError(undefined, { cause: error });
    }
  }

  onReceive(listener: (bytes: Uint8Array) => void): Unsubscribe {
    this.#receivers.add(listener);
    return () => {
      this.#receivers.delete(listener);
    };
  }

  onClose(listener: (reason: Error | undefined) => void): Unsubscribe {
    this.#closers.add(listener);
    return () => {
      this.#closers.delete(listener);
    };
  }

  close(): Promise<void> {
    return this.#shut(undefined);
  }

  #awaitReadable(): void {
    if (!this.#isOpen) return;
    this.#port.poller.once("readable", this.#onReadable);
  }

  readonly #onReadable = (error: Error | null): void => {
    if (!this.#isOpen) return;
    if (error !== null) {
      this.#vanish(error);
      return;
    }
    const count = this.#read();
    if (count > 0) {
      const chunk = this.#buffer.subarray(0, count);
      for (const receive of this.#receivers) receive(chunk);
    }
    // A receiver may have closed the link, and a failed read has.
    this.#awaitReadable();
  };

  /** Bytes read; 0 when there were none after all, or when the device is gone. */
  #read(): number {
    const { fd } = this.#port;
    if (fd === null) return 0;
    try {
      const count = readSync(fd, this.#buffer, 0, READ_BYTES, null);
      if (count === 0) this.#vanish(new Error("hung up"));
      return count;
    } catch (error) {
      const errno = errnoOf(error);
      if (errno !== "EAGAIN" && errno !== "EINTR") this.#vanish(error);
      return 0;
    }
  }

  /** Bytes that the driver took at once; throws when the device is gone. */
  #write(bytes: Uint8Array): number {
    const { fd } = this.#port;
    if (fd === null) return 0;
    try {
      return writeSync(fd, bytes);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === "EAGAIN" || errno === "EINTR") return 0;
      throw error;
    }
  }

  #vanish(cause: unknown): void {
    const text = `${this.name} is gone: ${describeError(cause)}`;
    void this.#shut(new LinkClosedError(text, { cause }));
  }

  #shut(reason: Error | undefined): Promise<void> {
    // The flag comes first: closing the port calls `#onReadable` with a cancellation.
    if (this.#isOpen) {
      this.#isOpen = false;
      this.#closed = this.#release(reason);
    }
    return this.#closed;
  }

  async #release(reason: Error | undefined): Promise<void> {
    // The device may be gone already, then there is nothing to close.
    await this.#port.close().catch(() => undefined);
    for (const closed of this.#closers) closed(reason);
    this.#closers.clear();
    this.#receivers.clear();
  }
}
