// Who gets in at the agents' door, and what becomes of those who behave badly there.
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { AGENT_METHODS } from "../../../src/api/nezha/grpc/methods.ts";
import { SPARE_STRANGERS } from "../../../src/api/nezha/grpc/strangers.ts";
import { parseListen } from "../../../src/api/nezha/listener.ts";
import type { GrpcMetadata } from "../../../src/platform/net/grpc/port.ts";
import { createSelfSigned } from "../../../src/http/self-signed.ts";
import { EMPTY_HOST, EMPTY_STATE } from "../../../src/protocol/nezha/messages.ts";
import { METHOD, TASK_TYPE, credentialMetadata } from "../../../src/protocol/nezha/service.ts";
import { taskResultCodec } from "../../../src/protocol/nezha/shared.ts";
import { stateCodecV0 } from "../../../src/protocol/nezha/v0.ts";
import { hostCodecV1, stateCodecV1 } from "../../../src/protocol/nezha/v1.ts";
import { startNezhaAgent } from "../../support/nezha-agent.ts";
import { createStore, until } from "../../../src/core/store.ts";
import {
  SHARED,
  call,
  record,
  sharedAgent,
  startNezhaHub,
  statusOf,
  uuidOf,
} from "../../support/nezha-hub.ts";

const EMPTY = new Uint8Array();
const STATE = stateCodecV1.encode({ ...EMPTY_STATE, cpu: 1 });
const HOST = hostCodecV1.encode({ ...EMPTY_HOST, platform: "debian", bootTime: 1_767_000_000 });

/** Callers who may not, by what is wrong with them. */
const STRANGERS: Readonly<Record<string, GrpcMetadata>> = {
  "nothing at all": {},
  "an empty secret": credentialMetadata("v0", { secret: "", uuid: "" }),
  "a wrong token": credentialMetadata("v0", { secret: "x".repeat(32), uuid: "" }),
  "the shared secret without a uuid": credentialMetadata("v0", { secret: SHARED, uuid: "" }),
  "a wrong shared secret": sharedAgent(1, "wrong"),
  "a secret with more behind it": sharedAgent(1, `${SHARED}0`),
  "a uuid that is none": credentialMetadata("v1", { secret: SHARED, uuid: "root" }),
  "a very long secret": sharedAgent(1, "x".repeat(4000)),
};

describe("every method that agents call", () => {
  it.each(AGENT_METHODS.map(({ path, access }) => [path, access] as const))(
    "%s is for agents, and refuses all others",
    async (path, access) => {
      expect(access).toBe("agent");
      const nezha = await startNezhaHub();
      let channel = await nezha.dial();
      for (const [index, [what, metadata]] of Object.entries(STRANGERS).entries()) {
        // There is a brake on wrong secrets: it must not be what refuses them. Nor is a stranger's connection kept.
        if (index % 4 === 3) {
          await nezha.clock.advance(61_000);
          channel = await nezha.dial();
        }
        const [status] = await statusOf(call(channel, path, EMPTY, metadata));
        expect([what, status]).toEqual([what, 16]);
      }
      expect(nezha.hub.registry.nodes).toEqual([]);
      expect(nezha.hub.ingest.counters.unauthorized).toBe(Object.keys(STRANGERS).length);
    },
  );

  it("is one that is known: others are answered as not implemented", async () => {
    const nezha = await startNezhaHub();
    const path = "/proto.NezhaService/";
    expect((await statusOf(call(await nezha.dial(), path, EMPTY, {})))[0]).toBe(12);
  });
});

