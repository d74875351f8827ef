import { describe, expect, it } from "vitest";
import { EMPTY_GEO_IP, EMPTY_HOST, EMPTY_STATE } from "../../../src/protocol/nezha/messages.ts";
import { METHOD, TASK_TYPE, credentialMetadata } from "../../../src/protocol/nezha/service.ts";
import {
  bootReceiptCodec,
  receiptCodec,
  taskCodec,
  taskResultCodec,
} from "../../../src/protocol/nezha/shared.ts";
import { geoIpCodecV0, hostCodecV0, stateCodecV0 } from "../../../src/protocol/nezha/v0.ts";
import { geoIpCodecV1, hostCodecV1, stateCodecV1 } from "../../../src/protocol/nezha/v1.ts";
import type { GrpcChannel, GrpcMetadata } from "../../../src/platform/net/grpc/port.ts";
import { factsOfHost } from "../../../src/api/nezha/grpc/figures.ts";
import { hostFigures } from "../../../src/api/nezha/http/node-figures.ts";
import { HUB_START, hubFixture } from "../../support/hub-fixture.ts";
import { call, record, sharedAgent, startNezhaHub, uuidOf } from "../../support/nezha-hub.ts";
import type { NezhaHub, RecordedStream } from "../../support/nezha-hub.ts";

const GIB = 2 ** 30;
/** What agents of the two generations send for the same figures (Nezha facts 1.2). */
const STATE_V0 =
  "09000000000000294018808080800428808080805030e80738d00f40ac024890035080a30559000000000000e03f61000000000000d03f69000000000000c03f701478058001788a011a0a0f636f726574656d705f636f72655f30110000000000c0464091010000000000001e40";
const STATE_V1 =
  "09000000000000294010808080800420808080805028e80730d00f38ac024090034880a30551000000000000e03f59000000000000d03f61000000000000c03f68147005787882011a0a0f636f726574656d705f636f72655f30110000000000c046408a01100000000000001e400000000000000000";
const FIGURES = {
  cpuPercent: 12.5,
  memoryUsedBytes: GIB,
  swapUsedBytes: 0,
  diskUsedBytes: 20 * GIB,
  receivedBytes: 1000,
  sentBytes: 2000,
  receivedBytesPerSecond: 300,
  sentBytesPerSecond: 400,
  uptimeSeconds: 86_400,
  load1: 0.5,
  load5: 0.25,
  load15: 0.125,
  tcpConnections: 20,
  udpConnections: 5,
  processCount: 120,
  temperatures: [{ name: "coretemp_core_0", celsius: 45.5 }],
};
const HOST = {
  ...EMPTY_HOST,
  platform: "debian",
  platformVersion: "12.7",
  cpu: ["AMD EPYC 2 Virtual Core"],
  memTotal: 4 * GIB,
  diskTotal: 80 * GIB,
  swapTotal: GIB,
  arch: "x86_64",
  virtualization: "kvm",
  bootTime: 1_767_000_000,
  version: "1.15.0",
};
const RECEIPT = receiptCodec.encode({ proced: true });
const BOOT = Math.floor(HUB_START / 1000);

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

async function issue(
  { hub }: NezhaHub,
  name = "v0",
): Promise<{ id: number; as: GrpcMetadata; token: string }> {
  const { node, token } = await hub.registry.add({ notes: { name } });
  return { id: node.id, token, as: credentialMetadata("v0", { secret: token, uuid: "" }) };
}

interface V1Agent {
  readonly channel: GrpcChannel;
  readonly tasks: RecordedStream;
  readonly states: RecordedStream;
  readonly node: number;
}

/** What an agent of v1.1 and later does when it connects. */
async function connectV1(nezha: NezhaHub, as: GrpcMetadata, host = HOST): Promise<V1Agent> {
  const channel = await nezha.dial();
  await call(channel, METHOD.reportHost2, hostCodecV1.encode(host), as);
  const tasks = record(channel.stream(METHOD.requestTask, as));
  const states = record(channel.stream(METHOD.reportState, as));
  await states.stream.send(bytes(STATE_V1));
  await states.received(1);
  const node = nezha.hub.registry.byUuid(as["client_uuid"] ?? "")?.id ?? 0;
  return { channel, tasks, states, node };
}

