import { afterEach, describe, expect, it } from "vitest";
import type { NezhaUplinkOptions } from "../../../src/agent/nezha/nezha-uplink.ts";
import type {
  CommandResult,
  Control,
  RemoteTerminal,
  Requester,
} from "../../../src/agent/tasks.ts";
import { until } from "../../../src/core/store.ts";
import type { NezhaTaskResult } from "../../../src/protocol/nezha/messages.ts";
import { inputFrame, resizeFrame, streamTaskData } from "../../../src/protocol/nezha/io-stream.ts";
import { TASK_TYPE } from "../../../src/protocol/nezha/service.ts";
import { SECRET, denyingControl, startNezhaAgent } from "../../support/nezha-agent.ts";
import { startNezhaDashboard } from "../../support/nezha-dashboard.ts";
import type { DashboardEdition, NezhaDashboard } from "../../support/nezha-dashboard.ts";

const closers: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function connected(
  part: Partial<NezhaUplinkOptions> = {},
  edition: DashboardEdition = "v2",
): Promise<NezhaDashboard> {
  const peer = await startNezhaDashboard({ edition, secret: SECRET });
  const agent = startNezhaAgent(peer.port, part);
  closers.push(() => {
    peer.close();
  });
  closers.push(() => agent.stop());
  await until(peer.told, ({ channels }) => channels === 1);
  return peer;
}

async function resultOf(
  peer: NezhaDashboard,
  type: number,
  data: string,
): Promise<NezhaTaskResult | undefined> {
  peer.sendTask({ id: 42, type, data });
  const { results } = await until(peer.told, (told) => told.results.some(({ id }) => id === 42));
  return results.find(({ id }) => id === 42);
}

function commandControl(result: CommandResult): Control & { readonly ran: [string, Requester][] } {
  const ran: [string, Requester][] = [];
  return {
    ...denyingControl,
    ran,
    runCommand(text, by) {
      ran.push([text, by]);
      return Promise.resolve(result);
    },
  };
}

/** A terminal that the test holds in its hands. */
function fakeTerminal(): RemoteTerminal & {
  readonly log: string[];
  readonly closed: Promise<void>;
  say(text: string): void;
  exit(): void;
} {
  const log: string[] = [];
  let noteClosed: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    noteClosed = resolve;
  });
  let onData: (bytes: Uint8Array) => void = () => undefined;
  let onExit: (code: number) => void = () => undefined;
  return {
    log,
    closed,
    say(text) {
      onData(new TextEncoder().encode(text));
    },
    exit() {
      onExit(0);
    },
    onData(listener) {
      onData = listener;
      return () => undefined;
    },
    onExit(listener) {
      onExit = listener;
      return () => undefined;
    },
    write(data) {
      log.push(`write ${typeof data === "string" ? data : new TextDecoder().decode(data)}`);
    },
    resize(cols, rows) {
      log.push(`resize ${cols}x${rows}`);
    },
    pause() {
      log.push("pause");
    },
    resume() {
      log.push("resume");
    },
    close() {
      noteClosed();
      return Promise.resolve();
    },
  };
}

describe("commands of a Nezha dashboard", () => {
  it("are refused with words unless the device enables them", async () => {
    const peer = await connected();
    expect(await resultOf(peer, TASK_TYPE.command, "reboot")).toEqual({
      id: 42,
      type: TASK_TYPE.command,
      delay: 0,
      data: "Running commands is not enabled in the configuration of this device",
      successful: false,
    });
  });

  it("return their output, and say for whom they ran", async () => {
    const control = commandControl({ exitCode: 0, stdout: "hello\n", stderr: "noise" });
    const peer = await connected({ control });
    expect(await resultOf(peer, TASK_TYPE.command, "echo hello")).toMatchObject({
      data: "hello\n",
      successful: true,
    });
    const by = { uplink: `nezha 127.0.0.1:${peer.port}`, request: "42" };
    expect(control.ran).toEqual([["echo hello", by]]);
  });

  it("tell a status that is not zero", async () => {
    const control = commandControl({ exitCode: 3, stdout: "partly", stderr: "" });
    const peer = await connected({ control });
    expect(await resultOf(peer, TASK_TYPE.command, "false")).toMatchObject({
      data: "partly\nexit status 3",
      successful: false,
    });
  });

  it("never return more than a message may hold", async () => {
    const control = commandControl({ exitCode: 0, stdout: "€".repeat(2_000_000), stderr: "" });
    const peer = await connected({ control });
    const result = await resultOf(peer, TASK_TYPE.command, "yes");
    expect(result?.data).toHaveLength(512 * 1024);
  });
});

