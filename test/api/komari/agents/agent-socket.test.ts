// Whatever an agent sends: it is taken, refused or answered, and the hub goes on.
import { EventEmitter } from "node:events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import { AgentSocket } from "../../../../src/api/komari/agents/agent-socket.ts";
import { Intake } from "../../../../src/api/komari/agents/intake.ts";
import { hubFixture, nodeReport, recordingLink } from "../../../support/hub-fixture.ts";
import { wireReport } from "../../../support/komari-agent-app.ts";

/** The part of a socket that an agent's connection uses. */
class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  readonly sent: string[] = [];
  pings = 0;

  ping(): void {
    this.pings += 1;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.readyState = 2;
  }

  terminate(): void {
    this.readyState = 3;
    this.emit("close");
  }
}

async function connected(version: 1 | 2) {
  const fixture = await hubFixture();
  const { hub, clock } = fixture;
  const [node, other] = [await fixture.addNode(), await fixture.addNode("other")];
  const intake = new Intake(hub);
  const open = (): FakeSocket => {
    const socket = new FakeSocket();
    const part = socket as unknown as WebSocket;
    const link = new AgentSocket({ socket: part, version, intake, clock });
    const identity = { node: node.id, dialect: "test", remoteAddress: "192.0.2.1" };
    link.begin(hub.ingest.attach(identity, link));
    return socket;
  };
  return { ...fixture, node, other, open };
}

const word = fc.constantFrom(
  "type",
  "report",
  "ping_result",
  "jsonrpc",
  "2.0",
  "id",
  "method",
  "params",
  "agent.report",
  "agent.basicInfo",
  "agent.pingResult",
  "agent.pull",
  "info",
  "task_id",
  "value",
  "cpu",
  "uptime",
);
const frame = fc.oneof(
  fc.string(),
  fc.json(),
  fc.dictionary(word, fc.oneof(word, fc.jsonValue())).map((value) => JSON.stringify(value)),
  fc
    .record({
      jsonrpc: fc.constant("2.0"),
      id: fc.jsonValue(),
      method: word,
      params: fc.dictionary(word, fc.jsonValue()),
    })
    .map((value) => JSON.stringify(value)),
);

describe.each([1, 2] as const)("an agent's connection of version %i", (version) => {
  it("survives every message and touches no other node", async () => {
    const { hub, other, connect, open } = await connected(version);
    connect(other, recordingLink()).report(nodeReport());
    const before = hub.ingest.latest(other.id);
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 20 }), (frames) => {
        const socket = open();
        for (const text of frames) socket.emit("message", Buffer.from(text));
        expect(socket.sent.length).toBeLessThanOrEqual(frames.length);
        for (const answer of socket.sent) expect(JSON.parse(answer)).toBeTypeOf("object");
        socket.terminate();
      }),
      { numRuns: 200 },
    );
    expect(hub.ingest.latest(other.id)).toBe(before);
    expect(hub.registry.nodes).toHaveLength(2);
  });

  it("is asked for a sign of life instead of being called away", async () => {
    const { hub, clock, node, open } = await connected(version);
    const socket = open();
    const report = wireReport();
    const text =
      version === 1 ? report : { jsonrpc: "2.0", method: "agent.report", params: { report } };
    socket.emit("message", Buffer.from(JSON.stringify(text)));
    await clock.advance(5000);
    expect(socket.pings).toBe(0);
    await clock.advance(3000);
    expect(socket.pings).toBe(1);
    socket.emit("pong");
    await clock.advance(8000);
    expect(socket.pings).toBe(2);
    expect(hub.presence.isOnline(node.id)).toBe(true);
    await clock.advance(5000);
    expect(hub.presence.isOnline(node.id)).toBe(false);
  });

  it("adds nothing to what an agent does not read", async () => {
    const { hub, node, open } = await connected(version);
    const socket = open();
    socket.bufferedAmount = 1024 * 1024;
    expect(hub.ingest.send(node.id, { kind: "terminal", stream: "x" })).toBe(false);
    expect(socket.sent).toEqual([]);
  });

  it("takes nothing after its end, and cuts off who goes on", async () => {
    const { hub, node, open } = await connected(version);
    const first = open();
    open();
    const text = JSON.stringify(wireReport());
    for (let count = 0; count < 40; count += 1) first.emit("message", Buffer.from(text));
    expect(hub.ingest.latest(node.id)).toBeUndefined();
    expect(first.readyState).toBe(3);
  });
});