describe("whose call it is", () => {
  it("follows from a node's own token, whatever uuid stands beside it", async () => {
    const nezha = await startNezhaHub();
    const { registry } = nezha.hub;
    const mine = await registry.add({ notes: { name: "mine" } });
    const other = await registry.add({ notes: { name: "other" }, uuid: uuidOf(7) });
    const as = credentialMetadata("v1", { secret: mine.token, uuid: uuidOf(7) });
    await call(await nezha.dial(), METHOD.reportHost2, HOST, as);
    expect(registry.byId(mine.node.id)?.facts.platform).toBe("debian");
    expect(registry.byId(other.node.id)?.facts.platform).toBe("");
  });

  it("is nobody's who only has the shared secret, for a node that was given a token", async () => {
    const nezha = await startNezhaHub();
    const { registry } = nezha.hub;
    await registry.add({ notes: { name: "mine" }, uuid: uuidOf(7) });
    const channel = await nezha.dial();
    const refused = [16, "this node has a secret of its own"];
    expect(await statusOf(call(channel, METHOD.reportHost2, HOST, sharedAgent(7)))).toEqual(
      refused,
    );
    // The same once a node that made itself known is given one.
    await call(channel, METHOD.reportHost2, HOST, sharedAgent(8));
    const { id } = registry.byUuid(uuidOf(8)) ?? { id: 0 };
    const { token } = await registry.renewToken(id);
    expect(await statusOf(call(channel, METHOD.reportHost2, HOST, sharedAgent(8)))).toEqual(
      refused,
    );
    await call(channel, METHOD.reportHost2, HOST, sharedAgent(8, token));
  });

  it("is never decided by an empty shared secret", async () => {
    const nezha = await startNezhaHub({ secret: "" });
    const status = await statusOf(
      call(await nezha.dial(), METHOD.reportHost2, HOST, sharedAgent(1, "")),
    );
    expect(status[0]).toBe(16);
  });

  it("is told by either spelling of the names", async () => {
    const nezha = await startNezhaHub();
    const channel = await nezha.dial();
    const hyphens = { "client-secret": SHARED, "client-uuid": uuidOf(1) };
    const underscores = { client_secret: SHARED, client_uuid: uuidOf(1).toUpperCase() };
    await call(channel, METHOD.reportHost2, HOST, hyphens);
    await call(channel, METHOD.reportHost2, HOST, underscores);
    expect(nezha.hub.registry.nodes).toHaveLength(1);
  });
});

describe("nodes that make themselves known", () => {
  it("are no more than the fleet may have", async () => {
    const nezha = await startNezhaHub({ maxNodes: 2 });
    const channel = await nezha.dial();
    for (const number of [1, 2]) await call(channel, METHOD.reportHost2, HOST, sharedAgent(number));
    const refused = [8, "There are 2 nodes already"];
    expect(await statusOf(call(channel, METHOD.reportHost2, HOST, sharedAgent(3)))).toEqual(
      refused,
    );
    await call(channel, METHOD.reportHost2, HOST, sharedAgent(2));
  });

  it("are one when their first calls come at the same time", async () => {
    const nezha = await startNezhaHub();
    const channel = await nezha.dial();
    const calls = [1, 2, 3, 4].map(() => call(channel, METHOD.reportHost2, HOST, sharedAgent(1)));
    await Promise.all(calls);
    expect(nezha.hub.registry.nodes).toHaveLength(1);
  });

  it("come in at a bounded rate", async () => {
    const nezha = await startNezhaHub({ maxNodes: 1000 });
    const channel = await nezha.dial();
    const first = Array.from({ length: 230 }, (_, index) =>
      statusOf(call(channel, METHOD.reportHost2, HOST, sharedAgent(index + 1))),
    );
    const refused = (await Promise.all(first)).filter(([status]) => status === 8);
    expect(refused.length).toBeGreaterThanOrEqual(30);
    expect(nezha.hub.registry.nodes.length).toBeLessThanOrEqual(200);
    await nezha.clock.advance(5000);
    await call(channel, METHOD.reportHost2, HOST, sharedAgent(999));
  });
});