describe("an agent of v0", () => {
  it("reports with single calls, and what it says is what the fleet sees", async () => {
    const nezha = await startNezhaHub();
    const { id, as } = await issue(nezha);
    const channel = await nezha.dial();
    const host = { ...HOST, ip: "203.0.113.1/2001:db8::1", countryCode: "US", version: "0.20.5" };
    expect(await call(channel, METHOD.reportHost, hostCodecV0.encode(host), as)).toEqual(RECEIPT);
    expect(await call(channel, METHOD.reportState, bytes(STATE_V0), as)).toEqual(RECEIPT);
    expect(nezha.hub.ingest.latest(id)).toMatchObject({
      ...FIGURES,
      memoryTotalBytes: 4 * GIB,
      swapTotalBytes: GIB,
      diskTotalBytes: 80 * GIB,
      gpuPercent: 7.5,
    });
    expect(nezha.hub.registry.byId(id)?.facts).toMatchObject({
      platform: "debian",
      platformVersion: "12.7",
      cpuModels: ["AMD EPYC"],
      logicalCores: 2,
      ipv4: "203.0.113.1",
      ipv6: "2001:db8::1",
      countryCode: "us",
      agentVersion: "0.20.5",
    });
    const lookup = geoIpCodecV0.encode({ ip: "203.0.113.1", countryCode: "" });
    const found = await call(channel, METHOD.lookupGeoIp, lookup, as);
    expect(geoIpCodecV0.decode(found)).toEqual({ ip: "203.0.113.1", countryCode: "us" });
  });

  it("asks for tasks once and is told them for as long as it is there", async () => {
    const nezha = await startNezhaHub();
    const { id, as } = await issue(nezha);
    const task = await nezha.hub.probes.add({
      name: "ping",
      type: "tcp",
      target: "example.com",
      intervalSeconds: 5,
      cover: "only",
      nodes: [id],
      weight: 0,
      isDefaultOn: false,
    });
    const channel = await nezha.dial();
    const tasks = record(channel.stream(METHOD.requestTask, as));
    await tasks.stream.send(hostCodecV0.encode({ ...HOST, version: "0.20.5" }));
    tasks.stream.end();
    await call(channel, METHOD.reportState, bytes(STATE_V0), as);
    await nezha.clock.advance(5000);
    await tasks.received(1);
    const [first = new Uint8Array()] = tasks.messages;
    // Komari's targets may leave the port out, Nezha's agents need one.
    const sent = { id: task.id, type: TASK_TYPE.tcpPing, data: "example.com:80" };
    expect(taskCodec.decode(first)).toEqual(sent);
    const result = { ...sent, delay: 12.5, data: "", successful: true };
    await call(channel, METHOD.reportTask, taskResultCodec.encode(result), as);
    expect(nezha.hub.ingest.counters.pings).toBe(1);
    // The same again was not asked for.
    await call(channel, METHOD.reportTask, taskResultCodec.encode(result), as);
    expect(nezha.hub.ingest.counters).toMatchObject({ pings: 1, strayPings: 0 });
  });
});

describe("an agent that answers no keepalive", () => {
  it.each([
    ["v0", "0.20.5"],
    ["v1", "1.0.3"],
  ] as const)("of %s is there for as long as its connection answers", async (kind, version) => {
    const nezha = await startNezhaHub();
    const { token } = await issue(nezha);
    const as = credentialMetadata(kind, { secret: token, uuid: uuidOf(1) });
    const [host, state] = kind === "v0" ? [hostCodecV0, STATE_V0] : [hostCodecV1, STATE_V1];
    const channel = await nezha.dial();
    const tasks = record(channel.stream(METHOD.requestTask, as));
    await tasks.stream.send(host.encode({ ...HOST, version }));
    tasks.stream.end();
    await expect.poll(() => nezha.listener.connected).toBe(1);
    const states = record(channel.stream(METHOD.reportState, as));
    await states.stream.send(bytes(state));
    await states.received(1);
    for (let second = 0; second < 30; second += 1) {
      await nezha.clock.advance(1000);
      // An answer to a question below the calls is there before that to a call.
      await call(channel, METHOD.reportHost, host.encode({ ...HOST, version }), as);
    }
    expect(nezha.hub.presence.isOnline(1)).toBe(true);
  });
});

