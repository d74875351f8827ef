import { AppError, CancelledError, describeError } from "../core/errors.ts";
import type { NetworkProbe } from "../platform/probe/port.ts";
import { ProbeDeniedError, ProbeFailedError, TooManyTasksError } from "./task-errors.ts";
import type { ProbeOptions, ProbeRequest, ProbeResult, Probes } from "./tasks.ts";

/** Probes at once; servers send all of theirs at the same moment. */
const MAX_AT_ONCE = 32;
const BRACKETS = /^\[|\]$/g;

async function measure(
  network: NetworkProbe,
  request: ProbeRequest,
  options: ProbeOptions,
): Promise<ProbeResult> {
  const host = request.kind === "http" ? new URL(request.url).hostname : request.host;
  const address = await network.resolve(host.replaceAll(BRACKETS, ""), options);
  switch (request.kind) {
    case "icmp":
      return { elapsedMs: await network.echo(address, options) };
    case "tcp":
      return { elapsedMs: await network.connect(address, request.port, options) };
    case "http": {
      const readsBody = options.readsBody ?? false;
      const target = { url: request.url, address, readsBody };
      const { elapsedMs, status, certificate } = await network.get(target, options);
      return { elapsedMs, status, ...(certificate === undefined ? {} : { certificate }) };
    }
  }
}

/** Measurements for servers, limited in number, and none at all when they are switched off. */
export function createProbes(network: NetworkProbe, isEnabled: boolean): Probes {
  let running = 0;
  return {
    async run(request, options) {
      if (!isEnabled) throw new ProbeDeniedError();
      if (running >= MAX_AT_ONCE) throw new TooManyTasksError("Too many probes are running");
      running += 1;
      try {
        return await measure(network, request, options);
      } catch (error) {
        if (error instanceof CancelledError) throw error;
        const isExpected = error instanceof AppError || error instanceof TypeError;
        if (!isExpected) throw error;
        throw new ProbeFailedError(describeError(error), { cause: error });
      } finally {
        running -= 1;
      }
    },
  };
}