describe("wrong secrets", () => {
  it("make their address wait, but not the nodes that were let in from it", async () => {
    const nezha = await startNezhaHub();
    const channel = await nezha.dial();
    const own = await nezha.hub.registry.add({ notes: { name: "own" } });
    await call(channel, METHOD.reportHost2, HOST, sharedAgent(1));
    for (let guess = 0; guess < 8; guess += 1) {
      await statusOf(call(channel, METHOD.reportHost2, HOST, sharedAgent(2, `guess ${guess}`)));
    }
    // Right now, and still refused: guessing must not be worth it.
    const waiting = [16, "too many wrong secrets from this address, try again later"];
    expect(await statusOf(call(channel, METHOD.reportHost2, HOST, sharedAgent(2)))).toEqual(
      waiting,
    );
    await call(channel, METHOD.reportHost2, HOST, sharedAgent(1));
    const token = credentialMetadata("v0", { secret: own.token, uuid: "" });
    await call(channel, METHOD.reportHost, HOST, token);
    await nezha.clock.advance(61_000);
    await call(channel, METHOD.reportHost2, HOST, sharedAgent(2));
  });
});

describe("behind a proxy that is trusted", () => {
  it("an agent's address is the one that the proxy tells, and wrong secrets brake only that", async () => {
    const nezha = await startNezhaHub({ trustedProxies: ["loopback"] });
    const channel = await nezha.dial();
    const from = (address: string, number: number, secret = SHARED): GrpcMetadata => ({
      ...sharedAgent(number, secret),
      "x-forwarded-for": address,
    });
    for (let guess = 0; guess < 8; guess += 1) {
      const wrong = from("203.0.113.9", 1, `guess ${guess}`);
      await statusOf(call(channel, METHOD.reportHost2, HOST, wrong));
    }
    const braked = await statusOf(call(channel, METHOD.reportHost2, HOST, from("203.0.113.9", 1)));
    expect(braked[0]).toBe(16);
    await call(channel, METHOD.reportHost2, HOST, from("203.0.113.10", 2));
    const { id } = nezha.hub.registry.byUuid(uuidOf(2)) ?? { id: 0 };
    expect(nezha.hub.ingest.remoteAddress(id)).toBe("203.0.113.10");
  });
});

describe("two machines with one identity", () => {
  it("do not push each other out: the second waits until the first is silent", async () => {
    const nezha = await startNezhaHub();
    const as = sharedAgent(1);
    const first = await nezha.dial();
    await call(first, METHOD.reportHost2, HOST, as);
    const states = record(first.stream(METHOD.reportState, as));
    await states.stream.send(STATE);
    await states.received(1);
    const second = await nezha.dial();
    const refused = [2, "another machine reports with this identity"];
    const late = record(second.stream(METHOD.reportState, as));
    expect(await late.closed).toEqual(refused);
    await states.stream.send(STATE);
    await states.received(2);
    await nezha.clock.advance(12_000);
    const again = record(second.stream(METHOD.reportState, as));
    await again.stream.send(STATE);
    await again.received(1);
    const replaced = [2, "A newer connection of this node has taken its place"];
    expect(await states.closed).toEqual(replaced);
    expect(nezha.listener.connected).toBe(1);
    expect(nezha.hub.ingest.counters.duplicate).toBe(1);
  });
});

