import type { FastifyReply } from "fastify";
import { AppError } from "../../../core/errors.ts";

// Failures in the words of a v0 dashboard (Nezha facts 2.1, 2.4). Clients look at `code`, so the texts stay as they are.

/** The answer to whoever may not: a success by its status, as scripts and clients of this API expect. */
export const NEEDS_SIGN_IN = { code: 403, message: "访问此接口需要认证" } as const;
/** Guests where the page is for members only. */
export const PRIVATE_SITE = { code: 403, message: "访问受限" } as const;
export const BAD_ID = { code: 400, message: "id参数错误" } as const;
export const NO_SUCH_ID = { code: 404, message: "id不存在" } as const;
/** A hidden node, asked for by a guest. */
export const NODE_HIDDEN = { code: 403, message: "需要认证" } as const;

const REFUSALS: ReadonlySet<string> = new Set(["unauthenticated", "forbidden"]);

/** Nobody in particular, or somebody who may not. */
export function isRefusal(error: unknown): boolean {
  return error instanceof AppError && REFUSALS.has(error.kind);
}

/** A body that was not understood. */
export function isBadBody(error: unknown): boolean {
  if (error instanceof AppError) return error.kind === "invalid";
  return error instanceof Error && "statusCode" in error && error.statusCode === 400;
}

/** False for what is not for this dialect to tell: the server's own answer follows. */
export function sendV0Error(error: unknown, reply: FastifyReply): boolean {
  if (!(error instanceof AppError) || error.kind === "internal") return false;
  void reply
    .code(200)
    .send(isRefusal(error) ? NEEDS_SIGN_IN : { code: 400, message: error.message });
  return true;
}
