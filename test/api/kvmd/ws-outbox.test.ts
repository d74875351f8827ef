import { describe, expect, it } from "vitest";
import { BUFFER_LIMIT, STUCK_AFTER_MS, WsOutbox } from "../../../src/api/kvmd/ws-outbox.ts";
import type { OutSocket } from "../../../src/api/kvmd/ws-outbox.ts";
import { fakeClock } from "../../support/fake-clock.ts";

const OPEN = 1;
const CLOSING = 2;

/** A socket whose peer reads only when told to. */
class SlowSocket implements OutSocket {
  readonly OPEN = OPEN;
  readyState = OPEN;
  bufferedAmount = 0;
  readonly sent: string[] = [];
  closedWith: string | undefined;
  isTerminated = false;
  readonly #unread: { size: number; done: (error?: Error | null) => void }[] = [];

  send(data: Uint8Array, options: { binary: boolean }, done: (error?: Error | null) => void): void {
    this.sent.push(
      options.binary ? `${data.length} bytes` : Buffer.from(data).toString("latin1", 0, 8),
    );
    this.bufferedAmount += data.length;
    this.#unread.push({ size: data.length, done });
  }

  close(code: number, reason: string): void {
    this.readyState = CLOSING;
    this.closedWith = `${code} ${reason}`;
  }

  terminate(): void {
    this.isTerminated = true;
  }

  /** The peer reads one frame. */
  read(error?: Error): void {
    const frame = this.#unread.shift();
    this.bufferedAmount -= frame?.size ?? 0;
    frame?.done(error);
  }
}

const event = (name: string, size = 10): Uint8Array => Buffer.from(name.padEnd(size));

function testOutbox() {
  const clock = fakeClock();
  const socket = new SlowSocket();
  return { clock, socket, outbox: new WsOutbox(socket, clock) };
}

/** Fills the socket's buffer beyond the limit. */
function fill(outbox: WsOutbox): void {
  outbox.send("big", event("big", BUFFER_LIMIT + 1));
}

describe("WsOutbox", () => {
  it("sends at once while the reader keeps up", () => {
    const { socket, outbox, clock } = testOutbox();
    outbox.send("atx", event("atx 1"));
    outbox.send("atx", event("atx 2"));
    outbox.send("pong", Uint8Array.of(0xff), true);
    expect(socket.sent).toEqual(["atx 1   ", "atx 2   ", "1 bytes"]);
    expect(clock.pending).toBe(0);
  });

  it("keeps only the newest event of each key for a reader that is behind", () => {
    const { socket, outbox } = testOutbox();
    fill(outbox);
    for (let count = 0; count < 1000; count += 1) {
      outbox.send("atx", event(`atx ${count}`));
      outbox.send("gpio:led1", event(`led ${count}`));
    }
    expect(outbox.waiting).toBe(2);
    expect(socket.sent).toHaveLength(1);
    socket.read();
    expect(socket.sent.slice(1)).toEqual(["atx 999 ", "led 999 "]);
    expect(outbox.waiting).toBe(0);
  });

  it("keeps the order of keys and never overtakes what waits", () => {
    const { socket, outbox } = testOutbox();
    fill(outbox);
    outbox.send("a", event("a"));
    socket.bufferedAmount = 0;
    outbox.send("b", event("b"));
    expect(socket.sent).toHaveLength(1);
    socket.read();
    expect(socket.sent.slice(1)).toEqual(["a       ", "b       "]);
  });

  it("stops flushing when the buffer is full again", () => {
    const { socket, outbox } = testOutbox();
    fill(outbox);
    outbox.send("huge", event("huge", BUFFER_LIMIT + 1));
    outbox.send("c", event("c"));
    socket.read();
    expect(socket.sent.slice(1)).toEqual(["huge    "]);
    socket.read();
    expect(socket.sent.slice(2)).toEqual(["c       "]);
  });

  it("sends a reader away that takes nothing for the whole time, and drops it a second later", async () => {
    const { socket, outbox, clock } = testOutbox();
    fill(outbox);
    outbox.send("a", event("a"));
    await clock.advance(STUCK_AFTER_MS - 1);
    expect(socket.closedWith).toBeUndefined();
    await clock.advance(1);
    expect(socket.closedWith).toBe("1008 does not read");
    expect(outbox.waiting).toBe(0);
    expect(socket.isTerminated).toBe(false);
    await clock.advance(1000);
    expect(socket.isTerminated).toBe(true);
  });

  it("keeps a slow reader that goes on reading", async () => {
    const { socket, outbox, clock } = testOutbox();
    fill(outbox);
    outbox.send("a", event("a", BUFFER_LIMIT + 1));
    outbox.send("b", event("b", BUFFER_LIMIT + 1));
    outbox.send("c", event("c", BUFFER_LIMIT + 1));
    for (let period = 0; period < 3; period += 1) {
      await clock.advance(STUCK_AFTER_MS - 1);
      socket.read();
    }
    expect(outbox.waiting).toBe(0);
    expect(socket.closedWith).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  it("does nothing for a socket that is closing or has failed", () => {
    const { socket, outbox, clock } = testOutbox();
    fill(outbox);
    outbox.send("a", event("a"));
    socket.read(new Error("broken pipe"));
    expect(outbox.waiting).toBe(1);
    outbox.close();
    expect(outbox.waiting).toBe(0);
    expect(clock.pending).toBe(0);
    socket.readyState = CLOSING;
    outbox.send("b", event("b"));
    expect(socket.sent).toHaveLength(1);
  });
});
