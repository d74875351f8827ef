/**
 * `/api/rpc2`: JSON-RPC 2.0 over POST and over a WebSocket (Komari 2.6). Deliberately different from the original: a
 * batch of one is answered with a list, and hours and task ids may be numbers as well as texts.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { WebSocket } from "ws";
import { AppError, describeError } from "../../core/errors.ts";
import type { ErrorKind } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { Hub } from "../../hub/hub.ts";
import { demandAccess, PrivateSiteError, ReadyJson } from "./calls/call.ts";
import type { CallTable, Caller, KomariCall, Params } from "./calls/call.ts";
import { codeOf, isTree } from "./calls/params.ts";
import { codeProblem } from "./errors.ts";
import { callerOf } from "./rest.ts";

const JSON_TYPE = "application/json; charset=utf-8";
/** Requests in one batch. */
const MOST_REQUESTS = 50;
/** Requests of one socket that wait for their turn. */
const MOST_WAITING = 64;
const MOST_REQUEST_BYTES = 256 * 1024;
/** RFC 6455 7.4.1. */
const POLICY_VIOLATION = 1008;

const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const METHOD_NOT_FOUND = -32_601;
const INVALID_PARAMS = -32_602;
const INTERNAL = -32_603;

const CODES: Readonly<Partial<Record<ErrorKind, number>>> = {
  invalid: INVALID_PARAMS,
  tooLarge: INVALID_PARAMS,
  unauthenticated: -32_041,
  forbidden: -32_041,
  notFound: -32_044,
  conflict: -32_045,
  cancelled: -32_010,
  timeout: -32_011,
  unsupported: -32_050,
  unavailable: -32_051,
  busy: -32_051,
  rateLimited: -32_051,
};

export interface RpcOptions {
  readonly calls: CallTable;
  readonly hub: Hub;
  readonly log: Logger;
}

type Id = string | number | null;

const idOf = (value: unknown): Id =>
  typeof value === "string" || typeof value === "number" ? value : null;

const idText = (id: Id): string => (id === null ? "" : `,"id":${JSON.stringify(id)}`);

function failureText(id: Id, code: number, message: string): string {
  return `{"jsonrpc":"2.0","error":${JSON.stringify({ code, message })}${idText(id)}}`;
}

function resultText(id: Id, result: unknown): string {
  const isNothing = result === undefined || result === null;
  const text = result instanceof ReadyJson ? result.text : JSON.stringify(result);
  return `{"jsonrpc":"2.0"${isNothing ? "" : `,"result":${text}`}${idText(id)}}`;
}

/** By name, by position, or one value for the first name. */
function namedParams(call: KomariCall, params: unknown): Params {
  if (isTree(params)) return params;
  if (params === undefined || params === null) return {};
  const names = call.positions ?? ["items"];
  if (!Array.isArray(params)) return { [names[0] ?? "items"]: params };
  if (call.positions === undefined) return { items: params };
  return Object.fromEntries(names.map((name, index) => [name, params[index]]));
}

/** `rpc.*`: about the table itself. */
function ownMethod(calls: CallTable, method: string, params: unknown): unknown {
  const asked = isTree(params) ? params : {};
  switch (method) {
    case "rpc.ping":
      return "pong";
    case "rpc.version":
      return "2.0";
    case "rpc.methods":
      return Object.keys(calls).sort();
    case "rpc.help": {
      const help = Object.entries(calls).map(([name, { summary }]) => ({ name, summary }));
      return typeof asked["method"] === "string"
        ? help.find(({ name }) => name === asked["method"])
        : help;
    }
    default:
      return undefined;
  }
}

function problemText(id: Id, error: unknown, { log }: RpcOptions): string {
  if (error instanceof PrivateSiteError) {
    return failureText(id, -32_041, "Private site enabled, please login first");
  }
  const code = codeProblem(error);
  if (code !== undefined) return failureText(id, -32_041, code);
  if (error instanceof AppError && error.kind !== "internal") {
    return failureText(id, CODES[error.kind] ?? INTERNAL, error.message);
  }
  log.error({ err: error }, "A call failed unexpectedly");
  return failureText(id, INTERNAL, "Internal error");
}

