import { isAborted } from "../../core/abort.ts";
import { sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { ValidationError, describeError } from "../../core/errors.ts";
import { EMPTY_TASK_RESULT } from "../../protocol/nezha/messages.ts";
import type { NezhaTask, NezhaTaskResult } from "../../protocol/nezha/messages.ts";
import { TASK_TYPE } from "../../protocol/nezha/service.ts";
import { ProbeFailedError } from "../task-errors.ts";
import type { ProbeRequest, ProbeResult, Probes } from "../tasks.ts";

// Probe tasks with the numbers of the stock agent (Nezha facts 1.8): a dashboard averages what all of its agents
// report, so that they must measure alike.

const HTTP_TIMEOUT_MS = 30_000;
const TCP_TIMEOUT_MS = 10_000;
const PING = { count: 5, gapMs: 1000, timeoutMs: 4000 } as const;
const MAX_TEXT = 1000;
/** A dashboard takes text with it for certificate facts. */
const SEPARATOR = "|";

/** `host:port`, IPv6 addresses in brackets. */
function parseAddress(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text.trim());
  const host = match?.[1] ?? match?.[2] ?? "";
  const port = Number(match?.[3] ?? 0);
  if (host === "" || port < 1 || port > 65_535)
    throw new ValidationError("Not an address with a port");
  return { host, port };
}

/** `2027-01-02 03:04:05 +0000 UTC`. */
function goTime(atMs: number): string {
  const [day = "", time = ""] = new Date(atMs).toISOString().split("T");
  return `${day} ${time.slice(0, 8)} +0000 UTC`;
}

function success(task: NezhaTask, delay: number, data = ""): NezhaTaskResult {
  return { id: task.id, type: task.type, delay, data, successful: true };
}

export function failure(task: NezhaTask, text: string): NezhaTaskResult {
  const data = text.slice(0, MAX_TEXT).replaceAll(SEPARATOR, "/");
  return { ...EMPTY_TASK_RESULT, id: task.id, type: task.type, data };
}

function judgeHttp(
  task: NezhaTask,
  { elapsedMs, status = 0, certificate }: ProbeResult,
): NezhaTaskResult {
  if (status < 200 || status > 399) {
    return { ...failure(task, `HTTP status ${status}`), delay: elapsedMs };
  }
  if (certificate === undefined) return success(task, elapsedMs);
  const issuer = certificate.issuer.replaceAll(SEPARATOR, "/");
  return success(task, elapsedMs, `${issuer}${SEPARATOR}${goTime(certificate.notAfter)}`);
}

export interface NezhaProbeContext {
  readonly probes: Probes;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The average of several echoes; lost ones do not count as long as one comes back. */
async function ping(task: NezhaTask, context: NezhaProbeContext): Promise<NezhaTaskResult> {
  const request: ProbeRequest = { kind: "icmp", host: task.data.trim() };
  const { probes, clock, signal } = context;
  const times: number[] = [];
  let problem = "";
  for (let round = 0; round < PING.count && !isAborted(signal); round += 1) {
    const startedAt = clock.monotonic();
    try {
      const result = await probes.run(request, { timeoutMs: PING.timeoutMs, signal });
      times.push(result.elapsedMs);
    } catch (error) {
      // A refusal stays one, however often it is asked for.
      if (!(error instanceof ProbeFailedError)) throw error;
      problem = error.message;
    }
    const rest = PING.gapMs - (clock.monotonic() - startedAt);
    if (rest > 0 && round + 1 < PING.count) await sleep(clock, rest, signal);
  }
  if (times.length === 0) return failure(task, problem);
  return success(task, times.reduce((total, time) => total + time, 0) / times.length);
}

async function measure(task: NezhaTask, context: NezhaProbeContext): Promise<NezhaTaskResult> {
  const { probes, signal } = context;
  if (task.type === TASK_TYPE.icmpPing) return ping(task, context);
  if (task.type === TASK_TYPE.tcpPing) {
    const request: ProbeRequest = { kind: "tcp", ...parseAddress(task.data) };
    const { elapsedMs } = await probes.run(request, { timeoutMs: TCP_TIMEOUT_MS, signal });
    return success(task, elapsedMs);
  }
  const request: ProbeRequest = { kind: "http", url: task.data.trim() };
  const options = { timeoutMs: HTTP_TIMEOUT_MS, signal, readsBody: true };
  return judgeHttp(task, await probes.run(request, options));
}

/** Always a result: a probe that is refused or fails is reported as such, or the dashboard would show nothing. */
export async function runProbeTask(
  task: NezhaTask,
  context: NezhaProbeContext,
): Promise<NezhaTaskResult> {
  try {
    return await measure(task, context);
  } catch (error) {
    return failure(task, describeError(error));
  }
}
