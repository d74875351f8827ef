import { randomInt } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import { describeError } from "../core/errors.ts";
import { createLane } from "../core/lane.ts";
import type { Logger } from "../core/log.ts";
import { COMMAND_FAILURES } from "../protocol/fleet/command-failures.ts";
import type { CommandOutcome, CommandRun } from "./control.ts";
import type { SqlStatement, SqlValue, Tables } from "./series/series.ts";

export interface CommandRunsOptions {
  readonly tables: Tables;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Stock agents give a command two hours. */
const ANSWER_WITHIN_MS = 2 * 3_600_000 + 60_000;
const MAX_OUTPUT = 1024 * 1024;
/** Of all runs together. */
const MAX_STORED = 64 * 1024 * 1024;
const MAX_RUNS = 500;
const CUT = "\n[cut here: the output was longer]";
/** What agents say when a command could not be started. */
const FAILED = -1;
const ID_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ID_LENGTH = 16;

/** A run some of whose nodes have not answered yet. */
interface OpenRun {
  readonly startedAt: number;
  readonly nodes: Set<number>;
  /** Of one node's output, so that all of them fit. */
  readonly maxOutput: number;
}

interface Kept {
  readonly id: string;
  size: number;
}

function newId(): string {
  const letter = (): string => ID_LETTERS.charAt(randomInt(ID_LETTERS.length));
  return Array.from({ length: ID_LENGTH }, letter).join("");
}

const maxOutputOf = (nodes: number): number =>
  Math.floor(Math.min(MAX_OUTPUT, MAX_STORED / Math.max(1, nodes)));

function cutTo(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, Math.max(0, most - CUT.length)) + CUT;
}

function outcomeOf(row: Readonly<Record<string, SqlValue>>): CommandOutcome {
  const number = (value: SqlValue | undefined) => (typeof value === "number" ? value : undefined);
  return {
    node: Number(row["node"]),
    output: String(row["output"]),
    exitCode: number(row["exit_code"]),
    finishedAt: number(row["finished_at"]),
  };
}

/**
 * Commands and what came of them, in the hub's tables. Old runs make room for new ones. Answers may come after a
 * restart of the hub.
 */
export class CommandRuns {
  readonly #options: CommandRunsOptions;
  readonly #open = new Map<string, OpenRun>();
  /** All that are stored, oldest first. */
  #kept: Kept[] = [];
  readonly #inTurn = createLane();

  constructor(options: CommandRunsOptions) {
    this.#options = options;
  }

  /** Answers that are waited for. */
  get pending(): number {
    let count = 0;
    for (const { nodes } of this.#open.values()) count += nodes.size;
    return count;
  }

  /** Rejects with `StorageError`. */
  async load(): Promise<void> {
    const { tables } = this.#options;
    const runs = await tables.read({
      sql: `SELECT id, started_at, LENGTH(command) + COALESCE((SELECT SUM(LENGTH(output)) FROM command_outcome WHERE run = id), 0) AS size
            FROM command_run ORDER BY number`,
      values: [],
    });
    this.#kept = runs.map((row) => ({ id: String(row["id"]), size: Number(row["size"]) }));
    const startedAt = new Map(runs.map((row) => [String(row["id"]), Number(row["started_at"])]));
    const sql = "SELECT run, node FROM command_outcome WHERE finished_at IS NULL";
    for (const row of await tables.read({ sql, values: [] })) {
      const id = String(row["run"]);
      const run = this.#open.get(id) ?? {
        startedAt: startedAt.get(id) ?? 0,
        nodes: new Set<number>(),
        maxOutput: MAX_OUTPUT,
      };
      run.nodes.add(Number(row["node"]));
      this.#open.set(id, run);
    }
  }

