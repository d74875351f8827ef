import { ValidationError } from "../core/errors.ts";
import { ProbeTaskNotFoundError } from "./probes.ts";
import type { Probes, ProbeTask, ProbeTaskSettings } from "./probes.ts";
import type { Series, Tables } from "./series/series.ts";
import { parseTree } from "./stored-json.ts";

const MAX_TASKS = 200;
const MAX_NAME = 128;
const MAX_TARGET = 2048;
const MAX_NODES = 100_000;
const LEAST_SECONDS = 5;
const MOST_SECONDS = 86_400;
const TYPES: ReadonlySet<string> = new Set(["icmp", "tcp", "http"]);
const COVERS: ReadonlySet<string> = new Set(["only", "except"]);
const HOST = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})$|^\[?[0-9A-Fa-f:.%]{2,64}\]?$/;
const TCP = /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}|\[[0-9A-Fa-f:.%]{2,64}\])(?::(\d{1,5}))?$/;

const DEFAULTS: ProbeTaskSettings = {
  name: "",
  type: "icmp",
  target: "",
  intervalSeconds: 60,
  cover: "only",
  nodes: [],
  weight: 0,
  isDefaultOn: false,
};

function isTarget({ type, target }: ProbeTaskSettings): boolean {
  switch (type) {
    case "icmp":
      return HOST.test(target);
    case "tcp": {
      const port = TCP.exec(target)?.[1];
      return (
        TCP.test(target) && (port === undefined || (Number(port) > 0 && Number(port) < 65_536))
      );
    }
    case "http":
      return /^https?:\/\//i.test(target) && URL.canParse(target);
  }
}

function checkSettings(settings: ProbeTaskSettings): ProbeTaskSettings {
  const { name, type, target, intervalSeconds, cover, nodes } = settings;
  const problems: readonly (readonly [boolean, string])[] = [
    [
      name.trim() === "" || name.length > MAX_NAME,
      "The name of the ping task is empty or too long",
    ],
    [!TYPES.has(type), "There is no such kind of ping task"],
    [target.length > MAX_TARGET || !isTarget(settings), `The target does not fit the kind ${type}`],
    [
      !Number.isSafeInteger(intervalSeconds) ||
        intervalSeconds < LEAST_SECONDS ||
        intervalSeconds > MOST_SECONDS,
      `The interval is not ${LEAST_SECONDS} to ${MOST_SECONDS} s`,
    ],
    [!COVERS.has(cover), "The cover is neither 'only' nor 'except'"],
    [
      nodes.length > MAX_NODES || !nodes.every(Number.isSafeInteger),
      "The nodes are no list of ids",
    ],
    [!Number.isSafeInteger(settings.weight), "The weight is not a whole number"],
  ];
  const problem = problems.find(([isWrong]) => isWrong)?.[1];
  if (problem !== undefined) throw new ValidationError(problem);
  return settings;
}

function storedText({
  name,
  type,
  target,
  intervalSeconds,
  cover,
  nodes,
  weight,
  isDefaultOn,
}: ProbeTaskSettings): string {
  return JSON.stringify({ name, type, target, intervalSeconds, cover, nodes, weight, isDefaultOn });
}

/** The ping tasks in the hub's tables. */
export class ProbeBook implements Probes {
  readonly #tables: Tables;
  readonly #series: Pick<Series, "forgetTask">;
  readonly #byId = new Map<number, ProbeTask>();
  #tasks: readonly ProbeTask[] = [];

  constructor(tables: Tables, series: Pick<Series, "forgetTask">) {
    this.#tables = tables;
    this.#series = series;
  }

  /** Reads all tasks. Rejects with `StorageError`. */
  async load(): Promise<void> {
    const sql = "SELECT id, settings FROM probe_task ORDER BY id";
    for (const row of await this.#tables.read({ sql, values: [] })) {
      this.#put({ ...parseTree(row["settings"], DEFAULTS), id: Number(row["id"]) });
    }
  }

  get tasks(): readonly ProbeTask[] {
    return this.#tasks;
  }

  byId(id: number): ProbeTask | undefined {
    return this.#byId.get(id);
  }

  async add(settings: ProbeTaskSettings): Promise<ProbeTask> {
    checkSettings(settings);
    if (this.#byId.size >= MAX_TASKS) {
      throw new ValidationError(`There are ${MAX_TASKS} ping tasks already`);
    }
    const sql = "INSERT INTO probe_task (settings) VALUES (?) RETURNING id";
    const rows = await this.#tables.read({ sql, values: [storedText(settings)] });
    return this.#put({ ...settings, id: Number(rows[0]?.["id"]) });
  }

  async edit(id: number, changes: Partial<ProbeTaskSettings>): Promise<ProbeTask> {
    const task = { ...this.#demand(id), ...changes, id };
    checkSettings(task);
    const sql = "UPDATE probe_task SET settings = ? WHERE id = ?";
    await this.#tables.write([{ sql, values: [storedText(task), id] }]);
    this.#demand(id);
    return this.#put(task);
  }

  async remove(id: number): Promise<void> {
    this.#demand(id);
    await this.#tables.write([{ sql: "DELETE FROM probe_task WHERE id = ?", values: [id] }]);
    this.#byId.delete(id);
    this.#tasks = [...this.#byId.values()];
    await this.#series.forgetTask(id);
  }

  #demand(id: number): ProbeTask {
    const task = this.#byId.get(id);
    if (task === undefined) throw new ProbeTaskNotFoundError();
    return task;
  }

  #put(task: ProbeTask): ProbeTask {
    this.#byId.set(task.id, task);
    this.#tasks = [...this.#byId.values()].sort((a, b) => a.id - b.id);
    return task;
  }
}
