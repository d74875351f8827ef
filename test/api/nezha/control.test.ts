// Commands and terminals through a Nezha agent, from the person to the agent and back.
import { describe, expect, it } from "vitest";
import type { StreamEnd } from "../../../src/hub/control.ts";
import {
  attachFrame,
  attachedStream,
  parseTerminalFrame,
  streamIdOf,
} from "../../../src/protocol/nezha/io-stream.ts";
import { EMPTY_HOST } from "../../../src/protocol/nezha/messages.ts";
import { METHOD, TASK_TYPE } from "../../../src/protocol/nezha/service.ts";
import { ioDataCodec, taskCodec, taskResultCodec } from "../../../src/protocol/nezha/shared.ts";
import { hostCodecV1 } from "../../../src/protocol/nezha/v1.ts";
import type { NezhaTaskResult } from "../../../src/protocol/nezha/messages.ts";
import { call, record, sharedAgent, startNezhaHub } from "../../support/nezha-hub.ts";
import type { NezhaHub, RecordedStream } from "../../support/nezha-hub.ts";

const ADMIN = { user: "admin", address: "192.0.2.1" };

interface Connected {
  readonly tasks: RecordedStream;
  readonly node: number;
}

/** An agent with everything allowed, waiting for tasks. */
async function connect(nezha: NezhaHub, number: number, version = "2.3.3"): Promise<Connected> {
  const { hub } = nezha;
  const channel = await nezha.dial();
  const as = sharedAgent(number);
  await call(channel, METHOD.reportHost2, hostCodecV1.encode({ ...EMPTY_HOST, version }), as);
  const tasks = record(channel.stream(METHOD.requestTask, as));
  await expect.poll(() => nezha.listener.connected).toBe(number);
  const node = hub.registry.byUuid(as["client_uuid"] ?? "")?.id ?? 0;
  await hub.control.permit(ADMIN, node, { command: true, terminal: true });
  return { tasks, node };
}

/** The newest task that the agent was told. */
async function nextTask({ tasks }: Connected, count = 1) {
  await tasks.received(count);
  return taskCodec.decode(tasks.messages[count - 1] ?? new Uint8Array());
}

const answer = (tasks: RecordedStream, result: NezhaTaskResult): Promise<void> =>
  tasks.stream.send(taskResultCodec.encode(result));

describe("a command", () => {
  it.each([
    ["done\n", true, 0],
    ["partly\nexit status 3", false, 3],
    ["signal: killed", false, undefined],
  ])("that answers %j ends with its outcome", async (data, successful, exitCode) => {
    const nezha = await startNezhaHub();
    const agent = await connect(nezha, 1);
    const run = await nezha.hub.control.run(ADMIN, [agent.node], "make me a sandwich");
    const task = await nextTask(agent);
    expect(task).toMatchObject({ type: TASK_TYPE.command, data: "make me a sandwich" });
    expect(task.id).toBeGreaterThan(0);
    await answer(agent.tasks, { id: task.id, type: task.type, delay: 0.1, data, successful });
    await expect
      .poll(async () => (await nezha.hub.control.commandRun(run.id))?.outcomes)
      .toMatchObject([{ node: agent.node, output: data, exitCode }]);
  });

  it("is not answered by another agent, nor twice", async () => {
    const nezha = await startNezhaHub();
    const asked = await connect(nezha, 1);
    const other = await connect(nezha, 2);
    const run = await nezha.hub.control.run(ADMIN, [asked.node], "id");
    const task = await nextTask(asked);
    const result = { id: task.id, type: task.type, delay: 0, data: "root", successful: true };
    await answer(other.tasks, { ...result, data: "forged" });
    await answer(asked.tasks, result);
    await answer(asked.tasks, { ...result, data: "again" });
    const outcome = async () => (await nezha.hub.control.commandRun(run.id))?.outcomes[0];
    await expect.poll(async () => (await outcome())?.finishedAt).toBeDefined();
    expect(await outcome()).toMatchObject({ output: "root" });
  });
});

/** What an agent does with the task that asks for a terminal. */
async function joinAs(nezha: NezhaHub, number: number, name: string): Promise<RecordedStream> {
  const channel = await nezha.dial();
  const stream = record(channel.stream(METHOD.ioStream, sharedAgent(number)));
  await stream.stream.send(ioDataCodec.encode({ data: attachFrame(name) }));
  return stream;
}

const dataOf = (message: Uint8Array): Uint8Array => ioDataCodec.decode(message).data;
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function viewer(end: StreamEnd): { text: () => string; reason: () => string | undefined } {
  let text = "";
  let reason: string | undefined;
  end.onReceive((bytes) => {
    text += textOf(bytes);
  });
  end.onClose((why) => {
    reason = why;
  });
  return { text: () => text, reason: () => reason };
}

