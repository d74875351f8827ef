import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { MissingPartError } from "../../../src/core/errors.ts";
import { until } from "../../../src/core/store.ts";
import { addAccount, removeAccount } from "../../support/app-accounts.ts";
import { createTestApp, OWNER_HEADERS } from "../../support/create-test-app.ts";
import type { TestApp } from "../../support/create-test-app.ts";
import { fakePty } from "../../support/fake-pty.ts";
import type { FakeShell } from "../../support/fake-pty.ts";

const PATH = "/extras/webterm/ttyd/ws";
const HELLO = '{"AuthToken":"","columns":90,"rows":30}';

interface Client {
  readonly socket: WebSocket;
  send(text: string): void;
  /** Resolves when everything shown so far contains the words. */
  shows(words: string): Promise<string>;
  /** The closing frame's code. */
  readonly closed: Promise<number>;
  /** The closing frame's reason. */
  readonly reason: Promise<string>;
}

async function connect(test: TestApp, path = PATH): Promise<Client> {
  const socket = new WebSocket(`${test.url.replace("http", "ws")}${path}`, ["tty"], {
    headers: OWNER_HEADERS,
  });
  let text = "";
  const checks = new Set<() => void>();
  socket.on("message", (data: Buffer) => {
    text += data.toString();
    for (const check of checks) check();
  });
  const closed = new Promise<number>((resolve) => {
    socket.once("close", resolve);
  });
  const reason = new Promise<string>((resolve) => {
    socket.once("close", (_code, words) => {
      resolve(words.toString());
    });
  });
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return {
    socket,
    closed,
    reason,
    send: (message) => {
      socket.send(Buffer.from(message));
    },
    shows: (words) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (text.includes(words)) resolve(text);
        };
        checks.add(check);
        check();
      }),
  };
}

async function withTerminal(settings: object = {}) {
  const pty = fakePty();
  const test = await createTestApp({
    config: { device: { terminal: { enabled: true, ...settings } } },
    pty: pty.host,
  });
  return { test, pty };
}

/** A client whose shell has started. */
async function opened(path = PATH): Promise<{ test: TestApp; client: Client; shell: FakeShell }> {
  const { test, pty } = await withTerminal();
  const client = await connect(test, path);
  client.send(HELLO);
  await until(test.device.terminal.state, ({ sessions }) => sessions === 1);
  const [shell] = pty.sessions;
  if (shell === undefined) throw new Error("No shell was started");
  return { test, client, shell };
}

