import { closeSync, writeSync } from "node:fs";
import { ReadStream } from "node:tty";
import { describeError, errnoOf, MissingPartError } from "../../core/errors.ts";
import { LinkClosedError } from "../serial/port.ts";
import type { ByteLink } from "../serial/port.ts";
import { loadPtyAddon } from "../pty/pty-addon.ts";

/** A pseudo-terminal seen from its maker. */
export interface PtyPair {
  /** The slave: what a serial port or a terminal program opens. */
  readonly path: string;
  /**
   * The master. Closes with a reason when, after `attached()`, nothing has the slave open any more; closing it hangs
   * up whoever has. Bytes nobody reads are lost once the kernel's buffer is full, like an overrun on a wire.
   */
  readonly link: ByteLink;
  /** The slave has been opened by its user: the pair's own hold on it, which keeps it alive until then, ends. */
  attached(): void;
}

/** Only the size of a window that nobody sees. */
const COLUMNS = 80;
const ROWS = 24;

class MasterLink implements ByteLink {
  readonly name: string;
  readonly #fd: number;
  readonly #stream: ReadStream;
  readonly #closers = new Set<(reason: Error | undefined) => void>();
  readonly #closed: Promise<void>;
  #reason: Error | undefined;
  #isOpen = true;

  constructor(name: string, fd: number, onEnd: () => void) {
    this.name = name;
    this.#fd = fd;
    // NOTE: reads only the master. A reader on the slave, as in node-pty's own `open`, would steal answers.
    this.#stream = new ReadStream(fd);
    this.#closed = new Promise((resolve) => {
      this.#stream.once("close", () => {
        this.#isOpen = false;
        onEnd();
        for (const closed of this.#closers) closed(this.#reason);
        this.#closers.clear();
        resolve();
      });
    });
    this.#stream.on("error", (error) => {
      const text = errnoOf(error) === "EIO" ? "nothing is attached" : describeError(error);
      this.#reason = new LinkClosedError(`${name}: ${text}`, { cause: error });
      this.#isOpen = false;
    });
    this.#stream.resume();
  }

  send(bytes: Uint8Array): Promise<void> {
    if (!this.#isOpen) return Promise.reject(new LinkClosedError());
    try {
      writeSync(this.#fd, bytes);
    } catch (error) {
      if (errnoOf(error) !== "EAGAIN") return Promise.reject(this.#writeError(error));
    }
    return Promise.resolve();
  }

  #writeError(cause: unknown): Error {
    return new LinkClosedError(`${this.name}: ${describeError(cause)}`, { cause });
  }

  onReceive(listener: (bytes: Uint8Array) => void): () => void {
    this.#stream.on("data", listener);
    return () => {
      this.#stream.off("data", listener);
    };
  }

  onClose(listener: (reason: Error | undefined) => void): () => void {
    this.#closers.add(listener);
    return () => {
      this.#closers.delete(listener);
    };
  }

  close(): Promise<void> {
    this.#isOpen = false;
    this.#stream.destroy();
    return this.#closed;
  }
}

/** Makes a pair. Rejects with `MissingPartError` when node-pty is not installed or the system gives out no terminal. */
export async function createPtyPair(): Promise<PtyPair> {
  const addon = await loadPtyAddon();
  let isSlaveHeld = true;
  try {
    const { master, slave, pty } = addon.open(COLUMNS, ROWS);
    const attached = (): void => {
      if (!isSlaveHeld) return;
      isSlaveHeld = false;
      closeSync(slave);
    };
    return { path: pty, link: new MasterLink(pty, master, attached), attached };
  } catch (cause) {
    throw new MissingPartError(
      `No pseudo-terminal: ${describeError(cause)}; is /dev/pts mounted?`,
      {
        cause,
      },
    );
  }
}
