import { pino } from "pino";
import type { Logger } from "../../core/log.ts";
import type { LogSink } from "./log-sink.ts";

/** Never in the log, whatever object is logged. */
const REDACTED = ["password", "passwd", "token", "secret"].flatMap((name) => [name, `*.${name}`]);

/** The program's logger: JSON lines with millisecond times into the sink. */
export function createLogger(level: string, sink: LogSink): Logger {
  return pino({ level, redact: REDACTED }, sink);
}
