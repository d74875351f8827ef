import type { FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "../../../core/errors.ts";
import type { Hub } from "../../../hub/hub.ts";
import type { NodeRecord } from "../../../hub/registry.ts";
import { parseId, visibleNode } from "./node-figures.ts";
import type { Audience } from "./node-figures.ts";

// Answers of dashboards from v1 on (Nezha facts 3.1): failures are a text under HTTP 200, and what is empty is left out.

/** A failure in the words of the original. */
export class V1Failure extends Error {}

const UNAUTHORIZED = "ApiErrorUnauthorized";
const FORBIDDEN = "permission denied";

type Plain = Readonly<Record<string, unknown>>;

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === null || value === 0 || value === "" || value === false;
}

/** Without what Go leaves out of an object: zeros, empty texts and empty lists. */
export function compact(object: Plain): Plain {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => !isEmpty(value)));
}

export function success(data?: unknown): Plain {
  return isEmpty(data) ? { success: true } : { success: true, data };
}

/** False for what is not for this dialect to tell: the server's own answer follows. */
export function sendV1Error(error: unknown, reply: FastifyReply): boolean {
  const text = textOf(error);
  if (text === undefined) return false;
  void reply.code(200).send({ error: text });
  return true;
}

function textOf(error: unknown): string | undefined {
  if (error instanceof V1Failure) return error.message;
  if (error instanceof AppError) {
    if (error.kind === "unauthenticated") return UNAUTHORIZED;
    if (error.kind === "forbidden") return FORBIDDEN;
    return error.kind === "internal" ? undefined : error.message;
  }
  const isBadRequest = error instanceof Error && "statusCode" in error && error.statusCode === 400;
  return isBadRequest ? error.message : undefined;
}

/** Who asks. Throws where guests see nothing at all. */
export function audienceOf(hub: Hub, { principal }: Pick<FastifyRequest, "principal">): Audience {
  if (principal !== null) return "member";
  if (hub.site.values.isPrivate) throw new V1Failure(UNAUTHORIZED);
  return "guest";
}

/** An id of a path. Throws as Go does. */
export function demandId(text: string): number {
  const id = parseId(text);
  if (id !== undefined) return id;
  throw new V1Failure(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
}

/** The node of a path. Of a hidden one guests are told what they are told of one that is not there. */
export function demandNode(hub: Hub, audience: Audience, text: string): NodeRecord {
  const node = visibleNode(hub, audience, demandId(text));
  if (node === undefined) throw new V1Failure("server not found");
  return node;
}

const PERIOD_DAYS: Readonly<Record<string, number>> = { "1d": 1, "7d": 7, "30d": 30 };

/** Days of a period; guests see one. */
export function demandDays(audience: Audience, period = "1d"): number {
  const days = Object.hasOwn(PERIOD_DAYS, period) ? PERIOD_DAYS[period] : undefined;
  if (days === undefined) {
    throw new V1Failure(`invalid period: ${period.slice(0, 16)}, expected 1d, 7d, or 30d`);
  }
  if (audience === "guest" && days > 1) {
    throw new V1Failure("unauthorized: only 1d data available for guests");
  }
  return days;
}
