import type { ProxyConfig } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import { describeError, errnoOf } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { Store } from "../../core/store.ts";
import { ListenError } from "../../http/listen.ts";
import type { TlsMaterial } from "../../http/node-server.ts";
import type { Proxy } from "../../proxy/proxy.ts";
import { createGrpcServer } from "./grpc.ts";
import { KeyCheck } from "./key-check.ts";
import { createRestServer } from "./rest.ts";

export interface PanelListenerOptions {
  readonly proxy: Proxy;
  readonly config: Pick<ProxyConfig, "host" | "port" | "protocol">;
  /** A UUID. */
  readonly apiKey: string;
  readonly tls: Store<TlsMaterial>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The node's own address for the panel. */
export interface PanelListener {
  /** The port in use. */
  readonly port: number;
  close(): Promise<void>;
}

function listenError(error: unknown, { host, port }: PanelListenerOptions["config"]): ListenError {
  // The gRPC library puts the reason into its text only.
  const isTaken = errnoOf(error) === "EADDRINUSE" || describeError(error).includes("EADDRINUSE");
  return new ListenError(
    isTaken
      ? `Port ${port} is in use by another program: stop it, or choose another port (proxy.port)`
      : `Cannot listen on ${host} port ${port} (proxy.host, proxy.port): ${describeError(error)}`,
    { cause: error },
  );
}

async function listenRest(options: PanelListenerOptions, keys: KeyCheck): Promise<PanelListener> {
  const { host, port } = options.config;
  const app = createRestServer({ ...options, keys });
  await app.listen({ host, port });
  const bound = app.server.address();
  return {
    port: bound === null || typeof bound === "string" ? port : bound.port,
    close: () => app.close(),
  };
}

async function listenGrpc(options: PanelListenerOptions, keys: KeyCheck): Promise<PanelListener> {
  const { host, port } = options.config;
  const server = await createGrpcServer({ ...options, keys });
  const bound = await server.listen(host, port);
  return {
    port: bound,
    close: () => {
      server.close();
      return Promise.resolve();
    },
  };
}

/** Listens with the configured protocol. Rejects with `ListenError`. */
export async function listenForPanel(options: PanelListenerOptions): Promise<PanelListener> {
  const keys = new KeyCheck(options.apiKey, options.clock);
  try {
    const listen = options.config.protocol === "rest" ? listenRest : listenGrpc;
    return await listen(options, keys);
  } catch (error) {
    throw listenError(error, options.config);
  }
}