  /** A run that waits for these nodes. Rejects with `StorageError`; nothing is kept then. */
  async begin(user: string, command: string, nodes: readonly number[]): Promise<CommandRun> {
    const [id, startedAt] = [newId(), this.#options.clock.now()];
    await this.#inTurn(async () => {
      await this.#options.tables.write([
        ...this.#makeRoom(command.length + nodes.length * CUT.length),
        {
          sql: "INSERT INTO command_run (id, command, user, started_at) VALUES (?, ?, ?, ?)",
          values: [id, command, user, startedAt],
        },
        ...nodes.map((node) => ({
          sql: "INSERT INTO command_outcome (run, node, output) VALUES (?, ?, '')",
          values: [id, node],
        })),
      ]);
      this.#kept.push({ id, size: command.length });
    });
    this.#open.set(id, {
      startedAt,
      nodes: new Set(nodes),
      maxOutput: maxOutputOf(nodes.length),
    });
    const running = { output: "", exitCode: undefined, finishedAt: undefined };
    return {
      id,
      command,
      user,
      startedAt,
      outcomes: nodes.map((node) => Object.assign({ node }, running)),
    };
  }

  /** False when nothing is waited for: another node's run, or one that has ended. */
  finish(
    node: number,
    { id, output, exitCode }: { id: string; output: string; exitCode?: number },
  ) {
    const run = this.#open.get(id);
    if (run?.nodes.delete(node) !== true) return false;
    if (run.nodes.size === 0) this.#open.delete(id);
    const text = cutTo(output, run.maxOutput);
    const code = Number.isSafeInteger(exitCode) ? (exitCode ?? null) : null;
    this.#inTurn(() => this.#store(node, id, text, code)).catch((error: unknown) => {
      const problem = describeError(error);
      this.#options.log.error({ run: id, node, problem }, "The outcome of a command is lost");
    });
    return true;
  }

  /** Ends what has gone unanswered for too long. */
  tick(): void {
    const now = this.#options.clock.now();
    for (const [id, { startedAt, nodes }] of this.#open) {
      const isLate = now - startedAt > ANSWER_WITHIN_MS || now < startedAt - ANSWER_WITHIN_MS;
      if (!isLate) continue;
      const output = COMMAND_FAILURES.agentSilent;
      for (const node of nodes) this.finish(node, { id, output, exitCode: FAILED });
    }
  }

  /** Ends what waits for a node that is gone. */
  forget(node: number): void {
    const output = COMMAND_FAILURES.nodeRemoved;
    for (const id of this.#open.keys()) this.finish(node, { id, output, exitCode: FAILED });
  }

  async byId(id: string): Promise<CommandRun | undefined> {
    const [run] = await this.#read("WHERE id = ?", [id, 1]);
    return run;
  }

  /** Newest first. */
  newest(limit: number): Promise<readonly CommandRun[]> {
    const most = Number.isFinite(limit) ? Math.min(Math.max(0, Math.floor(limit)), MAX_RUNS) : 0;
    return this.#read("", [most]);
  }

  /** Resolves when everything is written. */
  close(): Promise<void> {
    return this.#inTurn(() => Promise.resolve());
  }

  #read(where: "" | "WHERE id = ?", values: readonly SqlValue[]): Promise<readonly CommandRun[]> {
    const { tables } = this.#options;
    return this.#inTurn(async () => {
      const sql = `SELECT id, command, user, started_at FROM command_run ${where} ORDER BY number DESC LIMIT ?`;
      const runs: CommandRun[] = [];
      for (const row of await tables.read({ sql, values })) {
        const outcomes = await tables.read({
          sql: "SELECT node, output, exit_code, finished_at FROM command_outcome WHERE run = ? ORDER BY rowid",
          values: [row["id"] ?? ""],
        });
        runs.push({
          id: String(row["id"]),
          command: String(row["command"]),
          user: String(row["user"]),
          startedAt: Number(row["started_at"]),
          outcomes: outcomes.map(outcomeOf),
        });
      }
      return runs;
    });
  }

  async #store(node: number, id: string, output: string, exitCode: number | null): Promise<void> {
    const sql =
      "UPDATE command_outcome SET output = ?, exit_code = ?, finished_at = ? WHERE run = ? AND node = ?";
    const values = [output, exitCode, this.#options.clock.now(), id, node];
    await this.#options.tables.write([...this.#makeRoom(output.length, id), { sql, values }]);
    const kept = this.#kept.find((candidate) => candidate.id === id);
    if (kept !== undefined) kept.size += output.length;
  }

  /** Deletions of the oldest runs that are over, until there is room for one more, or for what comes to `except`. */
  #makeRoom(size: number, except?: string): SqlStatement[] {
    let total = this.#kept.reduce((sum, kept) => sum + kept.size, size);
    let count = this.#kept.length + (except === undefined ? 1 : 0);
    const gone = new Set<string>();
    for (const { id, size: freed } of this.#kept) {
      if (total <= MAX_STORED && count <= MAX_RUNS) break;
      if (id === except || this.#open.has(id)) continue;
      gone.add(id);
      total -= freed;
      count -= 1;
    }
    this.#kept = this.#kept.filter(({ id }) => !gone.has(id));
    return [...gone].flatMap((id) => [
      { sql: "DELETE FROM command_run WHERE id = ?", values: [id] },
      { sql: "DELETE FROM command_outcome WHERE run = ?", values: [id] },
    ]);
  }
}
