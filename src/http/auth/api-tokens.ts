/**
 * API tokens: for programs that act for a user. Kept as hashes in a file of the data folder, shown once. They outlive a
 * new password, but not their user, and never may more than the user may.
 */
import { randomBytes } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import { StorageError, ValidationError } from "../../core/errors.ts";
import { createLane } from "../../core/lane.ts";
import type { Logger } from "../../core/log.ts";
import type { FileStore } from "../../platform/files/port.ts";
import type { Accounts } from "./accounts.ts";
import {
  formatApiTokens,
  hashOfApiToken,
  newApiToken,
  parseApiTokens,
  parseTokenName,
} from "./api-token-file.ts";
import type { StoredApiToken } from "./api-token-file.ts";
import {
  AccountNotFoundError,
  ApiTokenNotFoundError,
  ApiTokensFullError,
  ForbiddenError,
} from "./errors.ts";
import { Fingerprints } from "./fingerprints.ts";
import { USER_ROLES, mayAccess } from "./principal.ts";
import type { Principal, UserRole } from "./principal.ts";
import { createRevocation } from "./sessions.ts";

/** What everybody may know of a token. */
export type ApiTokenSummary = Omit<StoredApiToken, "hash">;

export interface NewApiToken {
  /** 1 to 64 characters, for people. */
  readonly name: string;
  readonly role: UserRole;
  /** Epoch milliseconds; undefined: until it is revoked. */
  readonly expiresAt?: number | undefined;
}

/** The only moment at which a token is seen. */
export interface IssuedApiToken extends ApiTokenSummary {
  readonly token: string;
}

/** Tokens of all users. Changes are in the file when their promise resolves; `StorageError` when that fails. */
export interface ApiTokens {
  /**
   * A token for the user of `owner`. Rejects with `ForbiddenError` for a role above the owner's and when the owner is
   * itself a token, with `ApiTokensFullError`, and with `ValidationError` for a bad name or an end in the past.
   */
  create(owner: Principal, wanted: NewApiToken): Promise<IssuedApiToken>;
  /** Of one user, or of all; oldest first. Rejects with `StorageError`. */
  list(user?: string): Promise<readonly ApiTokenSummary[]>;
  /** The token of this id; with `user` only one of this user. Rejects with `ApiTokenNotFoundError`. */
  demand(id: string, user?: string): Promise<ApiTokenSummary>;
  /** Ends it, and the sockets that it opened. With `user` only one of this user. Rejects with `ApiTokenNotFoundError`. */
  revoke(id: string, user?: string): Promise<ApiTokenSummary>;
}

const MAX_PER_USER = 64;
const FILE_MODE = 0o600;
const RETRY_AFTER_MS = 1000;
/** The last use is for people who tidy up: it need not be exact, and cards wear out. */
const SAVE_USE_AFTER_MS = 15 * 60_000;
const MAX_TIMER_MS = 2 ** 31 - 1;

interface Held {
  readonly principal: Principal;
  readonly controller: AbortController;
  readonly stopTimer: () => void;
}

interface Entry {
  readonly stored: StoredApiToken;
  lastUsedAt: number | null;
  /** What was handed out for it, while nothing about it has changed. */
  held: Held | undefined;
}

export interface ApiTokensOptions {
  readonly path: string;
  readonly accounts: Accounts;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly log: Logger;
}

function summaryOf(stored: StoredApiToken): ApiTokenSummary {
  const { id, user, name, role, createdAt, expiresAt, lastUsedAt } = stored;
  return { id, user, name, role, createdAt, expiresAt, lastUsedAt };
}

const entryOf = (stored: StoredApiToken): Entry => ({
  stored,
  lastUsedAt: stored.lastUsedAt,
  held: undefined,
});

function isSameToken(a: StoredApiToken, b: StoredApiToken): boolean {
  return a.id === b.id && a.user === b.user && a.role === b.role && a.expiresAt === b.expiresAt;
}

function lowerRole(a: UserRole, b: UserRole): UserRole {
  return USER_ROLES.indexOf(a) < USER_ROLES.indexOf(b) ? a : b;
}