describe("other tasks of a Nezha dashboard", () => {
  it("that keep the line alive are answered as the stock agent does", async () => {
    const peer = await connected();
    peer.sendTask({ id: 0, type: TASK_TYPE.keepalive, data: "" });
    const { results } = await until(peer.told, (told) => told.results.length > 0);
    expect(results).toEqual([
      { id: 0, type: TASK_TYPE.keepalive, delay: 0, data: "", successful: false },
    ]);
  });

  it("that keep the line alive get no answer from a v0 agent", async () => {
    const peer = await connected({}, "v0.20");
    peer.sendTask({ id: 0, type: TASK_TYPE.keepalive, data: "" });
    await resultOf(peer, TASK_TYPE.tcpPing, "example.com:1");
    expect(peer.told.value.results.map(({ id }) => id)).toEqual([42]);
  });

  it("that ask for the host again get it", async () => {
    const peer = await connected({}, "v0.20");
    const { hosts } = await until(peer.told, (told) => told.states.length > 0);
    peer.sendTask({ id: 0, type: TASK_TYPE.reportHostInfo, data: "" });
    const after = await until(peer.told, (told) => told.hosts.length > hosts.length);
    expect(after.hosts.at(-1)).toEqual(hosts[0]);
  });

  it.each([TASK_TYPE.reportConfig, TASK_TYPE.applyConfig, TASK_TYPE.serverTransfer])(
    "of type %i, about the settings of the stock agent, are refused",
    async (type) => {
      const peer = await connected();
      expect(await resultOf(peer, type, "{}")).toMatchObject({
        data: "Remote configuration is not enabled in the configuration of this device",
        successful: false,
      });
    },
  );

  it.each([
    TASK_TYPE.exec,
    TASK_TYPE.fsList,
    TASK_TYPE.fsRead,
    TASK_TYPE.fsWrite,
    TASK_TYPE.fsDelete,
  ])("of type %i, with JSON inside, are refused in JSON", async (type) => {
    const refused: unknown[] = [];
    const control: Control = {
      ...denyingControl,
      refuse: (_what, { request }) => {
        refused.push(request);
      },
    };
    const peer = await connected({ control });
    const result = await resultOf(peer, type, "{}");
    expect(refused).toEqual(["42"]);
    expect(JSON.parse(result?.data ?? "")).toEqual({
      error: expect.stringContaining("is not enabled in the configuration of this device"),
    });
  });

  it("that are unknown or malformed do not end the session", async () => {
    const peer = await connected();
    peer.sendTask({ id: 1, type: 99, data: "x" });
    peer.sendTask({ id: 1, type: TASK_TYPE.terminal, data: "no JSON" });
    peer.sendTask({ id: 1, type: TASK_TYPE.nat, data: "{}" });
    expect(await resultOf(peer, TASK_TYPE.tcpPing, "example.com:1")).toMatchObject({
      successful: true,
    });
    expect(peer.told.value.channels).toBe(1);
  });

  it("that are too many at once are refused", async () => {
    let finish: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const probes = { run: () => gate.then(() => ({ elapsedMs: 1 })) };
    const peer = await connected({ probes });
    for (let id = 1; id <= 65; id += 1) {
      peer.sendTask({ id, type: TASK_TYPE.tcpPing, data: "example.com:1" });
    }
    const { results } = await until(peer.told, (told) => told.results.length === 1);
    expect(results[0]).toMatchObject({ id: 65, data: "Too many tasks are running" });
    finish();
    await until(peer.told, (told) => told.results.length === 65);
  });
});

describe("streams that a Nezha dashboard asks for", () => {
  const ask = (peer: NezhaDashboard, type: number, id: string): void => {
    peer.sendTask({ id: 0, type, data: streamTaskData(id) });
  };

  it.each([
    [TASK_TYPE.terminal, "A terminal is not enabled in the configuration of this device\r\n"],
    [
      TASK_TYPE.fileManager,
      "NERRReading and writing files is not enabled in the configuration of this device",
    ],
    [
      TASK_TYPE.fsTransfer,
      "NZTEReading and writing files is not enabled in the configuration of this device",
    ],
    [TASK_TYPE.nat, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"],
  ])("of type %i are taken to say that they are not enabled", async (type, words) => {
    const peer = await connected();
    ask(peer, type, "ab-1");
    const { streams } = await until(peer.told, (told) => told.endedStreams.includes("ab-1"));
    expect(streams["ab-1"]).toBe(words);
  });

  it("carry a terminal in both directions", async () => {
    const terminal = fakeTerminal();
    const control = { ...denyingControl, openTerminal: () => Promise.resolve(terminal) };
    const peer = await connected({ control });
    ask(peer, TASK_TYPE.terminal, "ab-2");
    await until(peer.told, ({ streams }) => "ab-2" in streams);
    terminal.say("$ ");
    await until(peer.told, ({ streams }) => streams["ab-2"] === "$ ");
    peer.sendToStream("ab-2", resizeFrame(132, 43));
    peer.sendToStream("ab-2", inputFrame(new TextEncoder().encode("ls\r")));
    peer.sendToStream("ab-2", new Uint8Array());
    peer.sendToStream("ab-2", Uint8Array.of(9, 9));
    terminal.say("done");
    await until(peer.told, ({ streams }) => streams["ab-2"] === "$ done");
    terminal.exit();
    await until(peer.told, ({ endedStreams }) => endedStreams.includes("ab-2"));
    expect(terminal.log.filter((line) => /^(write|resize) /.test(line))).toEqual([
      "resize 132x43",
      "write ls\r",
    ]);
  });

  it("close the terminal when the session ends", async () => {
    const terminal = fakeTerminal();
    const control = { ...denyingControl, openTerminal: () => Promise.resolve(terminal) };
    const peer = await startNezhaDashboard({ edition: "v2", secret: SECRET });
    closers.push(() => {
      peer.close();
    });
    const agent = startNezhaAgent(peer.port, { control });
    await until(peer.told, ({ channels }) => channels === 1);
    ask(peer, TASK_TYPE.terminal, "ab-3");
    await until(peer.told, ({ streams }) => "ab-3" in streams);
    await agent.stop();
    await expect(terminal.closed).resolves.toBeUndefined();
  });

  it("slow the terminal down while the dashboard is slow", async () => {
    const terminal = fakeTerminal();
    const control = { ...denyingControl, openTerminal: () => Promise.resolve(terminal) };
    const peer = await connected({ control });
    ask(peer, TASK_TYPE.terminal, "ab-4");
    await until(peer.told, ({ streams }) => "ab-4" in streams);
    terminal.say("x");
    expect(terminal.log.at(-1)).toBe("pause");
    await until(peer.told, ({ streams }) => streams["ab-4"] === "x");
    terminal.say("y");
    await until(peer.told, ({ streams }) => streams["ab-4"] === "xy");
    expect(terminal.log).toContain("resume");
  });
});
