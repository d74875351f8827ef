// Named after what went wrong elsewhere: shells by guessing a stream, commands on everybody's nodes for an empty list,
// results for other people's runs, acts that leave no trace.
import { describe, expect, it } from "vitest";
import { StorageError, ValidationError } from "../../src/core/errors.ts";
import {
  ControlBusyError,
  NodeUnreachableError,
  NotAllowedOnNodeError,
} from "../../src/hub/control.ts";
import { createHub } from "../../src/hub/create-hub.ts";
import { DEFAULT_CONTROL } from "../../src/hub/fleet-control.ts";
import { NodeNotFoundError } from "../../src/hub/registry.ts";
import type { HubStorage } from "../../src/hub/series/series.ts";
import { silentLogger } from "../../src/core/log.ts";
import { hubFixture, recordingLink } from "../support/hub-fixture.ts";
import type { HubFixture } from "../support/hub-fixture.ts";

const ADMIN = { user: "admin", address: "192.0.2.1" };

/** Two nodes that are connected and allow everything. */
async function setUp() {
  const fixture = await hubFixture();
  const { hub } = fixture;
  const [one, two] = [await fixture.addNode("one"), await fixture.addNode("two")];
  const [link, otherLink] = [recordingLink(), recordingLink()];
  fixture.connect(one, link);
  fixture.connect(two, otherLink);
  for (const { id } of [one, two]) {
    await hub.control.permit(ADMIN, id, { command: true, terminal: true });
  }
  return { ...fixture, control: hub.control, one: one.id, two: two.id, link, otherLink };
}

/** What is in the audit table, oldest first, permissions left out. */
async function acts({ hub }: Pick<HubFixture, "hub">): Promise<string[]> {
  const entries = await hub.audit.list({ limit: 1000 });
  return entries
    .filter(({ action }) => action !== "node.permit")
    .map(({ action, node, user, detail }) => `${action} ${node} ${user}: ${detail}`)
    .toReversed();
}

/** The same storage, but writing the audit table fails while told to. */
function failingAudit(storage: HubStorage) {
  let isFailing = false;
  const { tables, series } = storage;
  const wrapped: HubStorage = {
    series,
    figures: () => storage.figures(),
    backup: (path) => storage.backup(path),
    close: () => storage.close(),
    tables: {
      read: (statement) => tables.read(statement),
      write: (statements) => tables.write(statements),
      writeSafely: (statements) =>
        isFailing && statements.some(({ sql }) => sql.includes("INTO audit"))
          ? Promise.reject(new StorageError("disk full"))
          : tables.writeSafely(statements),
    },
  };
  return {
    storage: wrapped,
    fail: () => {
      isFailing = true;
    },
  };
}

describe("what is allowed on a node", () => {
  it("is nothing, until an admin says so for this node", async () => {
    const { hub, addNode, connect } = await hubFixture();
    const node = await addNode();
    const link = recordingLink();
    connect(node, link);
    expect(hub.control.permissions(node.id)).toEqual({ command: false, terminal: false });
    await expect(hub.control.run(ADMIN, [node.id], "id")).rejects.toThrow(NotAllowedOnNodeError);
    await expect(hub.control.openTerminal(ADMIN, node.id)).rejects.toThrow(NotAllowedOnNodeError);
    expect(link.tasks).toEqual([]);
    await hub.control.permit(ADMIN, node.id, { command: true });
    expect(hub.control.permissions(node.id)).toEqual({ command: true, terminal: false });
    await expect(hub.control.openTerminal(ADMIN, node.id)).rejects.toThrow(NotAllowedOnNodeError);
    expect(await hub.audit.list({})).toMatchObject([
      { action: "node.permit", node: node.id, detail: "On 'node' is allowed: commands" },
    ]);
  });

  it("is still so after a restart, and gone with the node", async () => {
    const { hub, storage, clock, one, two } = await setUp();
    await hub.control.permit(ADMIN, two, { terminal: false });
    const options = { storage, clock, log: silentLogger, maxNodes: 9, saveSeconds: 1 };
    const again = await createHub(options);
    expect(again.control.permissions(one)).toEqual({ command: true, terminal: true });
    expect(again.control.permissions(two)).toEqual({ command: true, terminal: false });
    await again.registry.remove(one);
    expect(again.control.permissions(one)).toEqual({ command: false, terminal: false });
    await expect(again.control.permit(ADMIN, one, { command: true })).rejects.toThrow(
      NodeNotFoundError,
    );
  });

  it("is taken away at once, even when nothing can be written any more", async () => {
    const before = await hubFixture();
    const { storage, fail } = failingAudit(before.storage);
    const { hub, addNode, connect } = await hubFixture({ storage, clock: before.clock });
    const node = await addNode();
    connect(node);
    await hub.control.permit(ADMIN, node.id, { command: true, terminal: true });
    const { end } = await hub.control.openTerminal(ADMIN, node.id);
    fail();
    const taken = hub.control.permit(ADMIN, node.id, { terminal: false });
    expect(hub.control.permissions(node.id)).toEqual({ command: true, terminal: false });
    expect(end.send(Buffer.from("x"))).toBe(false);
    await expect(taken).rejects.toThrow("disk full");
    expect(hub.control.permissions(node.id)).toEqual({ command: true, terminal: false });
  });

  it("changes in the order in which it was asked for", async () => {
    const { control, one } = await setUp();
    await Promise.all([
      control.permit(ADMIN, one, { command: false }),
      control.permit(ADMIN, one, { terminal: false }),
      control.permit(ADMIN, one, { command: true }),
    ]);
    expect(control.permissions(one)).toEqual({ command: true, terminal: false });
  });

  it("is nothing at all where the configuration says so", async () => {
    const { storage, clock, one } = await setUp();
    const control = { ...DEFAULT_CONTROL, enabled: false };
    const options = { storage, clock, log: silentLogger, maxNodes: 9, saveSeconds: 1, control };
    const hub = await createHub(options);
    expect(hub.control.permissions(one)).toEqual({ command: false, terminal: false });
    await expect(hub.control.run(ADMIN, [one], "id")).rejects.toThrow(NotAllowedOnNodeError);
    const permit = hub.control.permit(ADMIN, one, { terminal: true });
    await expect(permit).rejects.toThrow(NotAllowedOnNodeError);
    await hub.control.permit(ADMIN, one, { terminal: false });
  });
});