export class FileApiTokens implements ApiTokens {
  readonly #options: ApiTokensOptions;
  readonly #prints: Fingerprints;
  #byHash = new Map<string, Entry>();
  #stopSaving: (() => void) | undefined;
  #refreshing: Promise<void> | undefined;
  #isDamaged = false;
  #hasFailed = false;
  readonly #inTurn = createLane();

  constructor(options: ApiTokensOptions) {
    this.#options = options;
    this.#prints = new Fingerprints(options.files, options.clock, options.path);
  }

  /** Cheap; see `Fingerprints`. */
  isStale(): boolean {
    return this.#prints.isStale();
  }

  /** Reads the file if it has changed. Never rejects: what cannot be read leaves the tokens as they were. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** Who shows this token; undefined for unknown, revoked and expired ones, and when its user is gone. */
  find(token: string): Principal | undefined {
    const entry = this.#byHash.get(hashOfApiToken(token));
    if (entry === undefined) return undefined;
    const { stored } = entry;
    const now = this.#options.clock.now();
    const account = this.#options.accounts.find(stored.user);
    if (account === undefined || (stored.expiresAt !== null && stored.expiresAt <= now)) {
      drop(entry);
      return undefined;
    }
    entry.lastUsedAt = now;
    this.#saveLater();
    const role = lowerRole(stored.role, account.role);
    if (entry.held?.principal.role !== role) this.#hold(entry, role);
    return entry.held?.principal;
  }

