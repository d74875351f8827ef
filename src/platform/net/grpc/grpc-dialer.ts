import type * as Grpc from "@grpc/grpc-js";
import { CancelledError } from "../../../core/errors.ts";
import { diagnose } from "./diagnose.ts";
import { NodeGrpcChannel } from "./grpc-channel.ts";
import type { GrpcDialer, GrpcTarget } from "./port.ts";
import { systemRoots } from "./system-roots.ts";

/**
 * The library would try again by itself; here whoever dials decides that, and has closed the client by then. Not
 * longer: the timer of a closed client keeps its memory.
 */
const RETRY_MS = 5000;

function channelOptions({
  keepaliveMs,
  keepaliveTimeoutMs = 20_000,
}: GrpcTarget): Grpc.ChannelOptions {
  return {
    // Connections of different servers and attempts share nothing, not even a pause after a failure.
    "grpc.use_local_subchannel_pool": 1,
    "grpc.initial_reconnect_backoff_ms": RETRY_MS,
    "grpc.max_reconnect_backoff_ms": RETRY_MS,
    "grpc.service_config_disable_resolution": 1,
    "grpc.enable_retries": 0,
    "grpc.enable_channelz": 0,
    ...(keepaliveMs === undefined
      ? {}
      : {
          "grpc.keepalive_time_ms": keepaliveMs,
          "grpc.keepalive_timeout_ms": keepaliveTimeoutMs,
          "grpc.keepalive_permit_without_calls": 1,
        }),
  };
}

function credentials(
  grpc: typeof Grpc,
  tls: GrpcTarget["tls"],
  ca: Buffer | undefined,
): Grpc.ChannelCredentials {
  if (tls === "off") return grpc.credentials.createInsecure();
  if (tls === "verified") return grpc.credentials.createSsl(ca ?? null);
  return grpc.credentials.createSsl(null, null, null, {
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
}

type Readiness = "ready" | "failed" | "late" | "aborted";

/** Waits until the first attempt is decided. */
function firstAttempt(
  grpc: typeof Grpc,
  client: Grpc.Client,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Readiness> {
  const { signal } = options;
  const { READY, TRANSIENT_FAILURE, SHUTDOWN } = grpc.connectivityState;
  const deadline = new Date(Date.now() + options.timeoutMs);
  const channel = client.getChannel();
  return new Promise((resolve) => {
    const finish = (readiness: Readiness): void => {
      signal.removeEventListener("abort", onAbort);
      resolve(readiness);
    };
    const onAbort = (): void => {
      finish("aborted");
    };
    const look = (): void => {
      const state = channel.getConnectivityState(true);
      if (signal.aborted) finish("aborted");
      else if (state === READY) finish("ready");
      else if (state === TRANSIENT_FAILURE || state === SHUTDOWN) finish("failed");
      else {
        channel.watchConnectivityState(state, deadline, (error) => {
          if (error === undefined) look();
          else finish("late");
        });
      }
    };
    signal.addEventListener("abort", onAbort, { once: true });
    look();
  });
}

/** Dials with `@grpc/grpc-js`, loaded on first use. `roots` replaces the system's authorities. */
export function createGrpcDialer(
  roots: () => Promise<Buffer | undefined> = systemRoots,
): GrpcDialer {
  return {
    async dial(target, options) {
      const grpc = await import("@grpc/grpc-js");
      const ca = target.tls === "verified" ? await roots() : undefined;
      const host = target.host.includes(":") ? `[${target.host}]` : target.host;
      const client = new grpc.Client(
        `dns:${host}:${target.port}`,
        credentials(grpc, target.tls, ca),
        channelOptions(target),
      );
      const readiness = await firstAttempt(grpc, client, options);
      if (readiness === "ready") return new NodeGrpcChannel(grpc, client);
      client.close();
      if (readiness === "aborted") throw new CancelledError();
      throw await diagnose(target, { ca, now: Date.now(), wasSilent: readiness === "late" });
    },
  };
}
