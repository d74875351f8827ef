import { afterEach, describe, expect, it } from "vitest";
import type { CommandResult, Control, RemoteTerminal } from "../../../src/agent/tasks.ts";
import { until } from "../../../src/core/store.ts";
import { startKomariAgent, TOKEN } from "../../support/komari-agent.ts";
import { startKomariServer } from "../../support/komari-server.ts";
import type { KomariServerOptions, KomariStandIn } from "../../support/komari-server.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Part = Parameters<typeof startKomariAgent>[1];

/** A server and a node that has reported once. */
async function pair(
  part: Part = {},
  kind: Partial<KomariServerOptions> = {},
): Promise<KomariStandIn> {
  const peer = await startKomariServer({ token: TOKEN, ...kind });
  closers.push(() => peer.close());
  const agent = startKomariAgent(peer.url, part);
  closers.push(() => agent.stop());
  await until(peer.told, ({ reports }) => reports.length >= 1);
  return peer;
}

interface FakeTerminal extends RemoteTerminal {
  readonly typed: string[];
  readonly sizes: string[];
  isClosed: boolean;
  print(text: string): void;
  exit(): void;
}

function fakeTerminal(): FakeTerminal {
  const data = new Set<(bytes: Uint8Array) => void>();
  const exits = new Set<(code: number) => void>();
  const terminal: FakeTerminal = {
    typed: [],
    sizes: [],
    isClosed: false,
    onData: (listener) => {
      data.add(listener);
      return () => {
        data.delete(listener);
      };
    },
    onExit: (listener) => {
      exits.add(listener);
      return () => {
        exits.delete(listener);
      };
    },
    write: (text) => {
      terminal.typed.push(Buffer.from(text).toString("utf8"));
    },
    resize: (cols, rows) => {
      terminal.sizes.push(`${cols}x${rows}`);
    },
    pause: () => undefined,
    resume: () => undefined,
    close: () => {
      terminal.isClosed = true;
      return Promise.resolve();
    },
    print: (text) => {
      for (const listener of data) listener(new TextEncoder().encode(text));
    },
    exit: () => {
      for (const listener of exits) listener(0);
    },
  };
  return terminal;
}

const OPEN: Control = {
  allows: { commands: true, terminal: true },
  refuse: () => undefined,
  runCommand: (text, by) =>
    Promise.resolve({
      exitCode: 3,
      stdout: text === "silent" ? "" : `${by.request} ran ${text}\r\n`,
      stderr: text === "silent" ? "" : "careful",
    }),
  openTerminal: () => Promise.reject(new Error("not in this test")),
};

const EXEC = { message: "exec", command: "uptime", task_id: "aaaabbbbccccdddd" };

