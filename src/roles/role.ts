import type { FastifyInstance } from "fastify";
import type { Restartable } from "../config/extent.ts";
import type { Config, RoleName } from "../config/schema.ts";
import type { SettingsKeeper } from "../config/settings.ts";
import type { Logger } from "../core/log.ts";
import type { Accounts } from "../http/auth/accounts.ts";
import type { Auth } from "../http/auth/auth.ts";
import type { Crowds } from "../http/crowds.ts";
import type { FollowedTls } from "../http/followed-tls.ts";
import type { LocalDoor } from "../http/local-door.ts";
import type { Platform } from "../platform/platform.ts";

/** What every role is given. */
export interface RoleOptions {
  readonly server: FastifyInstance;
  readonly config: Config;
  readonly platform: Platform;
  readonly auth: Auth;
  readonly accounts: Accounts;
  readonly localDoor: LocalDoor;
  readonly crowds: Crowds;
  /** Of the HTTP server; undefined without encryption. */
  readonly tls: FollowedTls | undefined;
  /** Undefined where nothing can be written and nothing begins anew. */
  readonly settings?: SettingsKeeper | undefined;
  readonly log: Logger;
  readonly version: string;
  /** The roles of the process; complete when `start` is called. */
  readonly peers: readonly Role[];
}

/** A role of the process. Mounting it has declared its routes; nothing runs before `start`. */
export interface Role {
  readonly name: RoleName;
  /** Returns when the role serves; hardware that is absent is state, not a failure. */
  start(): Promise<void>;
  /**
   * Begins these parts of this role anew with other settings while everything else goes on. Rejects
   * with the reason when they cannot run, and those before run again then. Calls do not overlap; absent where only the
   * whole role can begin anew.
   */
  reconfigure?(config: Config, parts: readonly Restartable[]): Promise<void>;
  /** Releases everything; called once, after the server has said goodbye to its clients. */
  close(): Promise<void>;
  /** One word or figure for each part, for everybody to read. */
  health(): Readonly<Record<string, unknown>>;
}
