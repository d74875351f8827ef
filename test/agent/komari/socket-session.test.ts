import { describe, expect, it } from "vitest";
import { runSocketSession } from "../../../src/agent/komari/socket-session.ts";
import { KomariReporter } from "../../../src/agent/komari/source.ts";
import type { KomariTasks } from "../../../src/agent/komari/tasks.ts";
import { createStore } from "../../../src/core/store.ts";
import type { ClientSocket } from "../../../src/platform/web/port.ts";
import { factsOf, sampleOf } from "../../support/agent-sample.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { recordingLogger } from "../../support/recording-logger.ts";

interface FakeSocket extends ClientSocket {
  readonly sent: string[];
  pings: number;
  isFull: boolean;
  isClosed: boolean;
  pong(): void;
}

function fakeSocket(): FakeSocket {
  const pongs = new Set<() => void>();
  const socket: FakeSocket = {
    sent: [],
    pings: 0,
    isFull: false,
    isClosed: false,
    bufferedBytes: 0,
    onMessage: () => () => undefined,
    onClose: () => () => undefined,
    onPong: (listener) => {
      pongs.add(listener);
      return () => {
        pongs.delete(listener);
      };
    },
    send(message) {
      if (socket.isFull) return false;
      socket.sent.push(String(message));
      return true;
    },
    ping() {
      socket.pings += 1;
    },
    close() {
      socket.isClosed = true;
    },
    pong() {
      for (const listener of pongs) listener();
    },
  };
  return socket;
}

function begin(intervalMs = 3000) {
  const clock = fakeClock();
  const socket = fakeSocket();
  const source = {
    facts: createStore(factsOf()),
    health: createStore(""),
    kvm: createStore(undefined),
    consoleUrl: "",
    version: "1",
    clock,
    log: recordingLogger(),
    intervalMs,
    infoIntervalMs: 300_000,
  };
  const reporter = new KomariReporter(source, createStore(sampleOf()));
  const stopping = new AbortController();
  let described = 0;
  const ended = runSocketSession({
    socket,
    version: 1,
    source,
    reporter,
    tasks: {} as KomariTasks,
    describe: () => {
      described += 1;
    },
    signal: stopping.signal,
  }).catch((error: unknown) => String(error));
  return { clock, socket, ended, stopping, descriptions: () => described };
}

describe("session on a socket", () => {
  it("reports at once and then at every interval", async () => {
    const { clock, socket, stopping } = begin();
    expect(socket.sent).toHaveLength(1);
    await clock.advance(9000);
    expect(socket.sent).toHaveLength(4);
    stopping.abort();
  });

  it("notices a server that is gone without a word, and not one that only answers pings", async () => {
    const alive = begin();
    const dead = begin();
    const answers = setAnswers(alive.socket);
    for (let second = 0; second < 120; second += 10) {
      answers();
      await alive.clock.advance(10_000);
      await dead.clock.advance(10_000);
    }
    expect(await dead.ended).toContain("The server is silent");
    expect(dead.socket.isClosed).toBe(true);
    expect(alive.socket.isClosed).toBe(false);
    expect(alive.socket.pings).toBe(6);
    alive.stopping.abort();
  });

  it("ends with a server that takes no more reports", async () => {
    const { clock, socket, ended } = begin();
    socket.isFull = true;
    await clock.advance(3000);
    expect(await ended).toContain("takes no more reports");
  });

  it("describes the machine from time to time, and leaves no timer behind", async () => {
    const { clock, socket, ended, stopping, descriptions } = begin();
    const answers = setAnswers(socket);
    for (let minute = 0; minute < 10; minute += 1) {
      for (let part = 0; part < 3; part += 1) {
        await clock.advance(20_000);
        answers();
      }
    }
    expect(descriptions()).toBe(2);
    stopping.abort();
    await ended;
    expect(clock.pending).toBe(0);
  });
});

function setAnswers(socket: FakeSocket): () => void {
  return () => {
    socket.pong();
  };
}