describe("messages that are none", () => {
  const garbage = Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2, 3);
  /** With 10 bytes of padding in a field that nobody knows. */
  const huge = new Uint8Array(70 * 1024).fill(0x62, 0, 1).fill(0x7f, 1, 2);

  it.each([
    [METHOD.reportHost2, garbage, 3],
    [METHOD.reportHost, garbage, 3],
    [METHOD.reportTask, garbage, 3],
    [METHOD.reportGeoIp, garbage, 3],
    [METHOD.reportHost2, huge, 8],
    [METHOD.reportGeoIp, huge, 8],
  ] as const)("are refused by %s and counted", async (path, message, status) => {
    const nezha = await startNezhaHub();
    const as = sharedAgent(1);
    const channel = await nezha.dial();
    expect((await statusOf(call(channel, path, message, as)))[0]).toBe(status);
    const { malformed, oversize } = nezha.hub.ingest.counters;
    expect([malformed, oversize]).toEqual(status === 3 ? [1, 0] : [0, 1]);
    // The connection is as good as before.
    await call(channel, METHOD.reportHost2, HOST, as);
  });

  it.each([METHOD.reportState, METHOD.requestTask, METHOD.ioStream])(
    "end the stream %s of that agent alone",
    async (path) => {
      const nezha = await startNezhaHub();
      const neighbor = record((await nezha.dial()).stream(METHOD.reportState, sharedAgent(2)));
      await neighbor.stream.send(STATE);
      await neighbor.received(1);
      const stream = record((await nezha.dial()).stream(path, sharedAgent(1)));
      await stream.stream.send(Uint8Array.of(0x08, 0x01, ...garbage));
      expect((await stream.closed)[0]).toBe(3);
      await neighbor.stream.send(STATE);
      await neighbor.received(2);
    },
  );

  it("longer than four mebibytes never reach us", async () => {
    const nezha = await startNezhaHub();
    const channel = await nezha.dial();
    const message = new Uint8Array(5 * 1024 * 1024);
    expect((await statusOf(call(channel, METHOD.reportHost2, message, sharedAgent(1))))[0]).toBe(8);
  });
});

describe("connections of strangers", () => {
  const knock = (port: number): Promise<Socket> =>
    new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        resolve(socket);
      });
      socket.on("error", () => undefined);
      // One that does not read is never told of its end.
      socket.resume();
      onTestFinished(() => {
        socket.destroy();
      });
    });

  it("end when nobody has said who it is for half a minute; those of agents stay", async () => {
    const nezha = await startNezhaHub();
    const states = record((await nezha.dial()).stream(METHOD.reportState, sharedAgent(1)));
    await states.stream.send(STATE);
    await states.received(1);
    const silent = await knock(nezha.listener.port);
    const closed = once(silent, "close");
    await nezha.clock.advance(35_000);
    await closed;
    await states.stream.send(STATE);
    await states.received(2);
    expect(nezha.listener.connected).toBe(1);
  });

  it("are so many of one address; those of agents do not count", async () => {
    const nezha = await startNezhaHub({ connectionsPerAddress: 1 });
    await call(await nezha.dial(), METHOD.reportHost2, HOST, sharedAgent(1));
    await call(await nezha.dial(), METHOD.reportHost2, HOST, sharedAgent(2));
    await knock(nezha.listener.port);
    await once(await knock(nezha.listener.port), "close");
    expect(nezha.hub.registry.nodes).toHaveLength(2);
  });

  it("take no room from agents: of too many the oldest goes", async () => {
    const nezha = await startNezhaHub({ connectionsPerAddress: 1000 });
    const first = await knock(nezha.listener.port);
    const closed = once(first, "close");
    for (let more = 0; more < SPARE_STRANGERS; more += 1) await knock(nezha.listener.port);
    await closed;
    await call(await nezha.dial(), METHOD.reportHost2, HOST, sharedAgent(1));
    expect(nezha.hub.registry.nodes).toHaveLength(1);
  });
});

