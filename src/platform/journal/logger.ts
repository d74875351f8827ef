import { pino } from "pino";
import type { Logger as Pino } from "pino";
import type { Logger } from "../../core/log.ts";
import type { LogSink } from "./log-sink.ts";

/** Never in the log, whatever object is logged. */
const REDACTED = ["password", "passwd", "token", "secret"].flatMap((name) => [name, `*.${name}`]);

const SEVERITY = { debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const;
const BY_NAME: ReadonlyMap<string, number> = new Map(Object.entries(SEVERITY));

/** Levels that the program does not have are below all others. */
const severityOf = (level: string): number => BY_NAME.get(level) ?? 0;

/** What a logger and all of its children have in common. */
interface Threshold {
  least: number;
}

/** Pino's own children keep the level that they were made with; these look at the one that counts now. */
class LeveledLogger implements Logger {
  readonly #target: Pino;
  readonly #threshold: Threshold;

  constructor(target: Pino, threshold: Threshold) {
    this.#target = target;
    this.#threshold = threshold;
  }

  debug(fields: object, message: string): void {
    if (this.#threshold.least <= SEVERITY.debug) this.#target.debug(fields, message);
  }

  info(fields: object, message: string): void {
    if (this.#threshold.least <= SEVERITY.info) this.#target.info(fields, message);
  }

  warn(fields: object, message: string): void {
    if (this.#threshold.least <= SEVERITY.warn) this.#target.warn(fields, message);
  }

  error(fields: object, message: string): void {
    if (this.#threshold.least <= SEVERITY.error) this.#target.error(fields, message);
  }

  fatal(fields: object, message: string): void {
    if (this.#threshold.least <= SEVERITY.fatal) this.#target.fatal(fields, message);
  }

  child(bindings: Record<string, unknown>): Logger {
    return new LeveledLogger(this.#target.child(bindings), this.#threshold);
  }

  isLevelEnabled(level: string): boolean {
    return severityOf(level) >= this.#threshold.least;
  }
}

export interface ProgramLogger {
  readonly log: Logger;
  /** Counts at once, for every logger that was made of it. */
  readonly setLevel: (level: string) => void;
}

/** The program's logger: JSON lines with millisecond times into the sink. */
export function createLogger(level: string, sink: LogSink): ProgramLogger {
  const threshold = { least: severityOf(level) };
  const target = pino({ level: "debug", redact: REDACTED }, sink);
  return {
    log: new LeveledLogger(target, threshold),
    setLevel: (next) => {
      threshold.least = severityOf(next);
    },
  };
}
