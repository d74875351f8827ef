/** The Nezha contract: agents of every generation report by gRPC, on a listener of their own; clients read by HTTP. */
import type { FastifyInstance } from "fastify";
import type { Config } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { Store } from "../../core/store.ts";
import type { Accounts } from "../../http/auth/accounts.ts";
import type { Auth } from "../../http/auth/auth.ts";
import type { Crowds } from "../../http/crowds.ts";
import type { TlsMaterial } from "../../http/node-server.ts";
import type { Hub } from "../../hub/hub.ts";
import { v0Routes } from "./http/v0-routes.ts";
import { v1Routes } from "./http/v1-routes.ts";
import { listenForAgents } from "./listener.ts";
import type { AgentListener } from "./listener.ts";

export interface NezhaApiOptions {
  readonly hub: Hub;
  readonly auth: Auth;
  readonly accounts: Accounts;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
  readonly crowds: Crowds;
  /** Certificate for agents; asked for once, and only when their port is to be encrypted. */
  readonly agentTls: () => Promise<Store<TlsMaterial>>;
}

/** The listener of agents. */
export interface NezhaListener {
  /** Undefined before `start`, and without `hub.nezha.listen`. */
  readonly agents: AgentListener | undefined;
  /** Listens where `hub.nezha.listen` says; nothing without it. Rejects with `ListenError` or `ValidationError`. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Declares the HTTP routes; agents are listened for after `start`. */
export async function nezhaApi(
  app: FastifyInstance,
  options: NezhaApiOptions,
): Promise<NezhaListener> {
  await app.register(v0Routes, options);
  await app.register(v1Routes, options);
  const { hub, config, clock, log, crowds, agentTls } = options;
  let agents: AgentListener | undefined;
  return {
    get agents() {
      return agents;
    },
    async start() {
      if (config.hub.nezha.listen === "") return;
      const tls = config.hub.nezha.tls ? await agentTls() : undefined;
      const { trustedProxies } = config.http;
      const shared = { hub, config: config.hub, trustedProxies, crowds, clock, log };
      agents = await listenForAgents({ ...shared, tls });
    },
    close() {
      agents?.close();
      return Promise.resolve();
    },
  };
}
