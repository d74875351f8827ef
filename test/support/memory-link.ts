import { LinkClosedError } from "../../src/platform/serial/port.ts";
import type { ByteLink } from "../../src/platform/serial/port.ts";

/** Two ends of a byte pipe: what one sends the other receives, on the next microtask. */
export interface MemoryLinkPair {
  readonly host: ByteLink;
  readonly peer: ByteLink;
  /** The device vanishes: both ends close with a reason. */
  unplug(): void;
}

interface End extends ByteLink {
  deliver(bytes: Uint8Array): void;
  shut(reason: Error | undefined): void;
}

function createEnd(name: string, other: () => End): End {
  const receivers = new Set<(bytes: Uint8Array) => void>();
  const closers = new Set<(reason: Error | undefined) => void>();
  let isClosed = false;
  return {
    name,
    async send(bytes) {
      if (isClosed) throw new LinkClosedError();
      const copy = bytes.slice();
      await Promise.resolve();
      other().deliver(copy);
    },
    onReceive(listener) {
      receivers.add(listener);
      return () => {
        receivers.delete(listener);
      };
    },
    onClose(listener) {
      closers.add(listener);
      return () => {
        closers.delete(listener);
      };
    },
    close() {
      this.shut(undefined);
      return Promise.resolve();
    },
    deliver(bytes) {
      if (isClosed) return;
      for (const receive of receivers) receive(bytes);
    },
    shut(reason) {
      if (isClosed) return;
      isClosed = true;
      for (const closed of closers) closed(reason);
    },
  };
}

export function memoryLink(): MemoryLinkPair {
  const host: End = createEnd("memory-host", () => peer);
  const peer: End = createEnd("memory-peer", () => host);
  return {
    host,
    peer,
    unplug() {
      const reason = new LinkClosedError("unplugged");
      host.shut(reason);
      peer.shut(reason);
    },
  };
}
