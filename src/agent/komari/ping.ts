import {
  judgeSecond,
  LOST,
  parseHostTarget,
  parseWebTarget,
  SLOW_MS,
} from "../../protocol/komari/ping-target.ts";
import type { KomariCommand } from "../../protocol/komari/commands.ts";
import type { ProbeRequest, Probes } from "../tasks.ts";

const TIMEOUT_MS = 3000;
const MORE_TRIES = 3;
const FIRST_FAILING_STATUS = 400;
const FIRST_GOOD_STATUS = 200;

type PingCommand = Extract<KomariCommand, { kind: "ping" }>;

function requestOf({ pingType, target }: PingCommand): ProbeRequest | undefined {
  if (pingType === "http") {
    const url = parseWebTarget(target);
    return url === undefined ? undefined : { kind: "http", url };
  }
  const address = parseHostTarget(target);
  if (address === undefined) return undefined;
  return pingType === "icmp"
    ? { kind: "icmp", host: address.host }
    : { kind: "tcp", host: address.host, port: address.port };
}

/** Whole milliseconds, or -1 for whatever went wrong (Komari 1.10). Rejects only when aborted. */
export async function answerPing(
  probes: Probes,
  command: PingCommand,
  signal: AbortSignal,
): Promise<number> {
  const request = requestOf(command);
  if (request === undefined) return LOST;
  const measure = async (): Promise<number> => {
    try {
      const { elapsedMs, status } = await probes.run(request, { timeoutMs: TIMEOUT_MS, signal });
      const isGood =
        status === undefined || (status >= FIRST_GOOD_STATUS && status < FIRST_FAILING_STATUS);
      return isGood ? Math.round(elapsedMs) : LOST;
    } catch (error) {
      if (signal.aborted) throw error;
      return LOST;
    }
  };
  const first = await measure();
  if (first <= SLOW_MS) return first;
  for (let more = 0; more < MORE_TRIES; more += 1) {
    const again = await measure();
    if (again !== LOST && again <= SLOW_MS) return judgeSecond(request.kind, first, again);
  }
  return LOST;
}
