/** Who of the fleet sent a request: by its token alone, wherever stock agents put it (Komari 1.2). */
import type { FastifyRequest } from "fastify";
import type { Clock } from "../../../core/clock.ts";
import { AppError } from "../../../core/errors.ts";
import { addressGroup } from "../../../http/address.ts";
import { UnauthorizedError } from "../../../http/auth/errors.ts";
import type { AgentPrincipal } from "../../../http/auth/principal.ts";
import type { Hub } from "../../../hub/hub.ts";
import { isTree, parseJson } from "../../../protocol/komari/commands.ts";
import { Allowance } from "./allowance.ts";
import { keepBody, readEarly } from "./early-body.ts";

/** So many wrong credentials came from an address that the next one is not worth an answer. Right ones still are. */
export class TooManyTriesError extends AppError {
  static readonly code = "TOO_MANY_TRIES";
  constructor(message = "Too many wrong credentials, try again later", options?: ErrorOptions) {
    super("rateLimited", TooManyTriesError.code, message, options);
  }
}

/** Wrong credentials of one address before the brake; agents of deleted nodes try on for ever, some behind one address. */
const WRONG = { burst: 60, perSecond: 1, keys: 4096 } as const;
const BEARER = /^Bearer +(.+)$/i;

function bearerOf({ headers }: FastifyRequest): string | undefined {
  return BEARER.exec(headers.authorization ?? "")?.[1];
}

function parameterOf({ query }: FastifyRequest, name: string): string | undefined {
  const value = isTree(query) ? query[name] : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** In the order of stock servers; a header, which ends up in no log, comes last because they do not know it. */
function tokenOf(request: FastifyRequest): string | undefined {
  return (
    parameterOf(request, "token") ?? parameterOf(request, "Authorization") ?? bearerOf(request)
  );
}

function tokenIn(body: Buffer): string | undefined {
  const value = parseJson(body.toString("utf8"));
  const token = isTree(value) ? value["token"] : undefined;
  return typeof token === "string" && token !== "" ? token : undefined;
}

export interface AgentGateOptions {
  readonly hub: Pick<Hub, "registry" | "ingest">;
  readonly clock: Clock;
}

/** Proves tokens, and slows down whoever guesses them. */
export class AgentGate {
  readonly #options: AgentGateOptions;
  readonly #wrong: Allowance<string>;

  constructor(options: AgentGateOptions) {
    this.#options = options;
    this.#wrong = new Allowance(WRONG, options.clock);
  }

  /** `config.identify` of every route of agents. Throws `UnauthorizedError` or `TooManyTriesError`. */
  readonly identify = (request: FastifyRequest): AgentPrincipal | Promise<AgentPrincipal> => {
    const token = tokenOf(request);
    if (token !== undefined) return this.#prove(token, request);
    return request.method === "POST" ? this.#byBody(request) : this.#refuse(request);
  };

  /** Counts a wrong credential. Throws. */
  refuse(request: FastifyRequest, error: AppError): never {
    this.#options.hub.ingest.count("unauthorized");
    if (!this.#wrong.take(addressGroup(request.ip))) throw new TooManyTriesError();
    throw error;
  }

  #prove(token: string, request: FastifyRequest): AgentPrincipal {
    const node = this.#options.hub.registry.authenticate(token);
    return node === undefined ? this.#refuse(request) : { node: node.id, uuid: node.uuid };
  }

  #refuse(request: FastifyRequest): never {
    return this.refuse(request, new UnauthorizedError("Unauthorized."));
  }

  async #byBody(request: FastifyRequest): Promise<AgentPrincipal> {
    const body = await readEarly(request, this.#options.clock);
    const token = body === undefined ? undefined : tokenIn(body);
    if (body === undefined || token === undefined) return this.#refuse(request);
    const agent = this.#prove(token, request);
    keepBody(request, body);
    return agent;
  }
}