describe("an agent of v1 and later", () => {
  it("makes itself known with the secret that all share, and reports over a stream", async () => {
    const nezha = await startNezhaHub();
    const { node, states } = await connectV1(nezha, sharedAgent(1));
    expect(states.messages).toEqual([RECEIPT]);
    expect(nezha.hub.registry.byId(node)).toMatchObject({ uuid: uuidOf(1), hasToken: false });
    expect(nezha.hub.ingest.latest(node)).toMatchObject({
      ...FIGURES,
      memoryTotalBytes: 4 * GIB,
      gpuPercent: 3.75,
      gpus: [{ utilizationPercent: 7.5 }, { utilizationPercent: 0 }],
    });
    await connectV1(nezha, sharedAgent(2));
    expect(nezha.hub.registry.nodes).toHaveLength(2);
    expect(nezha.listener.connected).toBe(2);
  });

  it("is told the same start of the hub by both calls that tell it, and its own address", async () => {
    const nezha = await startNezhaHub();
    const channel = await nezha.dial();
    const as = sharedAgent(1);
    const receipt = await call(channel, METHOD.reportHost2, hostCodecV1.encode(HOST), as);
    expect(bootReceiptCodec.decode(receipt).data).toBe(BOOT);
    const reply = await call(channel, METHOD.reportGeoIp, geoIpCodecV1.encode(EMPTY_GEO_IP), as);
    expect(geoIpCodecV1.decode(reply)).toEqual({ ...EMPTY_GEO_IP, dashboardBootTime: BOOT });
    expect(nezha.hub.registry.byUuid(uuidOf(1))?.facts.ipv4).toBe("127.0.0.1");
    const known = { ...EMPTY_GEO_IP, ip: { ipv4: "203.0.113.9", ipv6: "" } };
    await call(channel, METHOD.reportGeoIp, geoIpCodecV1.encode(known), as);
    expect(nezha.hub.registry.byUuid(uuidOf(1))?.facts).toMatchObject({
      ipv4: "203.0.113.9",
      ipv6: "",
    });
  });

  it("is kept alive by a task every 20 s, one of v0 every minute", async () => {
    const nezha = await startNezhaHub();
    const { tasks, node } = await connectV1(nezha, sharedAgent(1));
    const { id, as } = await issue(nezha);
    const old = record((await nezha.dial()).stream(METHOD.requestTask, as));
    await old.stream.send(hostCodecV0.encode(HOST));
    await expect.poll(() => nezha.listener.connected).toBe(2);
    await nezha.clock.advance(60_000);
    // One more, because it does not report: is it there?
    await tasks.received(4);
    await old.received(1);
    const keepalive = { id: 0, type: TASK_TYPE.keepalive, data: "" };
    expect(tasks.messages.map((message) => taskCodec.decode(message))).toEqual([
      keepalive,
      keepalive,
      keepalive,
      keepalive,
    ]);
    expect(old.messages.map((message) => taskCodec.decode(message))).toEqual([keepalive]);
    expect([node, id]).toEqual([1, 2]);
  });

  it("that is silent is asked, and is there for as long as it answers", async () => {
    const nezha = await startNezhaHub();
    const as = sharedAgent(1);
    const { channel, tasks, node } = await connectV1(nezha, as);
    const answer = { id: 0, type: TASK_TYPE.keepalive, delay: 0, data: "", successful: false };
    for (let second = 0; second < 30; second += 1) {
      await nezha.clock.advance(1000);
      await call(channel, METHOD.reportTask, taskResultCodec.encode(answer), as);
    }
    expect(tasks.messages.length).toBe(1);
    expect(nezha.hub.presence.isOnline(node)).toBe(true);
    await nezha.clock.advance(12_000);
    expect(nezha.hub.presence.isOnline(node)).toBe(false);
  });

  it("answers tasks on the stream that it gets them by; half of it ended means that it leaves", async () => {
    const nezha = await startNezhaHub();
    const { tasks, states, node } = await connectV1(nezha, sharedAgent(1));
    expect(
      nezha.hub.ingest.send(node, { kind: "ping", task: 1, type: "icmp", target: "::1" }),
    ).toBe(true);
    await tasks.received(1);
    tasks.stream.end();
    expect(await tasks.closed).toEqual([0, ""]);
    expect(await states.closed).toEqual([0, ""]);
    expect(
      nezha.hub.ingest.send(node, { kind: "ping", task: 1, type: "icmp", target: "::1" }),
    ).toBe(false);
  });

  it("of v1.0.0 asks with its host and tells results by calls", async () => {
    const nezha = await startNezhaHub();
    const as = sharedAgent(1);
    const channel = await nezha.dial();
    await call(channel, METHOD.reportHost, hostCodecV1.encode(HOST), as);
    const tasks = record(channel.stream(METHOD.requestTask, as));
    await tasks.stream.send(hostCodecV1.encode(HOST));
    tasks.stream.end();
    await expect.poll(() => nezha.listener.connected).toBe(1);
    const probe = { kind: "ping", task: 9, type: "http", target: "http://example.com/" } as const;
    await expect.poll(() => nezha.hub.ingest.send(1, probe)).toBe(true);
    await tasks.received(1);
    const [message = new Uint8Array()] = tasks.messages;
    expect(taskCodec.decode(message)).toEqual({
      id: 9,
      type: TASK_TYPE.httpGet,
      data: probe.target,
    });
  });

  it("that says nothing for long is cut off, so that it connects anew", async () => {
    const nezha = await startNezhaHub();
    const { states, tasks } = await connectV1(nezha, sharedAgent(1));
    await nezha.clock.advance(301_000);
    expect((await states.closed)[0]).toBe(14);
    expect((await tasks.closed)[0]).toBe(14);
    expect(nezha.listener.connected).toBe(0);
  });

  it("whose node is removed is told so at once", async () => {
    const nezha = await startNezhaHub();
    const { states, node } = await connectV1(nezha, sharedAgent(1));
    await nezha.hub.registry.remove(node);
    expect(await states.closed).toEqual([2, "This node was removed"]);
  });
});