async function answer(request: unknown, caller: Caller, options: RpcOptions): Promise<string> {
  const { calls, hub } = options;
  if (!isTree(request)) return failureText(null, INVALID_REQUEST, "not a request");
  const id = idOf(request["id"]);
  const { method, params, jsonrpc } = request;
  if (jsonrpc !== "2.0") return failureText(id, INVALID_REQUEST, "jsonrpc must be 2.0");
  if (typeof method !== "string" || method === "") {
    return failureText(id, INVALID_REQUEST, "method is required");
  }
  try {
    if (method.startsWith("rpc.")) {
      const result = ownMethod(calls, method, params);
      return result === undefined
        ? failureText(id, METHOD_NOT_FOUND, "method not found")
        : resultText(id, result);
    }
    const call = Object.hasOwn(calls, method) ? calls[method] : undefined;
    if (call === undefined) return failureText(id, METHOD_NOT_FOUND, "method not found");
    demandAccess(call, caller, hub);
    const named = namedParams(call, params);
    const code = codeOf(named);
    const own = code === "" ? caller : { ...caller, code };
    return resultText(id, await call.run(named, own));
  } catch (error) {
    return problemText(id, error, options);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error instanceof Error ? error : new Error(describeError(error));
  }
}

async function answerBody(
  body: unknown,
  caller: Caller,
  options: RpcOptions,
): Promise<{ readonly status: number; readonly text: string }> {
  const text = typeof body === "string" ? body.trim() : "";
  if (text === "") return { status: 400, text: failureText(null, PARSE_ERROR, "empty body") };
  const parsed = parse(text);
  if (parsed instanceof Error) {
    return { status: 400, text: failureText(null, PARSE_ERROR, "invalid json") };
  }
  if (!Array.isArray(parsed)) return { status: 200, text: await answer(parsed, caller, options) };
  if (parsed.length === 0 || parsed.length > MOST_REQUESTS) {
    const message = parsed.length === 0 ? "empty batch" : `more than ${MOST_REQUESTS} requests`;
    return { status: 400, text: failureText(null, INVALID_REQUEST, message) };
  }
  const answers: string[] = [];
  for (const request of parsed) answers.push(await answer(request, caller, options));
  return { status: 200, text: `[${answers.join(",")}]` };
}

/** Answers one request after the other, in their order. */
function serve(socket: WebSocket, request: FastifyRequest, options: RpcOptions): void {
  const caller = callerOf(request);
  let waiting = 0;
  let lane: Promise<void> = Promise.resolve();
  const reply = async (text: string): Promise<void> => {
    const parsed = parse(text);
    const isBad = parsed instanceof Error;
    const sent = isBad
      ? failureText(null, INVALID_REQUEST, "bad request: invalid json")
      : await answer(parsed, caller, options);
    await new Promise<void>((resolve) => {
      // A viewer that does not read holds its own lane only.
      socket.send(sent, () => {
        resolve();
      });
    });
    waiting -= 1;
  };
  socket.on("message", (data, isBinary) => {
    const isTaken = !isBinary && data instanceof Uint8Array && data.length <= MOST_REQUEST_BYTES;
    if (!isTaken || waiting >= MOST_WAITING) {
      socket.close(POLICY_VIOLATION, isTaken ? "too many requests" : "no request");
      return;
    }
    waiting += 1;
    const text = data.toString();
    lane = lane.then(() => reply(text));
  });
}

export function rpcRoutes(app: FastifyInstance, options: RpcOptions): void {
  app.route({
    method: "GET",
    url: "/api/rpc2",
    config: { access: "guest" },
    handler: (_request, reply) =>
      reply.code(400).send({ status: "error", error: "Require WebSocket upgrade" }),
    wsHandler: (socket, request) => {
      serve(socket, request, options);
    },
  });
  app.route({
    method: "POST",
    url: "/api/rpc2",
    config: { access: "guest" },
    handler: async (request, reply) => {
      const { status, text } = await answerBody(request.body, callerOf(request), options);
      return reply.header("Cache-Control", "no-store").code(status).type(JSON_TYPE).send(text);
    },
  });
}