describe("the web terminal", () => {
  it("is not there unless it is switched on", async () => {
    const test = await createTestApp();
    const { status } = await test.call("GET", "/extras/webterm/ttyd/token");
    const extras = await test.get<{ extras: { webterm: object } }>("/api/info?fields=extras");
    expect({ status, webterm: extras.extras.webterm }).toMatchObject({
      status: 404,
      webterm: { enabled: false, started: false },
    });
  });

  it("is announced to clients and gives the empty token", async () => {
    const { test } = await withTerminal();
    const { body } = await test.call("GET", "/extras/webterm/ttyd/token");
    const { extras } = await test.get<{ extras: { webterm: object } }>("/api/info?fields=extras");
    expect(JSON.parse(body)).toEqual({ token: "" });
    expect(extras.webterm).toMatchObject({ enabled: true, started: true });
  });

  it("is for administrators only", async () => {
    const { test } = await withTerminal();
    const headers = await addAccount(test, "olga", "operator");
    const statuses = await Promise.all([
      test.call("GET", "/extras/webterm/ttyd/token", { headers: {} }),
      test.call("GET", "/extras/webterm/ttyd/token", { headers }),
      test.call("GET", PATH, { headers }),
      test.call("GET", PATH),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([401, 403, 403, 426]);
  });

  it("agrees on the sub-protocol and speaks ttyd's frames", async () => {
    const { client, shell } = await opened();
    shell.print("$ ");
    client.send('1{"columns":120,"rows":50}');
    client.send("0ls\r");
    await untilTyped(shell, "ls\r");
    const shown = await client.shows("0$ ");
    expect(client.socket.protocol).toBe("tty");
    expect(shown).toMatch(/^1Terminal \(.+\)2\{\}0\$ $/);
    shell.exit(0);
    await client.closed;
    expect({ typed: shell.typed, size: shell.size }).toEqual({ typed: ["ls\r"], size: [120, 50] });
  });

  it("closes normally with a word when the shell ends, so that the page does not connect again", async () => {
    const { client, shell } = await opened();
    shell.exit(0);
    expect(await client.closed).toBe(1000);
    expect(await client.shows("[The shell has ended.]")).toBeDefined();
  });

  it("closes with a code, and without words of its own for a client that has them", async () => {
    const { client, shell } = await opened(`${PATH}?ends=code`);
    shell.print("bye");
    shell.exit(0);
    expect(await client.reason).toBe("exited");
    expect((await client.shows("0bye")).endsWith("0bye")).toBe(true);
  });

  it("hangs the shell up when the client vanishes", async () => {
    const { test, client, shell } = await opened();
    client.socket.terminate();
    await until(test.device.terminal.state, ({ sessions }) => sessions === 0);
    expect(shell.isClosed).toBe(true);
  });

  it("hangs the shell up when the account is taken away", async () => {
    const { test, shell } = await opened();
    await removeAccount(test, "admin");
    await until(test.device.terminal.state, ({ sessions }) => sessions === 0);
    expect(shell.isClosed).toBe(true);
  });

  it("holds the shell back on the client's word", async () => {
    const { client, shell } = await opened();
    client.send("2");
    client.send("0x");
    await untilTyped(shell, "x");
    expect(shell.isPaused).toBe(true);
    client.send("3");
    client.send("0y");
    await untilTyped(shell, "y");
    expect(shell.isPaused).toBe(false);
  });

  it("holds the shell back while a client does not read, and lets go when it does", async () => {
    const { client, shell } = await opened();
    client.socket.pause();
    const chunk = "x".repeat(128 * 1024);
    for (let count = 0; count < 200 && !shell.isPaused; count += 1) shell.print(chunk);
    expect(shell.isPaused).toBe(true);
    client.socket.resume();
    shell.print("the end");
    await client.shows("the end");
    client.send("0z");
    await untilTyped(shell, "z");
    expect(shell.isPaused).toBe(false);
  });

  it("tells the client why it gets no shell", async () => {
    const { test } = await withTerminal({ maxSessions: 1 });
    const [first, second] = [await connect(test), await connect(test)];
    first.send(HELLO);
    await first.shows("2{}");
    second.send(HELLO);
    expect(await second.shows("terminals are open already")).toBeDefined();
    expect([await second.closed, await second.reason]).toEqual([1000, "TERMINAL_BUSY"]);
    const third = await connect(test, `${PATH}?ends=code`);
    third.send(HELLO);
    expect(await third.reason).toBe("TERMINAL_BUSY");
    expect((await third.shows("2{}")).endsWith("2{}")).toBe(true);
  });

  it("names the cure to every client when a part is missing", async () => {
    const { test, pty } = await withTerminal();
    pty.host.openShell = () => Promise.reject(new MissingPartError("sudo apt install the part"));
    const client = await connect(test, `${PATH}?ends=code`);
    client.send(HELLO);
    expect(await client.reason).toBe("MISSING_PART");
    expect(await client.shows("[sudo apt install the part]")).toBeDefined();
  });

  it("ends everything when the daemon stops", async () => {
    const { test, client, shell } = await opened();
    await test.close();
    expect({ code: await client.closed, isClosed: shell.isClosed }).toEqual({
      code: 1001,
      isClosed: true,
    });
  });

  it("has a page with everything it needs, for administrators", async () => {
    const { test } = await withTerminal();
    const names = ["", "page.js", "xterm.js", "xterm.css", "addon-fit.js"];
    const parts = await Promise.all(
      names.map((name) => test.call("GET", `/extras/webterm/ttyd/${name}`)),
    );
    const headers = await addAccount(test, "olga", "operator");
    const refused = await test.call("GET", "/extras/webterm/ttyd/", { headers });
    const slashless = await test.call("GET", "/extras/webterm/ttyd?disableLeaveAlert=true");
    expect(parts.map((part) => [part.status, part.headers["content-type"]])).toEqual([
      [200, "text/html; charset=utf-8"],
      [200, "text/javascript; charset=utf-8"],
      [200, "text/javascript; charset=utf-8"],
      [200, "text/css; charset=utf-8"],
      [200, "text/javascript; charset=utf-8"],
    ]);
    expect(parts[0]?.headers["content-security-policy"]).toContain("script-src 'self';");
    expect([refused.status, slashless.headers["location"]]).toEqual([
      403,
      "/extras/webterm/ttyd/?disableLeaveAlert=true",
    ]);
  });

  it("runs a real shell", async () => {
    const test = await createTestApp({
      config: { device: { terminal: { enabled: true, command: ["/bin/sh"] } } },
    });
    const client = await connect(test);
    client.send(HELLO);
    client.send("0stty size; exit\r");
    expect(await client.shows("30 90")).toBeDefined();
    expect(await client.closed).toBe(1000);
  });
});

/** Resolves when the shell has been given the text. */
async function untilTyped(shell: FakeShell, text: string): Promise<void> {
  while (!shell.typed.includes(text)) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
