type LogMethod = (fields: object, message: string) => void;

/**
 * The part of pino that the program uses. Message constant, data in fields, `err` for errors.
 * debug: wire traffic and transitions. info: what an operator likes to see in a healthy week. warn: one operation
 * went wrong and was contained. error: a feature is down until someone acts. fatal: the process ends.
 */
export interface Logger {
  debug: LogMethod;
  info: LogMethod;
  warn: LogMethod;
  error: LogMethod;
  fatal: LogMethod;
  child(bindings: Record<string, unknown>): Logger;
  /** Guards expensive arguments on hot paths. */
  isLevelEnabled(level: string): boolean;
}

const ignore = (): void => undefined;

/** Discards everything. */
export const silentLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  fatal: ignore,
  child: () => silentLogger,
  isLevelEnabled: () => false,
};