  create(owner: Principal, { name, role, expiresAt }: NewApiToken): Promise<IssuedApiToken> {
    return this.#inTurn(async () => {
      const { accounts, clock } = this.#options;
      const { user } = owner;
      if (owner.via === "token") throw new ForbiddenError("A token cannot make other tokens");
      const account = accounts.find(user);
      if (account === undefined) throw new AccountNotFoundError(user);
      if (!mayAccess(lowerRole(owner.role, account.role), role)) {
        throw new ForbiddenError(`A token of '${user}' cannot have the role '${role}'`);
      }
      const now = clock.now();
      const label = parseTokenName(name);
      if (label === undefined) throw new ValidationError("A token needs a name of 1 to 64 letters");
      if (expiresAt !== undefined && !(Number.isSafeInteger(expiresAt) && expiresAt > now)) {
        throw new ValidationError("The end of the token is not a time to come");
      }
      await this.#load();
      const mine = [...this.#byHash.values()].filter(({ stored }) => stored.user === user);
      if (mine.length >= MAX_PER_USER) throw new ApiTokensFullError(MAX_PER_USER);
      const token = newApiToken();
      const hash = hashOfApiToken(token);
      const summary: ApiTokenSummary = {
        id: randomBytes(8).toString("hex"),
        user,
        name: label,
        role,
        createdAt: now,
        expiresAt: expiresAt ?? null,
        lastUsedAt: null,
      };
      const stored = { ...summary, hash };
      await this.#save([...this.#stored(), stored]);
      this.#byHash.set(hash, entryOf(stored));
      return { ...summary, token };
    });
  }

  async list(user?: string): Promise<readonly ApiTokenSummary[]> {
    await this.#inTurn(() => this.#load());
    const all = this.#stored();
    const wanted = user === undefined ? all : all.filter((stored) => stored.user === user);
    return wanted.map(summaryOf);
  }

  demand(id: string, user?: string): Promise<ApiTokenSummary> {
    return this.#inTurn(async () => {
      await this.#load();
      return summaryOf(this.#demand(id, user).stored);
    });
  }

  revoke(id: string, user?: string): Promise<ApiTokenSummary> {
    return this.#inTurn(async () => {
      await this.#load();
      const entry = this.#demand(id, user);
      await this.#remove([entry]);
      return summaryOf(entry.stored);
    });
  }

  /** The accounts of these users have changed: ends what their tokens have opened, and tokens of users who are gone. */
  cut(users: readonly string[]): void {
    for (const entry of this.#byHash.values()) {
      if (users.includes(entry.stored.user)) drop(entry);
    }
    this.#dropOrphans();
  }

  /** Ends what this user's tokens have opened. */
  cutUser(user: string): void {
    for (const entry of this.#byHash.values()) if (entry.stored.user === user) drop(entry);
  }

  close(): void {
    this.#stopSaving?.();
    for (const entry of this.#byHash.values()) entry.held?.stopTimer();
  }

  async #refresh(): Promise<void> {
    try {
      await this.#inTurn(() => this.#load());
      this.#hasFailed = false;
    } catch (error) {
      this.#prints.rest(RETRY_AFTER_MS);
      if (!this.#hasFailed) this.#options.log.error({ err: error }, "API tokens cannot be read");
      this.#hasFailed = true;
    }
  }

  #demand(id: string, user: string | undefined): Entry {
    const entry = [...this.#byHash.values()].find(({ stored }) => stored.id === id);
    if (entry === undefined || (user !== undefined && entry.stored.user !== user)) {
      throw new ApiTokenNotFoundError();
    }
    return entry;
  }

  #stored(): StoredApiToken[] {
    return Array.from(this.#byHash.values(), ({ stored, lastUsedAt }) => ({
      ...stored,
      lastUsedAt,
    }));
  }

  #hold(entry: Entry, role: UserRole): void {
    drop(entry);
    const { user, id, expiresAt } = entry.stored;
    const { clock } = this.#options;
    const controller = createRevocation();
    const principal = {
      user,
      role,
      via: "token",
      tokenId: id,
      revoked: controller.signal,
    } as const;
    const leftMs = expiresAt === null ? undefined : expiresAt - clock.now();
    // Sockets that it has opened end with it.
    const stopTimer =
      leftMs === undefined || leftMs > MAX_TIMER_MS
        ? () => undefined
        : clock.setTimer(leftMs, () => {
            drop(entry);
          });
    entry.held = { principal, controller, stopTimer };
  }

  /** Not while there are no accounts at all: a file that is rewritten in place is empty for a moment. */
  #dropOrphans(): void {
    const { accounts } = this.#options;
    if (accounts.hashes().length === 0) return;
    const isOrphan = ({ stored }: Entry): boolean => accounts.find(stored.user) === undefined;
    if (![...this.#byHash.values()].some(isOrphan)) return;
    this.#try(() => this.#remove([...this.#byHash.values()].filter(isOrphan)));
  }

  async #remove(entries: readonly Entry[]): Promise<void> {
    const ids = new Set(entries.map(({ stored }) => stored.id));
    if (ids.size === 0) return;
    await this.#save(this.#stored().filter(({ id }) => !ids.has(id)));
    for (const entry of entries) {
      this.#byHash.delete(entry.stored.hash);
      drop(entry);
    }
  }

  async #load(): Promise<void> {
    if (!this.#prints.isStaleNow()) return;
    const { files, path, log } = this.#options;
    const marks = this.#prints.capture();
    const read = parseApiTokens(await files.read(path));
    this.#isDamaged = read === undefined;
    if (read === undefined) log.error({ file: path }, "Damaged file: no API token is accepted");
    const next = new Map<string, Entry>();
    for (const stored of read ?? []) {
      const before = this.#byHash.get(stored.hash);
      const isKept = before !== undefined && isSameToken(before.stored, stored);
      next.set(stored.hash, isKept ? before : entryOf(stored));
    }
    for (const [hash, entry] of this.#byHash) if (next.get(hash) !== entry) drop(entry);
    this.#byHash = next;
    this.#prints.accept(marks);
    this.#dropOrphans();
  }

  async #save(tokens: readonly StoredApiToken[] = this.#stored()): Promise<void> {
    const { files, path } = this.#options;
    if (this.#isDamaged) throw new StorageError(`${path} is damaged and is left as it is`);
    await files.writeAtomic(path, formatApiTokens(tokens), { mode: FILE_MODE });
    this.#prints.accept(this.#prints.capture());
  }

  #saveLater(): void {
    this.#stopSaving ??= this.#options.clock.setTimer(SAVE_USE_AFTER_MS, () => {
      this.#stopSaving = undefined;
      this.#try(() => this.#save());
    });
  }

  /** Nobody waits for it. */
  #try(work: () => Promise<void>): void {
    this.#inTurn(work).catch((error: unknown) => {
      this.#options.log.error({ err: error }, "API tokens cannot be written");
    });
  }
}

function drop(entry: Entry): void {
  const { held } = entry;
  entry.held = undefined;
  held?.stopTimer();
  held?.controller.abort();
}
