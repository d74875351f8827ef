/** Failures as viewers and admins read them: `{ status, message }` (Komari 0.3, 2.1). */
import type { FastifyReply, FastifyRequest } from "fastify";
import { AppError, StorageError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import {
  CodeRequiredError,
  CodeWrongError,
  ForbiddenError,
  UnauthorizedError,
} from "../../http/auth/errors.ts";
import { statusOf } from "../../http/errors.ts";
import { failure } from "./wire.ts";

/** Whoever is not signed in reads one word, however it failed. */
const UNAUTHORIZED = "Unauthorized.";

export interface Problem {
  readonly status: number;
  readonly message: string;
}

/** What front ends compare with; the first one makes them ask for the code. */
export function codeProblem(error: unknown): string | undefined {
  if (error instanceof CodeRequiredError) return "2FA code is required";
  return error instanceof CodeWrongError ? "Invalid 2FA code" : undefined;
}

function statusFrom(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("statusCode" in error)) return undefined;
  const { statusCode } = error;
  return typeof statusCode === "number" && statusCode >= 400 && statusCode < 500
    ? statusCode
    : undefined;
}

/** Undefined for a fault of the program. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof UnauthorizedError) return { status: 401, message: UNAUTHORIZED };
  const code = codeProblem(error);
  if (code !== undefined) return { status: 401, message: code };
  if (error instanceof AppError && error.kind !== "internal") {
    // The original knows no other status for those who may not.
    const status = error instanceof ForbiddenError ? 401 : statusOf(error);
    return { status, message: error.message };
  }
  const status = statusFrom(error);
  if (status === undefined) return undefined;
  const isBody = status === 400;
  return { status, message: isBody ? "Invalid or missing request body" : String(error) };
}

export type ErrorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;

export function createErrorHandler(log: Logger): ErrorHandler {
  return (error, request, reply) => {
    const problem = problemOf(error);
    if (problem === undefined) {
      log.error({ err: error, url: request.url }, "Request failed unexpectedly");
      void reply.code(500).send(failure(`Internal error, request ${request.id}`));
      return;
    }
    if (error instanceof StorageError) log.warn({ err: error, url: request.url }, "Not served");
    void reply.code(problem.status).send(failure(problem.message));
  };
}
