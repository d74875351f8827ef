/**
 * What viewers and admins may ask, independent of the transport: the REST routes and `/api/rpc2` (Komari 2.6) both end
 * in a call of this table, as on the original server, so that who may do what is decided once.
 */
import type { Config } from "../../../config/schema.ts";
import type { Clock } from "../../../core/clock.ts";
import { AppError } from "../../../core/errors.ts";
import type { Logger } from "../../../core/log.ts";
import type { Accounts } from "../../../http/auth/accounts.ts";
import type { Auth } from "../../../http/auth/auth.ts";
import { plainAddress } from "../../../http/address.ts";
import { ForbiddenError, UnauthorizedError } from "../../../http/auth/errors.ts";
import { mayAccess } from "../../../http/auth/principal.ts";
import type { Principal } from "../../../http/auth/principal.ts";
import type { Actor } from "../../../hub/audit.ts";
import type { Hub } from "../../../hub/hub.ts";

/** Who calls, as the one access check has found. */
export interface Caller {
  readonly principal: Principal | null;
  /** Of the request, trusted proxies taken into account. */
  readonly address: string;
  /** A one-time code that came beside the parameters; empty without one. */
  readonly code: string;
}

/** Named parameters; whatever a peer sends. A list as the whole body is `items`. */
export type Params = Readonly<Record<string, unknown>>;

export interface KomariCall {
  readonly access: "guest" | "admin";
  /** For guests of a private site as well: what the page that asks them to sign in needs. */
  readonly isOpen?: boolean;
  readonly summary: string;
  /** Names of parameters that are given by position. */
  readonly positions?: readonly string[];
  /** Undefined and null are answered as success without data. Throws or rejects with `AppError`. */
  readonly run: (params: Params, caller: Caller) => unknown;
}

export type CallTable = Readonly<Record<string, KomariCall>>;

/** The themes on this machine. */
export interface InstalledThemes {
  readonly themes: readonly { readonly short: string; readonly manifest: Params }[];
  /** What was saved for the theme, what it declares where nothing was. */
  settingsOf(short: string): Params;
}

/** What calls work with. */
export interface CallParts {
  readonly hub: Hub;
  readonly auth: Auth;
  readonly accounts: Accounts;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
  readonly themes: InstalledThemes;
}

/** JSON that is text already, because many viewers get the same. */
export class ReadyJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Something of the original server that this one does not do; the message says what to do instead. */
export class NotOfferedError extends AppError {
  static readonly code = "NOT_OFFERED";
  constructor(message: string, options?: ErrorOptions) {
    super("unsupported", NotOfferedError.code, message, options);
  }
}

/** A guest on a private site. */
export class PrivateSiteError extends AppError {
  static readonly code = "PRIVATE_SITE";
  constructor(message = "Private site is enabled, please login first.", options?: ErrorOptions) {
    super("unauthenticated", PrivateSiteError.code, message, options);
  }
}

/** Whether hidden nodes are shown. */
export function seesHidden({ principal }: Caller): boolean {
  return principal !== null;
}

/** Throws `PrivateSiteError` for a guest who has to sign in first. */
export function demandOpenSite({ principal }: Caller, { site }: Pick<Hub, "site">): void {
  if (principal === null && site.values.isPrivate) throw new PrivateSiteError();
}

/** The one check before a call, whichever way it came. */
export function demandAccess(call: KomariCall, caller: Caller, hub: Pick<Hub, "site">): void {
  if (call.isOpen !== true) demandOpenSite(caller, hub);
  if (call.access === "guest") return;
  if (caller.principal === null) throw new UnauthorizedError("Permission denied");
  if (!mayAccess(caller.principal.role, call.access)) throw new ForbiddenError("Permission denied");
}

/** For the audit table. */
export function actorOf({ principal, address }: Caller): Actor {
  return { user: principal?.user ?? "", address: plainAddress(address) };
}