describe("a command", () => {
  it("runs on the chosen nodes and comes back with its outcomes", async () => {
    const fixture = await setUp();
    const { control, one, two, link, otherLink, clock } = fixture;
    const run = await control.run(ADMIN, [one, two, one], "uptime");
    expect(run.id).toMatch(/^[0-9A-Za-z]{16}$/);
    const request = { kind: "command", run: run.id, command: "uptime" };
    expect([link.tasks, otherLink.tasks]).toEqual([[request], [request]]);
    expect(run.outcomes.map(({ finishedAt }) => finishedAt)).toEqual([undefined, undefined]);
    await clock.advance(500);
    expect(control.finish(one, { id: run.id, output: "up 3 days", exitCode: 0 })).toBe(true);
    expect(control.finish(two, { id: run.id, output: "", exitCode: 7 })).toBe(true);
    const running = { output: "", exitCode: undefined, finishedAt: undefined };
    expect(run).toMatchObject({ command: "uptime", user: "admin", startedAt: clock.now() - 500 });
    expect(run.outcomes).toEqual([
      { node: one, ...running },
      { node: two, ...running },
    ]);
    expect((await control.commandRun(run.id))?.outcomes).toEqual([
      { node: one, output: "up 3 days", exitCode: 0, finishedAt: clock.now() },
      { node: two, output: "", exitCode: 7, finishedAt: clock.now() },
    ]);
    expect(await control.commandRuns(10)).toEqual([await control.commandRun(run.id)]);
    expect(await acts(fixture)).toEqual([
      `command.run ${one} admin: Run ${run.id}: uptime`,
      `command.run ${two} admin: Run ${run.id}: uptime`,
    ]);
  });

  it("does not run anywhere when one of the nodes does not allow it", async () => {
    const { control, one, two, link, otherLink } = await setUp();
    await control.permit(ADMIN, two, { command: false });
    await expect(control.run(ADMIN, [one, two], "id")).rejects.toThrow(NotAllowedOnNodeError);
    expect([link.tasks, otherLink.tasks]).toEqual([[], []]);
    expect(await control.commandRuns(10)).toEqual([]);
  });

  it.each([
    ["for no nodes, which are none and not all", [], "id"],
    ["that is empty", [1], " \n"],
    ["that is too long", [1], "x".repeat(65_537)],
  ])("is refused %s", async (_, nodes, command) => {
    const { control, link } = await setUp();
    await expect(control.run(ADMIN, nodes, command)).rejects.toThrow(ValidationError);
    expect(link.tasks).toEqual([]);
  });

  it("is refused for nodes that are not there", async () => {
    const { control, one, link } = await setUp();
    await expect(control.run(ADMIN, [one, 99], "id")).rejects.toThrow(NodeNotFoundError);
    expect(link.tasks).toEqual([]);
  });

  it("is not sent when it cannot be recorded", async () => {
    const before = await hubFixture();
    const { storage, fail } = failingAudit(before.storage);
    const fixture = await hubFixture({ storage, clock: before.clock });
    const node = await fixture.addNode();
    const link = recordingLink();
    fixture.connect(node, link);
    const { control } = fixture.hub;
    await control.permit(ADMIN, node.id, { command: true, terminal: true });
    fail();
    await expect(control.run(ADMIN, [node.id], "id")).rejects.toThrow("disk full");
    await expect(control.openTerminal(ADMIN, node.id)).rejects.toThrow("disk full");
    await expect(control.permit(ADMIN, node.id, { command: true })).rejects.toThrow("disk full");
    expect(link.tasks).toEqual([]);
    expect(await control.commandRuns(1)).toMatchObject([
      { outcomes: [{ output: "It could not be recorded", exitCode: -1 }] },
    ]);
  });

  it("is over at once on nodes that are not connected", async () => {
    const { control, addNode, one } = await setUp();
    const away = await addNode("away");
    await control.permit(ADMIN, away.id, { command: true });
    const run = await control.run(ADMIN, [one, away.id], "id");
    expect(run.outcomes).toMatchObject([
      { node: one, finishedAt: undefined },
      { node: away.id, output: "The node is not connected", exitCode: -1 },
    ]);
  });

  it("takes its outcome once, from a node that was asked, and from no other", async () => {
    const { control, one, two } = await setUp();
    const { id } = await control.run(ADMIN, [one], "id");
    expect(control.finish(two, { id, output: "forged" })).toBe(false);
    expect(control.finish(one, { id: "unknown", output: "x" })).toBe(false);
    expect(control.finish(one, { id, output: "right" })).toBe(true);
    expect(control.finish(one, { id, output: "again" })).toBe(false);
    expect((await control.commandRun(id))?.outcomes).toMatchObject([
      { node: one, output: "right", exitCode: undefined },
    ]);
  });

  it("keeps one megabyte of output, and says that there was more", async () => {
    const { control, one } = await setUp();
    const { id } = await control.run(ADMIN, [one], "yes");
    control.finish(one, { id, output: "y\n".repeat(2_000_000), exitCode: 0 });
    const [outcome] = (await control.commandRun(id))?.outcomes ?? [];
    expect(outcome?.output).toHaveLength(1024 * 1024);
    expect(outcome?.output).toMatch(/y\n\n\[cut here: the output was longer\]$/);
  });

  it("still gets its outcome after a restart of the hub", async () => {
    const { hub, storage, clock, one } = await setUp();
    const { id } = await hub.control.run(ADMIN, [one], "sleep 60; id");
    const options = { storage, clock, log: silentLogger, maxNodes: 9, saveSeconds: 1 };
    const again = await createHub(options);
    expect(again.control.finish(one, { id, output: "uid=0", exitCode: 0 })).toBe(true);
    expect((await again.control.commandRun(id))?.outcomes).toMatchObject([{ output: "uid=0" }]);
  });

  it("is given up after two hours without an answer, or when its node is removed", async () => {
    const { hub, control, one, two, clock } = await setUp();
    const { id } = await control.run(ADMIN, [one, two], "sleep infinity");
    await hub.registry.remove(two);
    expect((await control.commandRun(id))?.outcomes).toMatchObject([
      { finishedAt: undefined },
      { output: "The node was removed", exitCode: -1 },
    ]);
    // Not second by second: the hub's own clock would run all that time.
    const options = { storage: hub.storage, log: silentLogger, maxNodes: 9, saveSeconds: 1 };
    const later = { ...clock, now: () => clock.now() + 3 * 3_600_000 };
    const again = await createHub({ ...options, clock: later });
    await clock.advance(1000);
    expect((await again.control.commandRun(id))?.outcomes).toMatchObject([
      { output: "The agent did not answer in time", exitCode: -1 },
      {},
    ]);
  });

  it("is kept with five hundred others, the oldest ones make room", async () => {
    const { control, one } = await setUp();
    const ids: string[] = [];
    for (let count = 0; count < 503; count += 1) {
      const { id } = await control.run(ADMIN, [one], `echo ${count}`);
      ids.push(id);
      control.finish(one, { id, output: "", exitCode: 0 });
    }
    const kept = await control.commandRuns(1000);
    expect(kept.map(({ id }) => id)).toEqual(ids.slice(3).toReversed());
  });
});

