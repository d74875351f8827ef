import type { Unsubscribe } from "../../core/store.ts";
import { LinkClosedError } from "../serial/port.ts";
import type { ByteLink } from "../serial/port.ts";

/** A serial line without a terminal: what one end sends the other receives, in order, on a later microtask. */
export interface MemoryLine {
  readonly host: ByteLink;
  readonly peer: ByteLink;
}

class MemoryEnd implements ByteLink {
  readonly name: string;
  readonly #receivers = new Set<(bytes: Uint8Array) => void>();
  readonly #closers = new Set<(reason: Error | undefined) => void>();
  #other: MemoryEnd | undefined;
  #isOpen = true;

  constructor(name: string) {
    this.name = name;
  }

  connect(other: MemoryEnd): void {
    this.#other = other;
  }

  async send(bytes: Uint8Array): Promise<void> {
    if (!this.#isOpen) throw new LinkClosedError();
    const copy = bytes.slice();
    await Promise.resolve();
    this.#other?.deliver(copy);
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

  async close(): Promise<void> {
    this.shut(undefined);
    await Promise.resolve();
    this.#other?.shut(new LinkClosedError(`${this.name}: the other end is gone`));
  }

  deliver(bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    for (const receive of this.#receivers) receive(bytes);
  }

  shut(reason: Error | undefined): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const closed of this.#closers) closed(reason);
    this.#closers.clear();
    this.#receivers.clear();
  }
}

/** Makes a line; either end's `close` ends the other with a reason, as a hang-up does. */
export function createMemoryLine(name: string): MemoryLine {
  const host = new MemoryEnd(name);
  const peer = new MemoryEnd(`${name} (device)`);
  host.connect(peer);
  peer.connect(host);
  return { host, peer };
}
