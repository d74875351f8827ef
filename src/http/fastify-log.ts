import type { FastifyBaseLogger } from "fastify";
import type { Logger } from "../core/log.ts";

type Level = "debug" | "info" | "warn" | "error" | "fatal";

function adapt(log: Logger, level: Level) {
  return (first: unknown, second?: unknown): void => {
    if (!log.isLevelEnabled(level)) return;
    const message = typeof second === "string" ? second : "";
    if (typeof first === "string") log[level]({}, first);
    else if (first instanceof Error)
      log[level]({ err: first }, message === "" ? first.message : message);
    else log[level](typeof first === "object" && first !== null ? first : {}, message);
  };
}

/** What Fastify wants of a logger. Children are the logger itself: one object less for every request. */
export function fastifyLog(log: Logger): FastifyBaseLogger {
  const adapted: FastifyBaseLogger = {
    level: log.isLevelEnabled("debug") ? "debug" : "info",
    trace: () => undefined,
    silent: () => undefined,
    debug: adapt(log, "debug"),
    info: adapt(log, "info"),
    warn: adapt(log, "warn"),
    error: adapt(log, "error"),
    fatal: adapt(log, "fatal"),
    child: () => adapted,
  };
  return adapted;
}
