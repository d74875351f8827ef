import type { Clock } from "../../core/clock.ts";
import { formatLocalTime } from "../../protocol/journal/text.ts";
import { renderPinoLine } from "../../protocol/journal/pino-line.ts";
import type { MemoryJournal } from "./memory.ts";

const DEFAULT_UNIT = "farhand.service";

/** Where text goes in the end; `process.stdout` and pino's own destinations fit. */
export interface TextOutput {
  write(text: string): unknown;
  flushSync?(): void;
}

/** Where JSON log lines go: what pino calls a destination. */
export interface LogSink {
  write(line: string): void;
  /** Writes whatever still waits; pino calls it after a fatal record, `main` before it exits. */
  flushSync(): void;
}

export interface LogSinkOptions {
  /** Gets every line besides `stdout`; undefined where journald keeps the log. */
  readonly journal?: Pick<MemoryJournal, "append">;
  readonly stdout: TextOutput;
  /** For people at a terminal instead of JSON. */
  readonly pretty: boolean;
  readonly clock: Clock;
  readonly unit?: string;
}

type Render = (line: string) => string;

/** The look of PiKVM's log, for when pino-pretty is not installed. */
function plainRender(clock: Clock): Render {
  return (line) => `${formatLocalTime(clock.now())} ${renderPinoLine(line.trimEnd())}\n`;
}

async function loadPrettyRender(clock: Clock): Promise<Render> {
  try {
    const { prettyFactory } = await import("pino-pretty");
    const pretty = prettyFactory({
      colorize: true,
      translateTime: "SYS:HH:MM:ss.l",
      ignore: "pid,hostname",
    });
    return (line) => pretty(line);
  } catch {
    return plainRender(clock);
  }
}

/** Lines wait, in order, for the few milliseconds in which the renderer is loaded. */
function createPrettySink(stdout: TextOutput, clock: Clock): LogSink {
  const early: string[] = [];
  let render: Render | undefined;
  const flush = (): void => {
    const renderNow = render ?? plainRender(clock);
    for (const line of early.splice(0)) stdout.write(renderNow(line));
  };
  void loadPrettyRender(clock).then((loaded) => {
    render = loaded;
    flush();
  });
  return {
    write(line) {
      if (render === undefined) early.push(line);
      else stdout.write(render(line));
    },
    flushSync: flush,
  };
}

/**
 * Copies each log line to standard output and into the memory journal. Nothing is parsed here: the journal makes text
 * of a line when somebody reads it.
 */
export function createLogSink({
  journal,
  stdout,
  pretty,
  clock,
  unit = DEFAULT_UNIT,
}: LogSinkOptions): LogSink {
  const prettySink = pretty ? createPrettySink(stdout, clock) : undefined;
  const shown = prettySink ?? stdout;
  return {
    write(line) {
      shown.write(line);
      journal?.append({ at: clock.now(), unit, message: line.trimEnd() });
    },
    flushSync() {
      prettySink?.flushSync();
      stdout.flushSync?.();
    },
  };
}
