import { AppError } from "../core/errors.ts";
import type { PingRequest } from "./ingest.ts";

export class ProbeTaskNotFoundError extends AppError {
  static readonly code = "PROBE_TASK_NOT_FOUND";
  constructor(message = "There is no such ping task", options?: ErrorOptions) {
    super("notFound", ProbeTaskNotFoundError.code, message, options);
  }
}

export interface ProbeTaskSettings {
  readonly name: string;
  readonly type: PingRequest["type"];
  /** Host (icmp), host:port (tcp) or URL (http). Never shown to guests. */
  readonly target: string;
  /** Whole seconds, 5 to 86,400. */
  readonly intervalSeconds: number;
  /** `only` the listed nodes, or all `except` them; new nodes are covered by the second. */
  readonly cover: "only" | "except";
  /** `NodeRecord.id`. An empty `only` list means none. */
  readonly nodes: readonly number[];
  readonly weight: number;
  /** Shown by public pages without being asked for. */
  readonly isDefaultOn: boolean;
}

/** A measurement that chosen agents make again and again: Komari's ping task, Nezha's monitor. */
export interface ProbeTask extends ProbeTaskSettings {
  /** From 1; never used again. */
  readonly id: number;
}

export function coversNode(task: ProbeTaskSettings, node: number): boolean {
  return task.nodes.includes(node) === (task.cover === "only");
}

/** The ping tasks: all in memory, every change in the file before its promise resolves. */
export interface Probes {
  /** By id. */
  readonly tasks: readonly ProbeTask[];
  byId(id: number): ProbeTask | undefined;
  /** Rejects with `ValidationError` or `StorageError`. At most 200 tasks. */
  add(settings: ProbeTaskSettings): Promise<ProbeTask>;
  /** Rejects with `ProbeTaskNotFoundError`, too. */
  edit(id: number, settings: Partial<ProbeTaskSettings>): Promise<ProbeTask>;
  /** With all its results. */
  remove(id: number): Promise<void>;
}
