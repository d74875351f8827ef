/** Failures outside every dialect: `{ error, message }`, the error's code and text for people. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "../core/errors.ts";
import type { ErrorKind } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import { loggedUrl } from "./logged-url.ts";
import { allowedMethods, trackRoutes } from "./route-table.ts";

const STATUS_BY_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  notFound: 404,
  conflict: 409,
  busy: 409,
  tooLarge: 413,
  rateLimited: 429,
  unsupported: 501,
  unavailable: 503,
  timeout: 504,
  cancelled: 503,
  internal: 500,
};

/** The general HTTP status of an expected error; dialects may have their own. */
export function statusOf(error: AppError): number {
  return STATUS_BY_KIND[error.kind];
}

/** The status of a request that Fastify itself refuses (malformed, too large, ...); undefined for all else. */
function refusalStatusOf(error: Error): number | undefined {
  if (!("statusCode" in error) || typeof error.statusCode !== "number") return undefined;
  return error.statusCode >= 400 && error.statusCode < 500 ? error.statusCode : undefined;
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "BAD_REQUEST";
}

function sendProblem(reply: FastifyReply, status: number, error: string, message: string): void {
  void reply.code(status).type("application/json; charset=utf-8").send({ error, message });
}

function createErrorHandler(log: Logger) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    if (error instanceof AppError && error.kind !== "internal") {
      const status = statusOf(error);
      if (status >= 500 && error.kind !== "cancelled") {
        log.warn({ err: error, url: loggedUrl(request.url) }, "Request could not be served");
      }
      sendProblem(reply, status, error.code, error.message);
      return;
    }
    const refusal = error instanceof Error ? refusalStatusOf(error) : undefined;
    if (refusal !== undefined && error instanceof Error) {
      sendProblem(reply, refusal, codeOf(error), error.message);
      return;
    }
    log.error(
      { err: error, request: request.id, url: loggedUrl(request.url) },
      "Request failed unexpectedly",
    );
    sendProblem(reply, 500, "INTERNAL", `Internal error, request ${request.id}`);
  };
}

/** Answers of the root scope: failures, unknown paths (404) and known ones with another method (405), as plain text. */
export function installRootErrors(app: FastifyInstance, log: Logger): void {
  const table = trackRoutes(app);
  app.setErrorHandler(createErrorHandler(log));
  app.setNotFoundHandler((request, reply) => {
    const methods = allowedMethods(table, request.url);
    const isMethodWrong = methods.length > 0 && !methods.includes(request.method);
    if (isMethodWrong) void reply.header("Allow", methods.join(","));
    void reply
      .code(isMethodWrong ? 405 : 404)
      .type("text/plain; charset=utf-8")
      .send(isMethodWrong ? "405: Method Not Allowed" : "404: Not Found");
  });
}
