import type { Clock } from "../core/clock.ts";
import { describeError, ValidationError } from "../core/errors.ts";
import { createLane } from "../core/lane.ts";
import type { Logger } from "../core/log.ts";
import { COMMAND_FAILURES } from "../protocol/fleet/command-failures.ts";
import type { CommandFailure } from "../protocol/fleet/command-failures.ts";
import { TERMINAL_ENDS } from "../protocol/fleet/terminal.ts";
import type { TerminalEndCode } from "../protocol/fleet/terminal.ts";
import type { Actor } from "./audit.ts";
import { CommandRuns } from "./command-runs.ts";
import { ControlBusyError, NodeUnreachableError, NotAllowedOnNodeError } from "./control.ts";
import type { CommandRun, FleetControl, NodePermissions, StreamEnd, Terminal } from "./control.ts";
import type { Ingest } from "./ingest.ts";
import { NOTHING_ALLOWED, PermissionBook } from "./permission-book.ts";
import { NodeNotFoundError } from "./registry.ts";
import type { NodeRecord, Registry } from "./registry.ts";
import type { Tables } from "./series/series.ts";
import type { StoredAudit } from "./stored-audit.ts";
import { TerminalDesk } from "./terminal-desk.ts";

/** What is possible on nodes at all. */
export interface ControlSettings {
  /** False: nothing, whatever was allowed on single nodes. */
  readonly enabled: boolean;
  readonly terminalIdleMinutes: number;
  readonly terminalHours: number;
}

export interface FleetControlOptions {
  readonly settings: ControlSettings;
  readonly tables: Tables;
  readonly registry: Registry;
  readonly ingest: Ingest;
  readonly audit: StoredAudit;
  readonly clock: Clock;
  readonly log: Logger;
}

export const DEFAULT_CONTROL: ControlSettings = {
  enabled: true,
  terminalIdleMinutes: 30,
  terminalHours: 12,
};

const MAX_COMMAND = 64 * 1024;
/** Of a command that is written into the audit table; all of it is in the table of runs, for some time. */
const SHOWN_COMMAND = 500;
const MAX_PENDING = 20_000;

const PERMISSION_NAMES = { command: "Running commands", terminal: "A terminal" } as const;

function permissionText({ command, terminal }: NodePermissions): string {
  const words = [...(command ? ["commands"] : []), ...(terminal ? ["terminal"] : [])];
  return words.length === 0 ? "nothing" : words.join(" and ");
}

/** Acts of people on nodes. Nothing is sent before it is allowed and in the audit table. */
export class StoredControl implements FleetControl {
  readonly #options: FleetControlOptions;
  readonly #permissions: PermissionBook;
  readonly #runs: CommandRuns;
  readonly #terminals: TerminalDesk;
  readonly #writes = new Set<Promise<void>>();
  readonly #inTurn = createLane();
  readonly #stop: () => void;