describe("ping tasks", () => {
  it.each([
    ["version 1", {}, { message: "ping" }],
    ["version 2", { hasVersion2: true }, {}],
  ])("of %s are answered on the way they came", async (_, kind, more) => {
    const peer = await pair({}, kind);
    const params = { ...more, ping_task_id: 3, ping_type: "tcp", ping_target: "example.net:443" };
    const isTwo = "hasVersion2" in kind;
    peer.send(isTwo ? { jsonrpc: "2.0", method: "agent.ping", params } : params);
    const { pingResults } = await until(peer.told, (told) => told.pingResults.length === 1);
    expect(pingResults[0]).toMatchObject({ task_id: 3, ping_type: "tcp", value: 17 });
    expect(pingResults[0]?.["type"]).toBe(isTwo ? undefined : "ping_result");
    expect(String(pingResults[0]?.["finished_at"])).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it("in the shape of version 1 are understood on a socket of version 2", async () => {
    const peer = await pair({}, { hasVersion2: true });
    peer.send({ message: "ping", ping_task_id: 4, ping_type: "icmp", ping_target: "10.0.0.1" });
    const { pingResults } = await until(peer.told, (told) => told.pingResults.length === 1);
    expect(pingResults[0]).toMatchObject({ task_id: 4, value: -1 });
  });
});

describe("a flood of tasks", () => {
  it("is dropped beyond a limit, with one line in the log", async () => {
    let started = 0;
    const peer = await startKomariServer({ token: TOKEN });
    closers.push(() => peer.close());
    const probes = {
      run: (request: { readonly kind: string }) => {
        if (request.kind === "http") return Promise.resolve({ elapsedMs: 1, status: 200 });
        started += 1;
        return new Promise<never>(() => undefined);
      },
    };
    const agent = startKomariAgent(peer.url, { probes });
    closers.push(() => agent.stop());
    await until(peer.told, ({ reports }) => reports.length >= 1);
    const before = peer.told.value.reports.length;
    for (let id = 1; id <= 300; id += 1) {
      peer.send({ ping_task_id: id, ping_type: "tcp", ping_target: "a:1" });
    }
    await until(peer.told, ({ reports }) => reports.length >= before + 5 && started >= 64);
    expect(started).toBe(64);
    const told = agent.log.records.filter(({ message }) => message.startsWith("too many tasks"));
    expect(told).toHaveLength(1);
  });
});

describe("remote commands", () => {
  it("are refused in the protocol's own words unless they are enabled", async () => {
    const peer = await pair();
    peer.send(EXEC);
    const { taskResults } = await until(peer.told, (told) => told.taskResults.length === 1);
    expect(taskResults[0]).toMatchObject({
      task_id: "aaaabbbbccccdddd",
      result: "Remote control is disabled.",
      exit_code: -1,
    });
  });

  it("give output, errors and exit code back", async () => {
    const peer = await pair({ control: OPEN });
    peer.send(EXEC);
    const { taskResults } = await until(peer.told, (told) => told.taskResults.length === 1);
    expect(taskResults[0]).toMatchObject({
      result: "aaaabbbbccccdddd ran uptime\n\ncareful",
      exit_code: 3,
    });
  });

  it("never end in an empty text, which servers of 2025 refuse", async () => {
    const peer = await pair({ control: OPEN });
    peer.send({ ...EXEC, command: "silent" });
    const { taskResults } = await until(peer.told, (told) => told.taskResults.length === 1);
    expect(taskResults[0]).toMatchObject({ result: "\n" });
  });

  it("without a command are answered as the stock agent does", async () => {
    const peer = await pair({ control: OPEN });
    peer.send({ jsonrpc: "2.0", method: "agent.exec", params: { task_id: "t", command: " \n" } });
    const { taskResults } = await until(peer.told, (told) => told.taskResults.length === 1);
    expect(taskResults[0]).toMatchObject({ result: "No command provided", exit_code: 0 });
  });

  it("go on when the connection that brought them breaks, and hand in their result", async () => {
    let finish: (result: CommandResult) => void = () => undefined;
    const control: Control = {
      ...OPEN,
      runCommand: (_text, _by, signal) =>
        new Promise((resolve) => {
          finish = (result) => {
            resolve({ ...result, stdout: `aborted: ${signal.aborted}` });
          };
        }),
    };
    const peer = await pair({ control });
    peer.send(EXEC);
    peer.send({ message: "ping", ping_task_id: 1, ping_type: "tcp", ping_target: "a:1" });
    await until(peer.told, ({ pingResults }) => pingResults.length === 1);
    peer.drop();
    await until(peer.told, ({ sockets }) => sockets === 2);
    finish({ exitCode: 0, stdout: "", stderr: "" });
    const { taskResults } = await until(peer.told, (told) => told.taskResults.length === 1);
    expect(taskResults[0]).toMatchObject({ result: "aborted: false", exit_code: 0 });
  });
});

describe("terminals", () => {
  const REQUEST = { message: "terminal", request_id: "0123456789abcdef0123456789abcdef" };

  it("are refused with one line unless they are enabled", async () => {
    const peer = await pair();
    peer.send(REQUEST);
    const { terminal } = await until(peer.told, (told) => told.terminal !== "");
    expect(terminal).toBe("Remote control is disabled.\r\n");
  });

  it("and commands are logged with who asked when they are refused", async () => {
    const refused: unknown[] = [];
    const control: Control = {
      ...OPEN,
      allows: { commands: false, terminal: false },
      refuse: (what, { request }) => {
        refused.push([what, request]);
      },
    };
    const peer = await pair({ control });
    peer.send(EXEC);
    await until(peer.told, ({ taskResults }) => taskResults.length === 1);
    peer.send(REQUEST);
    await until(peer.told, ({ terminal }) => terminal !== "");
    expect(refused).toEqual([
      ["command", EXEC.task_id],
      ["terminal", REQUEST.request_id],
    ]);
  });

  it("pass keys, sizes and output", async () => {
    const shell = fakeTerminal();
    const control: Control = { ...OPEN, openTerminal: () => Promise.resolve(shell) };
    const peer = await pair({ control }, { hasVersion2: true });
    peer.send({ jsonrpc: "2.0", method: "agent.terminal.request", params: REQUEST });
    const printing = setInterval(() => {
      shell.print("prompt$ ");
    }, 5);
    await until(peer.told, ({ terminal }) => terminal.includes("prompt$ "));
    clearInterval(printing);
    peer.type(JSON.stringify({ type: "resize", cols: 100, rows: 30 }));
    peer.type(JSON.stringify({ type: "resize", cols: 1e9, rows: -1 }));
    peer.type(JSON.stringify({ type: "heartbeat", timestamp: 1 }));
    peer.type(JSON.stringify({ type: "input", input: "a" }));
    peer.type("plain text");
    peer.type("{not json");
    peer.type(new TextEncoder().encode("ls\r"));
    peer.send({ message: "ping", ping_task_id: 1, ping_type: "tcp", ping_target: "a:1" });
    await until(peer.told, ({ pingResults }) => pingResults.length === 1);
    shell.print("done");
    await until(peer.told, ({ terminal }) => terminal.endsWith("done"));
    expect(shell.sizes).toEqual(["100x30"]);
    expect(shell.typed).toEqual(["a", "plain text", "{not json", "ls\r"]);
    shell.exit();
    peer.send({ message: "ping", ping_task_id: 2, ping_type: "tcp", ping_target: "a:1" });
    await until(peer.told, ({ pingResults }) => pingResults.length === 2);
    expect(shell.isClosed).toBe(true);
  });
});