describe("a terminal", () => {
  it("joins the viewer with the agent that was asked, and leaves its traces", async () => {
    const fixture = await setUp();
    const { control, one, link, clock } = fixture;
    const { stream, end } = await control.openTerminal(ADMIN, one);
    expect(link.tasks).toEqual([{ kind: "terminal", stream }]);
    expect(stream).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    end.send(Buffer.from("ls\n"));
    const agent = control.joinTerminal(one, stream);
    const got: string[] = [];
    const note = (bytes: Uint8Array): void => {
      got.push(Buffer.from(bytes).toString());
    };
    agent?.onReceive(note);
    end.onReceive(note);
    agent?.send(Buffer.from("README"));
    expect(got).toEqual(["ls\n", "README"]);
    await clock.advance(61_000);
    agent?.close("exited");
    await clock.advance(0);
    expect(await acts(fixture)).toEqual([
      `terminal.open ${one} admin: On 'one'`,
      `terminal.end ${one} admin: After 61 s: The terminal has ended`,
    ]);
  });

  it("is of no use to another node, to nobody twice, and to nobody who guesses", async () => {
    const { control, one, two } = await setUp();
    const { stream } = await control.openTerminal(ADMIN, one);
    expect(control.joinTerminal(two, stream)).toBeUndefined();
    expect(control.joinTerminal(one, "")).toBeUndefined();
    expect(control.joinTerminal(one, stream)).toBeDefined();
    expect(control.joinTerminal(one, stream)).toBeUndefined();
  });

  it("ends when the agent has not come within thirty seconds", async () => {
    const { control, one, clock } = await setUp();
    const { stream, end } = await control.openTerminal(ADMIN, one);
    let reason = "";
    end.onClose((why) => {
      reason = why;
    });
    await clock.advance(29_999);
    expect(reason).toBe("");
    await clock.advance(1);
    expect(reason).toBe("agentSilent");
    expect(control.joinTerminal(one, stream)).toBeUndefined();
  });

  it("is not opened on a node that is not connected", async () => {
    const { control, addNode, hub } = await setUp();
    const away = await addNode("away");
    await control.permit(ADMIN, away.id, { terminal: true });
    await expect(control.openTerminal(ADMIN, away.id)).rejects.toThrow(NodeUnreachableError);
    const lines = await hub.audit.list({ action: "terminal.open" });
    expect(lines.map(({ detail }) => detail)).toEqual([
      "Not done, NODE_UNREACHABLE: On 'away'",
      "On 'away'",
    ]);
  });

  it.each([
    [
      "permission",
      (f: Awaited<ReturnType<typeof setUp>>) => f.control.permit(ADMIN, f.one, { terminal: false }),
      "switchedOff",
    ],
    ["node", (f: Awaited<ReturnType<typeof setUp>>) => f.hub.registry.remove(f.one), "nodeRemoved"],
    [
      "node's token",
      (f: Awaited<ReturnType<typeof setUp>>) => f.hub.registry.renewToken(f.one),
      "tokenChanged",
    ],
    ["hub", (f: Awaited<ReturnType<typeof setUp>>) => f.hub.close(), "hubStops"],
  ])("ends with its %s", async (_, end, expected) => {
    const fixture = await setUp();
    const { control, one, two } = fixture;
    const terminal = await control.openTerminal(ADMIN, one);
    const other = await control.openTerminal(ADMIN, two);
    const agent = control.joinTerminal(one, terminal.stream);
    const reasons: string[] = [];
    const note = (reason: string): void => {
      reasons.push(reason);
    };
    agent?.onClose(note);
    terminal.end.onClose(note);
    await end(fixture);
    expect(reasons).toEqual([expected, expected]);
    expect(other.end.send(Buffer.from("x"))).toBe(expected !== "hubStops");
  });

  it("ends when nothing happens for half an hour, and after half a day", async () => {
    const storage = await hubFixture();
    const control = { ...DEFAULT_CONTROL, terminalIdleMinutes: 1 };
    const { clock } = storage;
    const options = { storage: storage.storage, clock, log: silentLogger, maxNodes: 9 };
    const hub = await createHub({ ...options, saveSeconds: 60, control });
    const { node } = await hub.registry.add({ notes: { name: "one" } });
    const identity = { node: node.id, dialect: "test", remoteAddress: "" };
    hub.ingest.attach(identity, recordingLink());
    await hub.control.permit(ADMIN, node.id, { terminal: true });
    const { stream, end } = await hub.control.openTerminal(ADMIN, node.id);
    const agent = hub.control.joinTerminal(node.id, stream);
    let reason = "";
    end.onClose((why) => {
      reason = why;
    });
    for (let count = 0; count < 3; count += 1) {
      await clock.advance(50_000);
      agent?.send(Buffer.from("."));
      expect(reason).toBe("");
    }
    await clock.advance(61_000);
    expect(reason).toBe("idle");
  });

  it("is one of four on a node at most", async () => {
    const { control, one, two } = await setUp();
    const open = () => control.openTerminal(ADMIN, one);
    const first = await open();
    for (let count = 0; count < 3; count += 1) await open();
    await expect(open()).rejects.toThrow(ControlBusyError);
    await control.openTerminal(ADMIN, two);
    first.end.close("viewerLeft");
    await open();
    await expect(open()).rejects.toThrow(ControlBusyError);
  });
});
