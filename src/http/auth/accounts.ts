/**
 * Accounts: a htpasswd file, and `<htpasswd>.roles` beside it. Files edited by hand or by another process are honored
 * as soon as they are looked at next.
 */
import type { Clock } from "../../core/clock.ts";
import { ValidationError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { Unsubscribe } from "../../core/store.ts";
import type { AuthConfig } from "../../config/schema.ts";
import type { FileStore } from "../../platform/files/port.ts";
import { changedUsers, readAccounts } from "./account-list.ts";
import type { AccountList, StoredAccount } from "./account-list.ts";
import { parsePassword, parseUser } from "./credentials.ts";
import { AccountExistsError, AccountNotFoundError } from "./errors.ts";
import { markFirstPassword, readFirstPassword } from "./first-password.ts";
import { Fingerprints } from "./fingerprints.ts";
import { withEntry, withoutEntry } from "./htpasswd.ts";
import { createOwner } from "./owner.ts";
import type { Owner } from "./owner.ts";
import { hashPassword } from "./passwords.ts";
import { firstPasswordPath, htpasswdPath, rolesPath } from "./paths.ts";
import type { UserRole } from "./principal.ts";

export interface AccountsOptions {
  readonly config: AuthConfig;
  readonly dataDir: string;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface AccountSummary {
  readonly user: string;
  /** As granted; `StoredAccount.role` may be lower. */
  readonly role: UserRole;
  /** False when the stored hash is in a format that is refused: nobody can sign in with it. */
  readonly isUsable: boolean;
}

/**
 * The accounts of this machine. Changes are written at once and run one after the other; they reject with
 * `StorageError` when the file cannot be written, and nothing has changed then.
 */
export interface Accounts {
  /** What was read last; call `refresh` first where newest matters. */
  find(user: string): StoredAccount | undefined;
  /** Whether any account has the password of the first start, as read last. */
  readonly hasFirstPassword: boolean;
  /** Password hashes of all accounts, for checks that must only cost time. */
  hashes(): readonly string[];
  /** Cheap enough for every request: looks at the disk at most every 100 ms. */
  isStale(): boolean;
  /** Reads the files if they have changed. Never rejects: what cannot be read leaves the accounts as they were. */
  refresh(): Promise<void>;
  list(): Promise<readonly AccountSummary[]>;
  /** Rejects with `AccountExistsError`; `ValidationError` for a name or password outside PiKVM API 2.4. */
  add(user: string, password: string, role?: UserRole): Promise<void>;
  /** A new password. Rejects with `AccountNotFoundError`. */
  set(user: string, password: string): Promise<void>;
  setRole(user: string, role: UserRole): Promise<void>;
  del(user: string): Promise<void>;
  /**
   * Makes the owner's account if there is none at all; undefined otherwise. The password is told this one time. Where
   * nothing can be written the account lives in memory only (`isStored` false) until the process ends.
   */
  ensureOwner(): Promise<Owner | undefined>;
  /** Names whose password or role changed, or that are gone, after each refresh. */
  onChange(listener: (users: readonly string[]) => void): Unsubscribe;
  /** Reacts to changes of the files by itself until unsubscribed. */
  watch(): Unsubscribe;
}

const RETRY_AFTER_MS = 1000;
const FILE_MODE = 0o600;

class FileAccounts implements Accounts {
  readonly #options: AccountsOptions;
  readonly #path: string;
  readonly #rolesPath: string;
  readonly #firstPath: string;
  readonly #prints: Fingerprints;
  readonly #listeners = new Set<(users: readonly string[]) => void>();
  #accounts: AccountList = new Map();
  /** The owner of a machine whose files cannot be written. */
  #unstored: StoredAccount | undefined;
  #loading: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #hasFailed = false;

  constructor(options: AccountsOptions) {
    this.#options = options;
    this.#path = htpasswdPath(options.config, options.dataDir);
    this.#rolesPath = rolesPath(options.config, options.dataDir);
    this.#firstPath = firstPasswordPath(options.dataDir);
    const paths = [this.#path, this.#rolesPath, this.#firstPath];
    this.#prints = new Fingerprints(options.files, options.clock, ...paths);
  }

  find(user: string): StoredAccount | undefined {
    return this.#accounts.get(user);
  }

  get hasFirstPassword(): boolean {
    return [...this.#accounts.values()].some(({ firstPassword }) => firstPassword !== undefined);
  }

  hashes(): readonly string[] {
    return [...this.#accounts.values()].map(({ hash }) => hash);
  }

  isStale(): boolean {
    return this.#prints.isStale();
  }

  async refresh(): Promise<void> {
    try {
      await this.#load();
      this.#hasFailed = false;
    } catch (error) {
      this.#prints.rest(RETRY_AFTER_MS);
      if (!this.#hasFailed) {
        this.#options.log.error({ err: error }, "Password file cannot be read, accounts unchanged");
      }
      this.#hasFailed = true;
    }
  }

  async list(): Promise<readonly AccountSummary[]> {
    await this.#load();
    return [...this.#accounts.values()].map(({ user, grantedRole, isUsable }) => ({
      user,
      role: grantedRole,
      isUsable,
    }));
  }

  async add(user: string, password: string, role?: UserRole): Promise<void> {
    const name = parseUser(user);
    const hash = await hashPassword(parsePassword(password));
    await this.#change(async () => {
      if (this.#accounts.has(name)) throw new AccountExistsError(name);
      // The role first: the account must not exist with a higher one, not even for a moment.
      if (role !== undefined)
        await this.#edit(this.#rolesPath, (text) => withEntry(text, name, role));
      else await this.#edit(this.#rolesPath, (text) => withoutEntry(text, name));
      await this.#edit(this.#path, (text) => withEntry(text, name, hash));
    });
  }

  async set(user: string, password: string): Promise<void> {
    const name = parseUser(user);
    const hash = await hashPassword(parsePassword(password));
    await this.#change(async () => {
      this.#mustExist(name);
      await this.#edit(this.#path, (text) => withEntry(text, name, hash));
    });
  }

  setRole(user: string, role: UserRole): Promise<void> {
    return this.#change(async () => {
      this.#mustExist(user);
      await this.#edit(this.#rolesPath, (text) => withEntry(text, user, role));
    });
  }

  del(user: string): Promise<void> {
    return this.#change(async () => {
      this.#mustExist(user);
      await this.#edit(this.#path, (text) => withoutEntry(text, user));
      await this.#edit(this.#rolesPath, (text) => withoutEntry(text, user));
    });
  }

  async ensureOwner(): Promise<Owner | undefined> {
    await this.#load();
    if (this.#accounts.size > 0) return undefined;
    const { config, files, log } = this.#options;
    const owner = await createOwner({
      config,
      add: (user, password) => this.add(user, password, "admin"),
    });
    if (owner.isStored) {
      const account = this.#accounts.get(owner.user);
      if (owner.generated && account !== undefined) {
        await markFirstPassword(files, this.#firstPath, account);
        await this.refresh();
      }
      return owner;
    }
    log.warn({ err: owner.reason }, "Owner account cannot be stored, it is valid until restart");
    const hash = await hashPassword(owner.password);
    const rights = { role: "admin", grantedRole: "admin", firstPassword: undefined } as const;
    this.#unstored = { user: owner.user, hash, ...rights, isUsable: true };
    this.#accounts = new Map([[owner.user, this.#unstored]]);
    return owner;
  }

  onChange(listener: (users: readonly string[]) => void): Unsubscribe {
    const notify = (users: readonly string[]): void => {
      listener(users);
    };
    this.#listeners.add(notify);
    return () => {
      this.#listeners.delete(notify);
    };
  }

  watch(): Unsubscribe {
    const { files } = this.#options;
    const look = (): void => {
      if (this.#prints.isStaleNow()) void this.refresh();
    };
    const stops = [this.#path, this.#rolesPath].map((path) => files.watch(path, look));
    return () => {
      for (const stop of stops) stop();
    };
  }

  #mustExist(user: string): void {
    if (!this.#accounts.has(user)) throw new AccountNotFoundError(user);
    if (this.#unstored !== undefined) {
      throw new ValidationError(`The user '${user}' lives in memory only and cannot be changed`);
    }
  }

  #load(): Promise<void> {
    if (this.#loading !== undefined) return this.#loading;
    if (!this.#prints.isStaleNow()) return Promise.resolve();
    const loading = this.#read().finally(() => {
      this.#loading = undefined;
    });
    this.#loading = loading;
    return loading;
  }

  async #read(): Promise<void> {
    const { config, files, log } = this.#options;
    const marks = this.#prints.capture();
    const text = (await files.read(this.#path)) ?? "";
    const roles = (await files.read(this.#rolesPath)) ?? "";
    const first = readFirstPassword((await files.read(this.#firstPath)) ?? "");
    const next = readAccounts({ text, roles, defaultRole: config.defaultRole, first, log });
    if (next.size === 0 && this.#unstored !== undefined)
      next.set(this.#unstored.user, this.#unstored);
    else this.#unstored = undefined;
    const changed = changedUsers(this.#accounts, next);
    this.#accounts = next;
    this.#prints.accept(marks);
    if (changed.length === 0) return;
    for (const notify of this.#listeners) notify(changed);
  }

  /** Runs after the changes before it, on the newest content, and makes its result visible. */
  #change(run: () => Promise<void>): Promise<void> {
    const change = this.#writing.then(async () => {
      await this.#load();
      try {
        await run();
      } finally {
        await this.refresh();
      }
    });
    this.#writing = change.catch(() => undefined);
    return change;
  }

  async #edit(path: string, edit: (text: string) => string): Promise<void> {
    const { files } = this.#options;
    const text = (await files.read(path)) ?? "";
    const next = edit(text);
    if (next !== text) await files.writeAtomic(path, next, { mode: FILE_MODE });
  }
}

/** The accounts in the configured password file. Reads nothing yet. */
export function createAccounts(options: AccountsOptions): Accounts {
  return new FileAccounts(options);
}
