/** Agents that make a node of their machine, with one key for the whole fleet (Komari 1.3). */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { AppError } from "../../../core/errors.ts";
import { addressGroup } from "../../../http/address.ts";
import { RateLimiter } from "../../../http/auth/rate-limit.ts";
import { isTree } from "../../../protocol/komari/commands.ts";
import { cleanLine } from "../../../core/clean-line.ts";
import { Allowance } from "./allowance.ts";
import { TooManyTriesError } from "./gate.ts";
import { sendJson } from "./parts.ts";
import type { AgentParts } from "./parts.ts";

/** The key that agents register with is missing or wrong. */
export class WrongDiscoveryKeyError extends AppError {
  static readonly code = "WRONG_DISCOVERY_KEY";
  constructor(options?: ErrorOptions) {
    super("forbidden", WrongDiscoveryKeyError.code, "Invalid AutoDiscovery Key", options);
  }
}

/** A key may be weak, so guessing it slows down quickly; but agents with the right one may share the address. */
const GUESSES = { freeAttempts: 5, maxWaitSeconds: 30 } as const;
/** Nodes that one address may make: a whole rack at once, but no flood. */
const NEW_NODES = { burst: 200, perSecond: 2, keys: 1024 } as const;
const MOST_NAME = 128;
const PREFIX = "Auto-";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** What the agent calls itself, made safe to show. */
function nameOf({ query }: FastifyRequest): string {
  const given = isTree(query) ? query["name"] : undefined;
  const name = typeof given === "string" ? cleanLine(given, MOST_NAME) : "";
  return `${PREFIX}${name === "" ? randomBytes(4).toString("hex") : name}`;
}

/** `POST /api/clients/register`: without a key in the configuration it refuses everybody. */
export function registerRoute(app: FastifyInstance, parts: AgentParts, key: string): void {
  const { hub, clock, log } = parts;
  const guesses = new RateLimiter(GUESSES, clock);
  const newNodes = new Allowance<string>(NEW_NODES, clock);
  // Both sides are hashed: neither the length nor a common beginning can be timed.
  const wanted = digest(`Bearer ${key}`);
  const isOn = key !== "";
  const demandKey = (request: FastifyRequest): void => {
    const { ip, headers } = request;
    if (guesses.addressWaitMs(ip) > 0) throw new TooManyTriesError();
    const isSame = timingSafeEqual(digest(headers.authorization ?? ""), wanted);
    if (isSame && isOn) return;
    hub.ingest.count("unauthorized");
    guesses.failed("", ip);
    throw new WrongDiscoveryKeyError();
  };
  app.route({
    method: "POST",
    url: "/api/clients/register",
    config: { access: "public" },
    handler: async (request, reply) => {
      demandKey(request);
      if (!newNodes.take(addressGroup(request.ip))) throw new TooManyTriesError();
      const { node, token } = await hub.registry.add({ notes: { name: nameOf(request) } });
      log.info({ node: node.id, name: node.name, from: request.ip }, "A node has registered");
      const data = { token, uuid: node.uuid };
      return sendJson(reply, 200, JSON.stringify({ status: "success", message: "", data }));
    },
  });
}
