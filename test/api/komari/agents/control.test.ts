// Commands and terminals, as far as the agent's end of them goes (Komari 1.9, 1.11).
import { describe, expect, it } from "vitest";
import { agentApp } from "../../../support/komari-agent-app.ts";
import type { AgentApp, AgentWire } from "../../../support/komari-agent-app.ts";

const ADMIN = { user: "admin", address: "192.0.2.1" };
const RESULT = "/api/clients/task/result";

interface Controlled {
  readonly app: AgentApp;
  readonly node: number;
  readonly token: string;
  readonly wire: AgentWire;
}

async function controlled(): Promise<Controlled> {
  const app = await agentApp();
  const { node, token } = await app.addNode();
  await app.hub.control.permit(ADMIN, node.id, { command: true, terminal: true });
  const wire = await app.socket(`/api/clients/report?token=${token}`);
  return { app, node: node.id, token, wire };
}

const finished = (id: string, more: object = {}) => ({
  task_id: id,
  result: "0\n",
  exit_code: 0,
  finished_at: "2026-08-01T10:00:00.1Z",
  ...more,
});

describe("a command", () => {
  it("goes to the agent, and its result to whoever asks", async () => {
    const { app, node, token, wire } = await controlled();
    const { id } = await app.hub.control.run(ADMIN, [node], "id -u");
    await wire.settle();
    expect(wire.frames).toEqual([`{"message":"exec","command":"id -u","task_id":"${id}"}`]);
    const { status, body } = await app.post(`${RESULT}?token=${token}`, finished(id));
    expect([status, body]).toEqual([
      200,
      '{"message":"Task result updated successfully","status":"success"}',
    ]);
    expect((await app.hub.control.commandRun(id))?.outcomes).toMatchObject([
      { node, output: "0\n", exitCode: 0 },
    ]);
  });

  it("has an outcome without output, too", async () => {
    const { app, node, token } = await controlled();
    const { id } = await app.hub.control.run(ADMIN, [node], "true");
    await app.post(`${RESULT}?token=${token}`, finished(id, { result: "", exit_code: -1 }));
    expect((await app.hub.control.commandRun(id))?.outcomes).toMatchObject([
      { output: "", exitCode: -1 },
    ]);
  });

  it("is not answered by another node, which is told nothing else", async () => {
    const { app, node } = await controlled();
    const other = await app.addNode();
    const { id } = await app.hub.control.run(ADMIN, [node], "id");
    const { status } = await app.post(`${RESULT}?token=${other.token}`, finished(id));
    expect(status).toBe(200);
    expect((await app.hub.control.commandRun(id))?.outcomes[0]?.finishedAt).toBeUndefined();
  });

  it("has a result of the right form, or none", async () => {
    const { app, token } = await controlled();
    const { status } = await app.post(`${RESULT}?token=${token}`, { result: "x" });
    expect(status).toBe(400);
    expect((await app.post(RESULT, finished("x"))).status).toBe(401);
    const huge = await app.post(`${RESULT}?token=${token}`, { result: "x".repeat(9_000_000) });
    expect(huge.status).toBe(413);
    expect(app.hub.ingest.counters).toMatchObject({ malformed: 1, oversize: 1, unauthorized: 1 });
  });
});

async function opened() {
  const parts = await controlled();
  const terminal = await parts.app.hub.control.openTerminal(ADMIN, parts.node);
  await parts.wire.settle();
  const path = `/api/clients/terminal?token=${parts.token}&id=${terminal.stream}`;
  return { ...parts, terminal, path };
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");

describe("a terminal", () => {
  it("is asked for, joined by its agent, and passes bytes and sizes", async () => {
    const { app, wire, terminal, path } = await opened();
    expect(wire.frames).toEqual([`{"message":"terminal","request_id":"${terminal.stream}"}`]);
    const received: string[] = [];
    terminal.end.onReceive((bytes) => {
      received.push(text(bytes));
    });
    terminal.end.send(Buffer.from("early\r"));
    const shell = await app.socket(path);
    terminal.end.resize(100, 30);
    terminal.end.send(Buffer.from("ls\r"));
    await shell.settle();
    expect(shell.frames).toEqual(["early\r", '{"type":"resize","cols":100,"rows":30}', "ls\r"]);
    shell.socket.send(Buffer.from("ls\r\n"));
    await shell.send("a text of the agent");
    expect(received).toEqual(["ls\r\n", "a text of the agent"]);
  });

  it("ends for both when one side ends", async () => {
    const first = await opened();
    const shell = await first.app.socket(first.path);
    first.terminal.end.close("viewerLeft");
    expect(await shell.closed).toEqual({ code: 1000, reason: "the viewer has left" });
    const second = await opened();
    const other = await second.app.socket(second.path);
    const ended = new Promise((resolve) => {
      second.terminal.end.onClose(resolve);
    });
    other.socket.close();
    expect(await ended).toBe("agentClosed");
  });

  it("is for its own node, once", async () => {
    const { app, path, terminal } = await opened();
    const other = await app.addNode();
    const stolen = `/api/clients/terminal?token=${other.token}&id=${terminal.stream}`;
    await expect(app.socket(stolen)).rejects.toThrow("404");
    await expect(app.socket(`/api/clients/terminal?id=${terminal.stream}`)).rejects.toThrow("401");
    await app.socket(path);
    await expect(app.socket(path)).rejects.toThrow("404");
  });

  it("is not used up by a request that is no socket", async () => {
    const { app, path } = await opened();
    const { status } = await app.post(path, undefined, { method: "GET" });
    expect(status).toBe(400);
    await app.socket(path);
  });

  it("makes a shell wait whose viewer does not read", async () => {
    const { app, path, terminal } = await opened();
    const shell = await app.socket(path);
    let received = 0;
    terminal.end.onReceive((bytes) => {
      received += bytes.length;
    });
    terminal.end.setPaused(true);
    const piece = Buffer.alloc(64 * 1024);
    for (let count = 0; count < 200; count += 1) shell.socket.send(piece);
    await app.clock.advance(0);
    terminal.end.setPaused(false);
    await shell.settle();
    expect(received).toBe(200 * piece.length);
  });
});
