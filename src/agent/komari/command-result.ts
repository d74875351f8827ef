import { sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import { ControlDeniedError } from "../task-errors.ts";
import type { CommandResult, Control, Requester } from "../tasks.ts";
import { KomariProtocolError } from "./komari-errors.ts";
import type { KomariServer, KomariTaskResult } from "./server.ts";

/** The protocol's own words for a node whose remote control is off, and for an empty command (Komari 1.9). */
export const CONTROL_OFF = "Remote control is disabled.";
const NO_COMMAND = "No command provided";
const TRIES = 4;
const TRY_AGAIN_MS = 2000;
const FAILED = -1;

interface Outcome {
  readonly result: string;
  readonly exit_code: number;
}

function outcomeOf({ stdout, stderr, exitCode }: CommandResult): Outcome {
  const text = stderr === "" ? stdout : `${stdout}\n${stderr}`;
  return { result: text.replaceAll("\r\n", "\n"), exit_code: exitCode ?? FAILED };
}

/** Runs the command where that is allowed; every failure is a result. */
export async function runCommand(
  control: Control,
  command: string,
  by: Requester,
  signal: AbortSignal,
): Promise<Outcome> {
  // A refusal says nothing about the command.
  if (!control.allows.commands) {
    control.refuse("command", by);
    return { result: CONTROL_OFF, exit_code: FAILED };
  }
  if (command.trim() === "") return { result: NO_COMMAND, exit_code: 0 };
  try {
    return outcomeOf(await control.runCommand(command, by, signal));
  } catch (error) {
    if (error instanceof ControlDeniedError) return { result: CONTROL_OFF, exit_code: FAILED };
    return { result: describeError(error), exit_code: FAILED };
  }
}

/** Hands a result in, several times if need be; rejects when the server does not take it. */
export async function deliverResult(
  server: KomariServer,
  clock: Clock,
  outcome: Outcome & { readonly task_id: string },
  signal: AbortSignal,
): Promise<void> {
  const result: KomariTaskResult = {
    ...outcome,
    // Servers of 2025 refuse an empty text, and the command would never finish there.
    result: outcome.result === "" ? "\n" : outcome.result,
    finished_at: new Date(clock.now()).toISOString(),
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await server.postTaskResult(result, signal);
      return;
    } catch (error) {
      const isFinal = error instanceof KomariProtocolError && error.status === 400;
      if (attempt >= TRIES || isFinal || signal.aborted) throw error;
      await sleep(clock, TRY_AGAIN_MS, signal);
    }
  }
}