  constructor(options: FleetControlOptions) {
    const { tables, clock, log, settings, registry } = options;
    this.#options = options;
    this.#permissions = new PermissionBook(tables);
    this.#runs = new CommandRuns({ tables, clock, log });
    this.#terminals = new TerminalDesk({
      clock,
      limits: {
        idleMs: settings.terminalIdleMinutes * 60_000,
        longestMs: settings.terminalHours * 3_600_000,
      },
    });
    this.#stop = registry.subscribe(({ kind, node }) => {
      if (kind === "removed") this.#forget(node.id);
      if (kind === "tokenChanged") this.#terminals.closeNode(node.id, "tokenChanged");
    });
  }

  /** Rejects with `StorageError`. */
  async load(): Promise<void> {
    await Promise.all([this.#permissions.load(), this.#runs.load()]);
  }

  permissions(node: number): NodePermissions {
    return this.#options.settings.enabled ? this.#permissions.of(node) : NOTHING_ALLOWED;
  }

  permit(actor: Actor, id: number, changes: Partial<NodePermissions>): Promise<void> {
    // What is taken away counts at once, and also when nothing can be written.
    this.#permissions.restrict(id, changes);
    if (changes.terminal === false) this.#terminals.closeNode(id, "switchedOff");
    // One after the other: two changes at once must not undo each other.
    return this.#inTurn(() => this.#permit(actor, id, changes));
  }

  async run(actor: Actor, nodes: readonly number[], command: string): Promise<CommandRun> {
    const { audit } = this.#options;
    if (command.trim() === "") throw new ValidationError("There is no command");
    if (command.length > MAX_COMMAND) throw new ValidationError("The command is too long");
    const ids = [...new Set(nodes)];
    if (ids.length === 0) throw new ValidationError("No node is chosen");
    for (const id of ids) this.#demand(id, "command");
    if (this.#runs.pending + ids.length > MAX_PENDING) {
      throw new ControlBusyError("Too many commands wait for their outcome");
    }
    const run = await this.#runs.begin(actor.user, command, ids);
    const detail = `Run ${run.id}: ${command.slice(0, SHOWN_COMMAND)}`;
    try {
      await audit.recordAll(ids.map((node) => ({ actor, action: "command.run", node, detail })));
    } catch (error) {
      this.#giveUp(run.id, ids, "notRecorded");
      throw error;
    }
    for (const id of ids) this.#send(id, run);
    return (await this.#runs.byId(run.id)) ?? run;
  }

  commandRun(id: string): Promise<CommandRun | undefined> {
    return this.#runs.byId(id);
  }

  commandRuns(limit: number): Promise<readonly CommandRun[]> {
    return this.#runs.newest(limit);
  }

  finish(node: number, outcome: { id: string; output: string; exitCode?: number }): boolean {
    return this.#runs.finish(node, outcome);
  }

  async openTerminal(actor: Actor, id: number): Promise<Terminal> {
    const { name } = this.#demand(id, "terminal");
    this.#terminals.demandRoom(actor.user, id);
    const act = { actor, action: "terminal.open", node: id, detail: `On '${name}'` };
    return this.#options.audit.act(act, () => {
      // All of it may have changed while the record was written.
      this.#demand(id, "terminal");
      this.#terminals.demandRoom(actor.user, id);
      return this.#askForTerminal(actor, id);
    });
  }

  #askForTerminal(actor: Actor, id: number): Terminal {
    const { audit, ingest } = this.#options;
    const onEnd = (reason: TerminalEndCode, openMs: number): void => {
      const detail = `After ${Math.round(openMs / 1000)} s: ${TERMINAL_ENDS[reason]}`;
      const written = audit.record({ actor, action: "terminal.end", node: id, detail });
      this.#later(written, { ...actor, node: id }, "The end of a terminal is not recorded");
    };
    const terminal = this.#terminals.add({ user: actor.user, node: id, onEnd });
    if (ingest.send(id, { kind: "terminal", stream: terminal.stream })) return terminal;
    terminal.end.close("nodeOffline");
    throw new NodeUnreachableError();
  }

  joinTerminal(node: number, stream: string): StreamEnd | undefined {
    return this.#terminals.join(node, stream);
  }

  /** Once a second or less. */
  tick(): void {
    this.#terminals.tick();
    this.#runs.tick();
  }

  /** Ends terminals; resolves when everything is written. */
  async close(): Promise<void> {
    this.#stop();
    this.#terminals.close("hubStops");
    await Promise.all([this.#runs.close(), ...this.#writes]);
  }

  async #permit(actor: Actor, id: number, changes: Partial<NodePermissions>): Promise<void> {
    const { audit, settings } = this.#options;
    const { name } = this.#demandNode(id);
    const { command, terminal } = { ...this.#permissions.of(id), ...changes };
    const permissions = { command, terminal };
    if (!settings.enabled && (changes.command === true || changes.terminal === true)) {
      throw new NotAllowedOnNodeError("Remote control");
    }
    const detail = `On '${name}' is allowed: ${permissionText(permissions)}`;
    await audit.act({ actor, action: "node.permit", node: id, detail }, () => {
      this.#demandNode(id);
      return this.#permissions.set(id, permissions);
    });
  }

  #demandNode(id: number): NodeRecord {
    const node = this.#options.registry.byId(id);
    if (node === undefined) throw new NodeNotFoundError();
    return node;
  }

  #demand(id: number, what: keyof NodePermissions): NodeRecord {
    const node = this.#demandNode(id);
    if (!this.permissions(id)[what]) throw new NotAllowedOnNodeError(PERMISSION_NAMES[what]);
    return node;
  }

  /** Once more, whether it is allowed: it may have changed while the record was written. */
  #send(node: number, { id, command }: CommandRun): void {
    if (!this.permissions(node).command) this.#giveUp(id, [node], "forbidden");
    else if (!this.#options.ingest.send(node, { kind: "command", run: id, command })) {
      this.#giveUp(id, [node], "nodeOffline");
    }
  }

  #giveUp(id: string, nodes: readonly number[], why: CommandFailure): void {
    const output = COMMAND_FAILURES[why];
    for (const node of nodes) this.#runs.finish(node, { id, output, exitCode: -1 });
  }

  #forget(node: number): void {
    this.#terminals.closeNode(node, "nodeRemoved");
    this.#runs.forget(node);
    this.#later(this.#permissions.forget(node), { node }, "Permissions stay stored");
  }

  /** Nobody waits for it before the hub closes. */
  #later(written: Promise<void>, fields: object, failure: string): void {
    const settled = written
      .catch((error: unknown) => {
        this.#options.log.error({ ...fields, problem: describeError(error) }, failure);
      })
      .finally(() => {
        this.#writes.delete(settled);
      });
    this.#writes.add(settled);
  }
}
