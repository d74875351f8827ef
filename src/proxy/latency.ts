import { describeError } from "../core/errors.ts";
import { RpcError } from "../platform/loopback/port.ts";
import type { Loopback } from "../platform/loopback/port.ts";
import { parseObservatory } from "../protocol/xray/observatory.ts";
import type { ObservedOutbound } from "../protocol/xray/observatory.ts";
import type { Backend } from "./backend.ts";
import { LatencyError } from "./proxy-errors.ts";

const TIMEOUT_MS = 5000;

async function readObservatory(
  loopback: Loopback,
  port: number,
): Promise<readonly ObservedOutbound[] | undefined> {
  try {
    return parseObservatory(await loopback.fetchText(port, "/debug/vars", TIMEOUT_MS));
  } catch (error) {
    if (!(error instanceof RpcError) && !(error instanceof SyntaxError)) throw error;
    const reason = describeError(error);
    throw new LatencyError(`read xray observatory metrics: ${reason}`, { cause: error });
  }
}

/**
 * Latencies as the core measures them for its own balancing, sorted by name; with a name only that one. Rejects with
 * `LatencyError` when they cannot be read or the panel's configuration measures none.
 */
export async function readLatencies(
  loopback: Loopback,
  backend: Backend,
  name: string,
): Promise<readonly ObservedOutbound[]> {
  if (!backend.isUp) throw new LatencyError("xray not started");
  const outbounds = await readObservatory(loopback, backend.metricsPort);
  if (outbounds === undefined) throw new LatencyError("xray outbound latency is not available");
  return outbounds.filter(
    (outbound) =>
      backend.config.isObservable(outbound.name) && (name === "" || outbound.name === name),
  );
}