describe("an agent that sends too much", () => {
  it("is cut off, and the others notice nothing", async () => {
    const nezha = await startNezhaHub();
    const neighbor = record((await nezha.dial()).stream(METHOD.reportState, sharedAgent(2)));
    await neighbor.stream.send(STATE);
    await neighbor.received(1);
    const flood = record((await nezha.dial()).stream(METHOD.reportState, sharedAgent(1)));
    const sending = (async () => {
      for (let sent = 0; sent < 1000; sent += 1) await flood.stream.send(STATE);
    })();
    const [status, text] = await flood.closed;
    await sending.catch(() => undefined);
    expect([status, text]).toEqual([2, "This agent sends too much"]);
    expect(nezha.hub.ingest.counters.flooded).toBeGreaterThan(500);
    await neighbor.stream.send(STATE);
    await neighbor.received(2);
  });

  it("cannot answer for others, or what it was not asked", async () => {
    const nezha = await startNezhaHub();
    const { hub } = nezha;
    const { node } = await hub.registry.add({ notes: { name: "covered" } });
    const task = await hub.probes.add({
      name: "ping",
      type: "icmp",
      target: "192.0.2.1",
      intervalSeconds: 60,
      cover: "only",
      nodes: [node.id],
      weight: 0,
      isDefaultOn: false,
    });
    const result = { id: task.id, type: TASK_TYPE.icmpPing, delay: 1, data: "", successful: true };
    const channel = await nezha.dial();
    await call(channel, METHOD.reportTask, taskResultCodec.encode(result), sharedAgent(1));
    const forged = { ...result, type: TASK_TYPE.command, data: "done" };
    await call(channel, METHOD.reportTask, taskResultCodec.encode(forged), sharedAgent(1));
    expect(hub.ingest.counters).toMatchObject({ pings: 0 });
  });
});

describe("the listener", () => {
  it("speaks TLS where it is told to", async () => {
    const certificate = await createSelfSigned({
      hostName: "hub",
      addresses: ["127.0.0.1"],
      notBefore: Date.now() - 86_400_000,
      notAfter: Date.now() + 86_400_000,
    });
    const nezha = await startNezhaHub({ tls: createStore(certificate) });
    await call(await nezha.dial(), METHOD.reportHost2, HOST, sharedAgent(1));
    expect(nezha.hub.registry.nodes).toHaveLength(1);
  });

  it.each([
    ["0.0.0.0:5555", { host: "0.0.0.0", port: 5555 }],
    [":5555", { host: "::", port: 5555 }],
    ["[2001:db8::1]:1", { host: "2001:db8::1", port: 1 }],
    ["hub.example:0", { host: "hub.example", port: 0 }],
  ])("understands %s", (text, expected) => {
    expect(parseListen(text)).toEqual(expected);
  });

  it.each(["5555", "host", "a b:1", "host:65536", "2001:db8::1:5555", "http://host:1"])(
    "does not take %s for an address",
    (text) => {
      expect(() => parseListen(text)).toThrow("is not host:port");
    },
  );

  it("takes no report of v0 for one of a node that only knows the shared secret", async () => {
    const nezha = await startNezhaHub();
    const as = credentialMetadata("v0", { secret: SHARED, uuid: "" });
    const state = stateCodecV0.encode({ ...EMPTY_STATE, cpu: 1 });
    expect((await statusOf(call(await nezha.dial(), METHOD.reportState, state, as)))[0]).toBe(16);
  });
});

describe("our own agent", () => {
  it.each(["auto", "v0"] as const)("reports to our own hub, generation %s", async (generation) => {
    const nezha = await startNezhaHub();
    const { node, token } = await nezha.hub.registry.add({ notes: { name: "own" } });
    const agent = startNezhaAgent(nezha.listener.port, { secret: token, generation });
    try {
      await until(agent.uplink.state, ({ phase }) => phase === "online");
      await expect.poll(() => nezha.hub.ingest.latest(node.id)?.cpuPercent).toBe(12.5);
      const spoken = generation === "v0" ? "nezha v0" : "nezha v1";
      expect(agent.uplink.state.value.dialect).toBe(spoken);
      await expect.poll(() => nezha.hub.registry.byId(node.id)?.facts.platform).toBe("debian");
      expect(nezha.hub.ingest.latest(node.id)).toMatchObject({
        memoryUsedBytes: 400,
        memoryTotalBytes: 1000,
        receivedBytes: 7000,
        processCount: 13,
      });
    } finally {
      await agent.stop();
    }
  });
});
