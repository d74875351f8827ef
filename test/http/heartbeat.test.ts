import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import { silentLogger } from "../../src/core/log.ts";
import { Heartbeat } from "../../src/http/heartbeat.ts";
import { fakeClock } from "../support/fake-clock.ts";

/** The part of a socket that a heartbeat sees. */
class Peer extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  pings = 0;
  isDropped = false;
  readonly answers: boolean;

  constructor(answers: boolean) {
    super();
    this.answers = answers;
  }

  ping(): void {
    this.pings += 1;
    if (this.answers) this.emit("pong");
  }

  terminate(): void {
    this.isDropped = true;
    this.emit("close");
  }
}

function setUp(count: number, answers = true) {
  const clock = fakeClock();
  const heartbeat = new Heartbeat(clock, silentLogger);
  const peers = Array.from({ length: count }, () => new Peer(answers));
  for (const peer of peers) heartbeat.add(peer as unknown as WebSocket);
  const pinged = (): number => peers.filter(({ pings }) => pings > 0).length;
  const dropped = (): number => peers.filter(({ isDropped }) => isDropped).length;
  return { clock, peers, pinged, dropped };
}

describe("the heartbeat", () => {
  it("drops whoever does not answer within half of its period, and stops with the last one", async () => {
    const { clock, pinged, dropped } = setUp(3, false);
    await clock.advance(15_000);
    expect([pinged(), dropped()]).toEqual([3, 0]);
    await clock.advance(7500);
    expect(dropped()).toBe(3);
    expect(clock.pending).toBe(0);
  });

  it("goes on with those that answer", async () => {
    const { clock, peers, dropped } = setUp(2);
    await clock.advance(60_000);
    expect(dropped()).toBe(0);
    expect(peers[0]?.pings).toBe(4);
  });

  it("pings a fleet in turns, and nobody is dropped who could not answer yet", async () => {
    const { clock, peers, pinged, dropped } = setUp(1000);
    await clock.advance(15_000);
    expect(pinged()).toBe(250);
    await clock.advance(150);
    expect(pinged()).toBe(1000);
    await clock.advance(60_000);
    expect(dropped()).toBe(0);
    expect(Math.min(...peers.map(({ pings }) => pings))).toBe(4);
  });

  it("survives that everybody leaves between two turns", async () => {
    const { clock, peers } = setUp(600);
    await clock.advance(15_000);
    for (const peer of peers) peer.terminate();
    expect(clock.pending).toBe(0);
  });
});
