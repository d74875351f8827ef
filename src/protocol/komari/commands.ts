/** What a Komari server asks of a node, in the shapes of both protocol versions (Komari 1.7, 1.8). */

export type KomariPingType = "icmp" | "tcp" | "http";

export type KomariCommand =
  | { readonly kind: "exec"; readonly taskId: string; readonly command: string }
  | {
      readonly kind: "ping";
      readonly taskId: number;
      readonly pingType: KomariPingType;
      readonly target: string;
    }
  | { readonly kind: "terminal"; readonly requestId: string };

export type Tree = Readonly<Record<string, unknown>>;

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const PING_TYPES = ["icmp", "tcp", "http"] as const;
/** Identifiers are short; longer ones are no identifiers. */
const MAX_ID = 128;
const MAX_TARGET = 2048;
/** Characters. The longest command that is run fits in several times; more is not even parsed, which costs time. */
const MAX_FRAME = 256 * 1024;

function parseFrame(text: string): unknown {
  return text.length > MAX_FRAME ? undefined : parseJson(text);
}

function textOf(value: unknown, maxLength: number): string | undefined {
  return typeof value === "string" && value !== "" && value.length <= maxLength ? value : undefined;
}

function pingOf(params: Tree): KomariCommand | undefined {
  const { ping_task_id: taskId, ping_target: target } = params;
  const pingType = PING_TYPES.find((type) => type === params["ping_type"]);
  const text = textOf(target, MAX_TARGET);
  // Zero stands for "no task" with the stock agents.
  if (typeof taskId !== "number" || !Number.isSafeInteger(taskId) || taskId <= 0) return undefined;
  if (pingType === undefined || text === undefined) return undefined;
  return { kind: "ping", taskId, pingType, target: text };
}

function execOf(params: Tree): KomariCommand | undefined {
  const taskId = textOf(params["task_id"], MAX_ID);
  const { command } = params;
  if (taskId === undefined || typeof command !== "string") return undefined;
  return { kind: "exec", taskId, command };
}

function terminalOf(params: Tree): KomariCommand | undefined {
  const requestId = textOf(params["request_id"], MAX_ID);
  return requestId === undefined ? undefined : { kind: "terminal", requestId };
}

const METHODS: ReadonlyMap<unknown, (params: Tree) => KomariCommand | undefined> = new Map([
  ["agent.exec", execOf],
  ["agent.ping", pingOf],
  ["agent.terminal.request", terminalOf],
]);

function fromMethod(method: unknown, params: unknown): KomariCommand | undefined {
  return isTree(params) ? METHODS.get(method)?.(params) : undefined;
}

/** In the order in which the stock agent tells the shapes of version 1 apart. */
function fromMessage(message: Tree): KomariCommand | undefined {
  if (textOf(message["request_id"], MAX_ID) !== undefined) return terminalOf(message);
  return message["message"] === "exec" ? execOf(message) : pingOf(message);
}

/** The command in a text frame, whichever version it is written in; undefined for everything else. */
export function parseCommand(text: string): KomariCommand | undefined {
  const message = parseFrame(text);
  if (!isTree(message)) return undefined;
  return "method" in message
    ? fromMethod(message["method"], message["params"])
    : fromMessage(message);
}

/** The text of an error frame or answer: servers use either key. */
export function errorText(text: string): string | undefined {
  const message = parseFrame(text);
  if (!isTree(message)) return undefined;
  const { error } = message;
  const inner = isTree(error) ? error["message"] : error;
  return textOf(inner, MAX_TARGET) ?? textOf(message["message"], MAX_TARGET);
}

/** An event of the queue that version 2 keeps for nodes without a socket. */
export interface KomariEvent {
  readonly id: string;
  /** Undefined when it is nothing that a node does. */
  readonly command: KomariCommand | undefined;
}

function eventOf(value: unknown): KomariEvent | undefined {
  if (!isTree(value)) return undefined;
  const id = textOf(value["id"], MAX_ID);
  if (id === undefined) return undefined;
  return { id, command: fromMethod(value["method"], value["params"]) };
}

const MAX_EVENTS = 128;

/** The events in the result of `agent.report` and `agent.pull`. */
export function eventsOf(result: unknown): readonly KomariEvent[] {
  const events = isTree(result) ? result["events"] : undefined;
  if (!Array.isArray(events)) return [];
  return events.slice(0, MAX_EVENTS).flatMap((event: unknown) => eventOf(event) ?? []);
}