describe("a terminal", () => {
  it("joins the viewer with the agent that was asked for it", async () => {
    const nezha = await startNezhaHub();
    const agent = await connect(nezha, 1);
    const { end } = await nezha.hub.control.openTerminal(ADMIN, agent.node);
    const seen = viewer(end);
    end.send(bytesOf("ls\n"));
    end.resize(120, 40);
    const task = await nextTask(agent);
    expect(task).toMatchObject({ id: 0, type: TASK_TYPE.terminal });
    const stream = await joinAs(nezha, 1, streamIdOf(task.data));
    await stream.received(2);
    const frames = stream.messages.map((message) => parseTerminalFrame(dataOf(message)));
    expect(frames).toContainEqual({ kind: "resize", cols: 120, rows: 40 });
    const typed = frames.flatMap((frame) => (frame.kind === "input" ? [textOf(frame.bytes)] : []));
    expect(typed.join("")).toBe("ls\n");
    await stream.stream.send(ioDataCodec.encode({ data: bytesOf("a.txt\n") }));
    // A keepalive is no output.
    await stream.stream.send(ioDataCodec.encode({ data: new Uint8Array() }));
    await expect.poll(seen.text).toBe("a.txt\n");
    await nezha.clock.advance(30_000);
    await stream.received(3);
    expect(dataOf(stream.messages[2] ?? new Uint8Array())).toHaveLength(0);
    end.close("viewerLeft");
    expect(await stream.closed).toEqual([0, ""]);
  });

  it("ends for the viewer when the shell ends", async () => {
    const nezha = await startNezhaHub();
    const agent = await connect(nezha, 1);
    const { end } = await nezha.hub.control.openTerminal(ADMIN, agent.node);
    const seen = viewer(end);
    const { data } = await nextTask(agent);
    const stream = await joinAs(nezha, 1, streamIdOf(data));
    await stream.stream.send(ioDataCodec.encode({ data: bytesOf("EOF") }));
    stream.stream.end();
    await expect.poll(seen.reason).toBe("exited");
    expect(seen.text()).toBe("EOF");
  });

  it("is given to nobody else who knows its name, nor to the same agent twice", async () => {
    const nezha = await startNezhaHub();
    const agent = await connect(nezha, 1);
    await connect(nezha, 2);
    const { end } = await nezha.hub.control.openTerminal(ADMIN, agent.node);
    const seen = viewer(end);
    const name = streamIdOf((await nextTask(agent)).data);
    const refused = [2, "there is no such stream"];
    expect(await (await joinAs(nezha, 2, name)).closed).toEqual(refused);
    const stream = await joinAs(nezha, 1, name);
    expect(await (await joinAs(nezha, 1, name)).closed).toEqual(refused);
    await stream.stream.send(ioDataCodec.encode({ data: bytesOf("mine") }));
    await expect.poll(seen.text).toBe("mine");
  });

  it("that nobody asked for is refused, and a stream that is not named in time ends", async () => {
    const nezha = await startNezhaHub();
    await connect(nezha, 1);
    const refused = [2, "there is no such stream"];
    expect(await (await joinAs(nezha, 1, "0f0e0d0c-0b0a-4908-8706-050403020100")).closed).toEqual(
      refused,
    );
    expect(await (await joinAs(nezha, 1, "x".repeat(5000))).closed).toEqual(refused);
    const before = nezha.clock.pending;
    const silent = record((await nezha.dial()).stream(METHOD.ioStream, sharedAgent(1)));
    await expect.poll(() => nezha.clock.pending).toBe(before + 1);
    await nezha.clock.advance(10_000);
    expect((await silent.closed)[0]).toBe(2);
  });

  it("sends no empty frame to agents that would take it for the end", async () => {
    const nezha = await startNezhaHub();
    const agent = await connect(nezha, 1, "1.0.3");
    const { end } = await nezha.hub.control.openTerminal(ADMIN, agent.node);
    const { data } = await nextTask(agent);
    const stream = await joinAs(nezha, 1, streamIdOf(data));
    end.send(bytesOf("a"));
    await stream.received(1);
    await nezha.clock.advance(60_000);
    end.send(bytesOf("b"));
    await stream.received(2);
    const lengths = stream.messages.map((message) => dataOf(message).length);
    expect(lengths).toEqual([2, 2]);
    expect(attachedStream(attachFrame("x"))).toBe("x");
  });

  it("holds a node's output back while its viewer does not read", async () => {
    const nezha = await startNezhaHub();
    const agent = await connect(nezha, 1);
    const { end } = await nezha.hub.control.openTerminal(ADMIN, agent.node);
    const seen = viewer(end);
    end.setPaused(true);
    const { data } = await nextTask(agent);
    const stream = await joinAs(nezha, 1, streamIdOf(data));
    const piece = ioDataCodec.encode({ data: new Uint8Array(32 * 1024).fill(97) });
    const total = 200 * 32 * 1024;
    const sending = (async () => {
      for (let sent = 0; sent < 200; sent += 1) await stream.stream.send(piece);
    })();
    for (let turn = 0; turn < 20; turn += 1) await nezha.clock.advance(100);
    expect([seen.text(), seen.reason()]).toEqual(["", undefined]);
    end.setPaused(false);
    await sending;
    await expect.poll(() => seen.text().length).toBe(total);
  });
});
