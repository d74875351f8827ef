import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { ValidationError } from "../../src/core/errors.ts";
import type { Principal } from "../../src/http/auth/principal.ts";
import { SendWindow } from "../../src/http/send-window.ts";
import { closeReason } from "../../src/http/socket-bytes.ts";
import { relayViewer } from "../../src/http/stream-relay.ts";
import type { RelayedStream, Viewer } from "../../src/http/stream-relay.ts";
import { recordingLogger } from "../support/recording-logger.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** The server's and the client's end of one connection. */
async function sockets(): Promise<{ readonly server: WebSocket; readonly client: WebSocket }> {
  const listener = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(listener, "listening");
  const address = listener.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const accepted = new Promise<WebSocket>((resolve) => {
    listener.once("connection", resolve);
  });
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(client, "open");
  ends.push(() => {
    client.terminate();
    listener.close();
  });
  return { server: await accepted, client };
}

/** A stream that remembers; `room` is how many messages it takes before it is behind. */
function recordingStream(room = Number.POSITIVE_INFINITY) {
  const taken: string[] = [];
  const told: string[] = [];
  const waiters: (() => void)[] = [];
  const listeners: { drain?: () => void; receive?: (bytes: Uint8Array) => void } = {};
  let onClose = (_reason: string): void => undefined;
  let left = room;
  const note = (list: string[], word: string): void => {
    list.push(word);
    for (const wake of waiters.splice(0)) wake();
  };
  const stream: RelayedStream = {
    send(bytes) {
      left -= 1;
      note(taken, Buffer.from(bytes).toString());
      return left > 0;
    },
    onReceive: (listener) => {
      listeners.receive = listener;
    },
    onDrain: (listener) => {
      listeners.drain = listener;
    },
    setPaused: (isPaused) => {
      note(told, isPaused ? "wait" : "go on");
    },
    close: (reason) => {
      note(told, reason);
      onClose(reason);
    },
    onClose: (listener) => {
      onClose = listener;
    },
  };
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        waiters.push(resolve);
      });
    }
  };
  const drain = (): void => {
    left = Number.POSITIVE_INFINITY;
    listeners.drain?.();
  };
  return { stream, taken, told, until, drain, say: (bytes: Buffer) => listeners.receive?.(bytes) };
}

function viewerOf(socket: WebSocket, open: () => Promise<RelayedStream>): Viewer<RelayedStream> {
  return {
    socket,
    principal: null,
    log: recordingLogger(),
    open,
    receive: (stream, bytes) => stream.send(bytes),
    end: (peer, why) => {
      peer.close(4000, closeReason(typeof why === "string" ? why : why.message));
    },
  };
}

async function closing(client: WebSocket): Promise<string> {
  const [code, reason]: unknown[] = await once(client, "close");
  return `${String(code)} ${String(reason)}`;
}

describe("a window of bytes on their way", () => {
  it("tells the source to wait above 256 KiB, and to go on below 64 KiB", () => {
    const told: boolean[] = [];
    const window = new SendWindow((isFull) => {
      told.push(isFull);
    });
    window.leave(256 * 1024);
    expect(told).toEqual([]);
    window.leave(1);
    window.leave(100);
    expect([told, window.isFull]).toEqual([[true], true]);
    window.arrive(192 * 1024);
    expect(told).toEqual([true]);
    window.arrive(101);
    expect([told, window.isFull]).toEqual([[true, false], false]);
    window.arrive(64 * 1024);
    expect(told).toEqual([true, false]);
  });
});

describe("the reason of a close frame", () => {
  it.each([
    ["short", "short"],
    ["x".repeat(200), "x".repeat(123)],
    ["终".repeat(60), "终".repeat(41)],
    ["😀".repeat(60), "😀".repeat(30)],
  ])("has room in it, whole letters only: %s", (text, cut) => {
    expect(closeReason(text)).toBe(cut);
  });
});

describe("a socket that is joined to a stream", () => {
  it("keeps what is typed before the stream is there", async () => {
    const { server, client } = await sockets();
    const { stream, taken, until } = recordingStream();
    let arrive = (_stream: RelayedStream): void => undefined;
    const open = () =>
      new Promise<RelayedStream>((resolve) => {
        arrive = resolve;
      });
    const joined = relayViewer(viewerOf(server, open));
    client.send("early");
    arrive(stream);
    await joined;
    client.send("late");
    await until(() => taken.length === 2);
    expect(taken).toEqual(["early", "late"]);
  });

  it("is not read while the other end is behind", async () => {
    const { server, client } = await sockets();
    const { stream, taken, until, drain } = recordingStream(1);
    await relayViewer(viewerOf(server, () => Promise.resolve(stream)));
    client.send("one");
    await until(() => taken.length === 1);
    expect(server.isPaused).toBe(true);
    drain();
    client.send("two");
    await until(() => taken.length === 2);
    expect(server.isPaused).toBe(false);
  });

  it("makes the stream wait for a slow reader", async () => {
    const { server, client } = await sockets();
    const { stream, told, until, say } = recordingStream();
    await relayViewer(viewerOf(server, () => Promise.resolve(stream)));
    client.pause();
    for (let count = 0; count < 160; count += 1) say(Buffer.alloc(100_000));
    expect(told).toEqual(["wait"]);
    client.resume();
    await until(() => told.length === 2);
    expect(told).toEqual(["wait", "go on"]);
  });

  it("ends with the stream, and the stream with it", async () => {
    const first = await sockets();
    const ended = recordingStream();
    await relayViewer(viewerOf(first.server, () => Promise.resolve(ended.stream)));
    ended.stream.close("viewerLeft");
    expect(await closing(first.client)).toBe("4000 viewerLeft");
    const second = await sockets();
    const left = recordingStream();
    await relayViewer(viewerOf(second.server, () => Promise.resolve(left.stream)));
    second.client.terminate();
    await left.until(() => left.told.length > 0);
    expect(left.told).toEqual(["viewerLeft"]);
  });

  it("is told why there is no stream, and of a fault only that there is one", async () => {
    const refused = await sockets();
    void relayViewer(
      viewerOf(refused.server, () => Promise.reject(new ValidationError("it is switched off"))),
    );
    expect(await closing(refused.client)).toBe("4000 it is switched off");
    const failed = await sockets();
    const log = recordingLogger();
    const broken = viewerOf(failed.server, () => Promise.reject(new Error("secret detail")));
    void relayViewer({ ...broken, log });
    expect(await closing(failed.client)).toBe("4000 The terminal failed; see the log");
    expect(log.records).toMatchObject([{ level: "error" }]);
  });

  it("gets no stream when its user is signed out meanwhile", async () => {
    const { server } = await sockets();
    const { stream, told, taken } = recordingStream();
    const revoking = new AbortController();
    const principal: Principal = {
      user: "ada",
      role: "admin",
      via: "cookie",
      revoked: revoking.signal,
    };
    const open = (): Promise<RelayedStream> => {
      revoking.abort();
      return Promise.resolve(stream);
    };
    await relayViewer({ ...viewerOf(server, open), principal });
    expect([told, taken]).toEqual([["viewerLeft"], []]);
  });
});