describe("processors", () => {
  it.each([
    [["AMD EPYC 2 Virtual Core"], ["AMD EPYC"]],
    [["Cortex-A72 4 Physical Core"], ["Cortex-A72"]],
    [["Cortex-A53 4 Physical Core", "Cortex-A72 2 Physical Core"], undefined],
    [["something new"], ["something new"]],
  ])("%j reach clients of this dialect as they came", async (cpu, models = cpu) => {
    const { hub } = await hubFixture();
    const { node } = await hub.registry.add({});
    const host = { ...HOST, cpu, virtualization: "" };
    hub.registry.learn(node.id, factsOfHost(host, "v1"));
    const learnt = hub.registry.byId(node.id) ?? node;
    expect(learnt.facts.cpuModels).toEqual(models);
    const shown = hostFigures(learnt, undefined).cpu;
    expect(shown).toEqual(cpu[0] === "something new" ? ["something new 1 Virtual Core"] : cpu);
    await hub.close();
  });

  it.each([
    ["none", 8, "Xeon 16 Physical Core"],
    ["kvm", 8, "Xeon 16 Virtual Core"],
  ])(
    "of an agent of another dialect on %s are written like that",
    async (virtualization, physicalCores, text) => {
      const { hub } = await hubFixture();
      const { node } = await hub.registry.add({});
      const facts = {
        ...node.facts,
        cpuModels: ["Xeon"],
        logicalCores: 16,
        physicalCores,
        virtualization,
      };
      expect(
        hostFigures(
          { ...node, facts: { ...facts, osName: "Debian GNU/Linux 12 (bookworm)" } },
          undefined,
        ),
      ).toMatchObject({
        cpu: [text],
        platform: "debian",
        platformVersion: "12",
      });
      await hub.close();
    },
  );
});

describe("figures that cannot be", () => {
  it("are 0 when a counter has wrapped, and never more than there is", async () => {
    const nezha = await startNezhaHub();
    const { states, node } = await connectV1(nezha, sharedAgent(1));
    const absurd = {
      ...EMPTY_STATE,
      cpu: 250,
      memUsed: 2 ** 64 - 4096,
      diskUsed: 500 * GIB,
      netInSpeed: 2 ** 63,
      netOutTransfer: 2 ** 63 + 2 ** 20,
    };
    await states.stream.send(stateCodecV1.encode(absurd));
    await states.received(2);
    expect(nezha.hub.ingest.latest(node)).toMatchObject({
      cpuPercent: 100,
      memoryUsedBytes: 0,
      diskUsedBytes: 80 * GIB,
      receivedBytesPerSecond: 0,
      sentBytes: 0,
    });
    await states.stream.send(stateCodecV1.encode({ ...EMPTY_STATE, cpu: Number.NaN }));
    await states.received(3);
    expect(nezha.hub.ingest.latest(node)?.cpuPercent).toBe(0);
  });

  it("in the numbers of the other generation do not become a node's: who calls decides", async () => {
    const nezha = await startNezhaHub();
    const { id, as } = await issue(nezha);
    const channel = await nezha.dial();
    await call(
      channel,
      METHOD.reportState,
      stateCodecV0.encode({ ...EMPTY_STATE, memUsed: 5 }),
      as,
    );
    expect(nezha.hub.ingest.latest(id)).toMatchObject({ memoryUsedBytes: 5, swapUsedBytes: 0 });
  });
});
