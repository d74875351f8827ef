import type { Config } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import { ValidationError, describeError, errnoOf } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { Store } from "../../core/store.ts";
import type { Crowds } from "../../http/crowds.ts";
import { ListenError } from "../../http/listen.ts";
import type { TlsMaterial } from "../../http/node-server.ts";
import { TrustedProxies } from "../../http/trusted-proxies.ts";
import type { Hub } from "../../hub/hub.ts";
import { Agents } from "./grpc/agents.ts";
import { AgentGate } from "./grpc/gate.ts";
import { Peers } from "./grpc/peers.ts";
import { createAgentServer } from "./grpc/server.ts";
import { SPARE_STRANGERS } from "./grpc/strangers.ts";

export interface AgentListenerOptions {
  readonly hub: Hub;
  readonly config: Pick<Config["hub"], "nezha" | "maxNodes">;
  /** Undefined: without encryption. */
  readonly tls: Store<TlsMaterial> | undefined;
  /** `http.trustedProxies`. */
  readonly trustedProxies: readonly string[];
  readonly crowds: Crowds;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Where agents connect. */
export interface AgentListener {
  readonly host: string;
  /** The port in use. */
  readonly port: number;
  /** Agents with an open connection. */
  readonly connected: number;
  close(): void;
}

const LISTEN = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]*)):(\d{1,5})$/;

/** `host:port`, `[2001:db8::1]:port` or `:port` for all addresses. Throws `ValidationError`. */
export function parseListen(text: string): { readonly host: string; readonly port: number } {
  const match = LISTEN.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new ValidationError(`hub.nezha.listen: '${text}' is not host:port, as in 0.0.0.0:5555`);
  }
  const host = match[1] ?? match[2] ?? "";
  return { host: host === "" ? "::" : host, port };
}

function explain(error: unknown, host: string, port: number): ListenError {
  // The gRPC library puts the reason into its text only.
  const isTaken = errnoOf(error) === "EADDRINUSE" || describeError(error).includes("EADDRINUSE");
  const text = isTaken
    ? `Port ${port} is in use by another program: stop it, or choose another one (hub.nezha.listen)`
    : `Cannot listen on ${host} port ${port} (hub.nezha.listen): ${describeError(error)}`;
  return new ListenError(text, { cause: error });
}

/** Listens for agents of every generation. Rejects with `ListenError` or `ValidationError`. */
export async function listenForAgents(options: AgentListenerOptions): Promise<AgentListener> {
  const { hub, config, tls, crowds, clock, log } = options;
  const { host, port } = parseListen(config.nezha.listen);
  const peers = new Peers();
  const agents = new Agents({ hub, peers, clock, log });
  const gate = new AgentGate({
    registry: hub.registry,
    secret: config.nezha.secret,
    clock,
    log,
    onRefused: () => {
      hub.ingest.count("unauthorized");
    },
  });
  const bootTime = Math.floor(clock.now() / 1000);
  const context = { hub, agents, clock, bootTime };
  const proxies = new TrustedProxies(options.trustedProxies);
  // Of proxies, and of agents whose last connection has not ended yet.
  const maxConnections = 2 * (config.maxNodes + SPARE_STRANGERS);
  const server = await createAgentServer({
    gate,
    context,
    proxies,
    crowds,
    peers,
    tls,
    maxConnections,
  });
  try {
    const bound = await server.listen(host, port);
    log.info({ host, port: bound, tls: tls !== undefined }, "Waiting for Nezha agents");
    return {
      host,
      port: bound,
      get connected() {
        return agents.count;
      },
      close() {
        agents.close("the hub stops");
        server.close();
      },
    };
  } catch (error) {
    agents.close("the hub stops");
    server.close();
    throw explain(error, host, port);
  }
}
