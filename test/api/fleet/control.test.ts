import { describe, expect, it } from "vitest";
import type { AgentTask } from "../../../src/hub/ingest.ts";
import type { StreamEnd } from "../../../src/hub/control.ts";
import type { AuditView, CommandRunView } from "../../../src/protocol/fleet/admin.ts";
import type { AllowedNodeView } from "../../../src/protocol/fleet/nodes.ts";
import { fleetApp } from "../../support/fleet-app.ts";
import type { FleetApp } from "../../support/fleet-app.ts";
import { recordingLink } from "../../support/hub-fixture.ts";
import { removeAccount, addAccount } from "../../support/app-accounts.ts";

async function connectedNode(app: FleetApp) {
  const node = await app.addNode({ name: "alpha" });
  const link = recordingLink();
  app.connect(node, link);
  return { node, link };
}

/** Answers for the node as soon as it is asked for a terminal. */
async function terminalOf(app: FleetApp, headers?: Readonly<Record<string, string>>) {
  const node = await app.addNode();
  const ends: StreamEnd[] = [];
  const received: string[] = [];
  const sizes: string[] = [];
  const answer = (task: AgentTask): void => {
    const end =
      task.kind === "terminal" ? app.hub.control.joinTerminal(node.id, task.stream) : undefined;
    if (end === undefined) return;
    end.onReceive((bytes) => {
      received.push(Buffer.from(bytes).toString());
      end.send(Buffer.from(`<${Buffer.from(bytes).toString()}>`));
    });
    end.onResize((columns, rows) => {
      sizes.push(`${columns}x${rows}`);
    });
    ends.push(end);
  };
  const link = recordingLink();
  app.connect(node, {
    ...link,
    send(task) {
      queueMicrotask(() => {
        answer(task);
      });
      return true;
    },
  });
  await app.call("PATCH", `/nodes/${node.uuid}/permissions`, { terminal: true });
  const viewer = await app.socket(`/nodes/${node.uuid}/terminal`, headers);
  const output: string[] = [];
  const waiters: (() => void)[] = [];
  viewer.socket.on("message", (data: Buffer) => {
    output.push(data.toString());
    for (const wake of waiters.splice(0)) wake();
  });
  const until = async (isThere: () => boolean): Promise<void> => {
    while (!isThere()) {
      await new Promise<void>((resolve) => {
        waiters.push(resolve);
      });
    }
  };
  return { node, viewer, received, sizes, output, ends, until };
}

describe("commands over the fleet API", () => {
  it("run where an admin has allowed it, and their outcome is told", async () => {
    const app = await fleetApp();
    const { node, link } = await connectedNode(app);
    const refused = await app.call("POST", "/commands", { nodes: [node.id], command: "id" });
    expect([refused.status, JSON.parse(refused.body).error]).toEqual([403, "NOT_ALLOWED_ON_NODE"]);
    expect(link.tasks).toEqual([]);
    expect(await app.get<AllowedNodeView[]>("/permissions")).toEqual([]);
    const path = `/nodes/${node.uuid}/permissions`;
    const allowed = await app.call("PATCH", path, { command: true });
    expect(JSON.parse(allowed.body)).toEqual({ command: true, terminal: false });
    expect(await app.get<AllowedNodeView[]>("/permissions")).toEqual([
      { node: node.id, command: true, terminal: false },
    ]);
    const body = { nodes: [node.id, node.id], command: "id" };
    const run: CommandRunView = JSON.parse((await app.call("POST", "/commands", body)).body);
    expect(link.tasks).toEqual([{ kind: "command", run: run.id, command: "id" }]);
    app.hub.control.finish(node.id, { id: run.id, output: "uid=0", exitCode: 0 });
    const { outcomes } = await app.get<CommandRunView>(`/commands/${run.id}`);
    expect(outcomes).toEqual([
      { node: node.id, output: "uid=0", exitCode: 0, finishedAt: expect.any(Number) },
    ]);
    const [listed] = await app.get<CommandRunView[]>("/commands");
    expect(listed?.outcomes[0]).toMatchObject({ output: "", exitCode: 0 });
    expect((await app.call("GET", "/commands/nothing")).status).toBe(404);
    const { entries } = await app.get<AuditView>(`/audit?node=${node.id}`);
    expect(entries.map(({ action }) => action)).toContain("command.run");
  });
});

describe("the audit list of the fleet API", () => {
  it("is read page by page", async () => {
    const app = await fleetApp();
    for (const name of ["a", "b", "c"]) await app.call("POST", "/nodes", { name });
    const first = await app.get<AuditView>("/audit?limit=2&action=node.add");
    expect(first.entries.map(({ detail }) => detail)).toEqual(["c", "b"]);
    const rest = await app.get<AuditView>(`/audit?limit=2&action=node.add&before=${first.before}`);
    expect(rest.entries.map(({ detail }) => detail)).toEqual(["a"]);
    expect(rest.before).toBeNull();
  });
});

describe("a terminal over the fleet API", () => {
  it("carries bytes both ways, and the size of the window", async () => {
    const { viewer, received, sizes, output, until } = await terminalOf(await fleetApp());
    viewer.socket.send(JSON.stringify({ t: "resize", columns: 100, rows: 40 }));
    viewer.socket.send("{}");
    viewer.socket.send(Buffer.from("ls"), { binary: true });
    await until(() => output.length > 0);
    expect(received).toEqual(["ls"]);
    expect(output).toEqual(["<ls>"]);
    expect(sizes).toContain("100x40");
  });

  it("ends for both when one end goes", async () => {
    const { viewer, ends, output, until } = await terminalOf(await fleetApp());
    viewer.socket.send(Buffer.from("x"), { binary: true });
    await until(() => output.length > 0);
    ends[0]?.close("exited");
    expect(await viewer.closed).toEqual([4000, "exited"]);
  });

  it("says why there is none", async () => {
    const app = await fleetApp();
    const node = await app.addNode();
    const viewer = await app.socket(`/nodes/${node.uuid}/terminal`);
    expect(await viewer.closed).toEqual([4000, "NOT_ALLOWED_ON_NODE"]);
  });

  it("ends at once when its admin is removed", async () => {
    const app = await fleetApp();
    const admin = await addAccount(app.test, "ada", "admin");
    const { viewer, ends, output, until } = await terminalOf(app, admin);
    viewer.socket.send(Buffer.from("x"), { binary: true });
    await until(() => output.length > 0);
    const ended = new Promise<string>((resolve) => {
      ends[0]?.onClose(resolve);
    });
    await removeAccount(app.test, "ada");
    expect(await ended).toBe("viewerLeft");
    viewer.socket.terminate();
  });
});
