import type { Logger } from "../../src/core/log.ts";

export interface LogRecord {
  readonly level: "debug" | "info" | "warn" | "error" | "fatal";
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A logger that keeps what was said, bindings of its children included. */
export interface RecordingLogger extends Logger {
  readonly records: readonly LogRecord[];
}

function createLogger(records: LogRecord[], bindings: Record<string, unknown>): RecordingLogger {
  const write =
    (level: LogRecord["level"]) =>
    (fields: object, message: string): void => {
      records.push({ level, fields: { ...bindings, ...fields }, message });
    };
  return {
    records,
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    fatal: write("fatal"),
    child: (more) => createLogger(records, { ...bindings, ...more }),
    isLevelEnabled: () => true,
  };
}

export function recordingLogger(): RecordingLogger {
  return createLogger([], {});
}
