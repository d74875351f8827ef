import { lookup } from "node:dns";
import { isIP } from "node:net";
import type { Clock } from "../../core/clock.ts";
import { MissingPartError } from "../../core/errors.ts";
import type { ProcessRunner } from "../process/port.ts";
import { connectionError } from "../web/network-error.ts";
import { withDeadline } from "./deadline.ts";
import { echoBySocket, loadSocketCall } from "./icmp.ts";
import type { SocketCall } from "./icmp.ts";
import { echoByProgram } from "./ping-program.ts";
import type { NetworkProbe, ProbeLimits } from "./port.ts";
import { connectTime, getTime } from "./tcp.ts";

const HOW_TO_PING =
  "ICMP is not permitted here: install 'ping' (Debian: iputils-ping), or allow unprivileged ICMP sockets with 'sysctl net.ipv4.ping_group_range=\"0 2147483647\"'";

export interface ProbeOptions {
  readonly clock: Clock;
  readonly process: ProcessRunner;
  /** Default: the C library's. */
  readonly loadSocketCall?: () => Promise<SocketCall>;
}

/** Probes from this machine. Nothing is loaded or opened before the first one. */
export function createNetworkProbe(options: ProbeOptions): NetworkProbe {
  const { clock, process } = options;
  let call: Promise<SocketCall | undefined> | undefined;
  const socketCall = (): Promise<SocketCall | undefined> =>
    (call ??= (options.loadSocketCall ?? loadSocketCall)().catch(() => undefined));

  const resolveName = (host: string, limits: ProbeLimits): Promise<string> =>
    withDeadline<string>(clock, limits, `The name server for ${host}`, ({ resolve, reject }) => {
      lookup(host, (error, address) => {
        if (error === null) resolve(address);
        else reject(connectionError(error, host, clock.now()));
      });
      return () => undefined;
    });
  return {
    resolve: (host, limits) =>
      isIP(host) === 0 ? resolveName(host, limits) : Promise.resolve(host),
    async echo(address, limits) {
      const socket = await socketCall();
      const bySocket = socket && echoBySocket(socket, clock, address, limits);
      if (bySocket !== undefined) return bySocket;
      try {
        return await echoByProgram(process, address, limits);
      } catch (error) {
        if (!(error instanceof MissingPartError)) throw error;
        throw new MissingPartError(HOW_TO_PING, { cause: error });
      }
    },
    connect: (address, port, limits) => connectTime(clock, { address, port }, limits),
    get: (target, limits) => getTime(clock, target, limits),
  };
}
