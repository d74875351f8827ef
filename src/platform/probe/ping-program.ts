import { ReplyTimeoutError } from "../../core/errors.ts";
import type { ProcessRunner } from "../process/port.ts";
import { NetworkError } from "../web/port.ts";
import type { ProbeLimits } from "./port.ts";

/** One echo by the program `ping`, which has the privilege. Rejects with `MissingPartError` when it is not installed. */
export async function echoByProgram(
  process: ProcessRunner,
  address: string,
  { timeoutMs, signal }: ProbeLimits,
): Promise<number> {
  const seconds = Math.max(1, Math.ceil(timeoutMs / 1000));
  const args = ["-n", "-c", "1", "-W", String(seconds), address];
  const { exitCode, stdout, stderr } = await process.run("ping", args, {
    signal,
    timeoutMs: timeoutMs + 1000,
    // The figures have a decimal point.
    env: { LC_ALL: "C" },
  });
  const time = /time=([\d.]+) ?ms/.exec(stdout)?.[1];
  if (time !== undefined) return Number(time);
  const reason = stderr.trim().split("\n", 1)[0] ?? "";
  if (exitCode === 1 || reason === "") throw new ReplyTimeoutError(`${address} did not answer`);
  throw new NetworkError(`No echo from ${address}: ${reason}`);
}
