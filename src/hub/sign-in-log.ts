import { every } from "../core/clock.ts";
import type { Clock } from "../core/clock.ts";
import { describeError } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import type { Audit, NewAuditEntry } from "./audit.ts";

export interface SignInLogOptions {
  readonly audit: Pick<Audit, "record">;
  readonly clock: Clock;
  readonly log: Logger;
  /** Only names of accounts are written down: some people type their password where the name belongs. */
  readonly isAccount: (user: string) => boolean;
}

const WINDOW_MS = 15 * 60_000;
/** Addresses and names of one window that are written down one by one. */
const MAX_ADDRESSES = 16;
const MAX_USERS = 5;
const MAX_REPEATS = 256;

interface Refusals {
  count: number;
  strangers: number;
  readonly users: Set<string>;
}

interface Repeats {
  readonly user: string;
  readonly address: string;
  readonly method: string;
  /** After the first one. */
  count: number;
}

function detailOf({ count, strangers, users }: Refusals): string {
  const names = [...users].map((user) => `'${user}'`);
  if (strangers > 0) names.push("names that are no account or none at all");
  return `${count} refused attempts within 15 minutes: ${names.join(", ")}`;
}

/**
 * Sign-ins in the audit table. What strangers cause is summed up: a flood of wrong passwords makes a few rows in a
 * quarter of an hour. So are repeated sign-ins of one user from one address: some programs sign in for every request.
 */
export class SignInLog {
  readonly #options: SignInLogOptions;
  readonly #refusals = new Map<string, Refusals>();
  readonly #repeats = new Map<string, Repeats>();
  readonly #stop: () => void;
  #others: Refusals = { count: 0, strangers: 0, users: new Set() };

  constructor(options: SignInLogOptions) {
    this.#options = options;
    this.#stop = every(options.clock, WINDOW_MS, () => void this.#flush());
  }

  signedIn(user: string, address: string, method: string): void {
    const key = `${user}\n${address}\n${method}`;
    const repeats = this.#repeats.get(key);
    if (repeats !== undefined) {
      repeats.count += 1;
      return;
    }
    if (this.#repeats.size < MAX_REPEATS) {
      this.#repeats.set(key, { user, address, method, count: 0 });
    }
    void this.#record({ actor: { user, address }, action: "session.open", detail: `by ${method}` });
  }

  /** `user` as somebody wrote it; empty when the credential named none. */
  refused(user: string, address: string): void {
    const refusals = this.#refusalsOf(address);
    refusals.count += 1;
    if (!this.#options.isAccount(user)) refusals.strangers += 1;
    else if (refusals.users.size < MAX_USERS) refusals.users.add(user);
  }

  signedOut(user: string): void {
    void this.#record({ actor: { user, address: "" }, action: "session.end" });
  }

  /** These accounts have a new password or role, or are gone, whoever did it by whatever means. */
  accountsChanged(users: readonly string[]): void {
    for (const user of users) {
      const detail = `The password or role of '${user}' changed, or the account is gone`;
      void this.#record({ actor: { user: "", address: "" }, action: "account.change", detail });
    }
  }

  /** Writes what was summed up. */
  async close(): Promise<void> {
    this.#stop();
    await this.#flush();
  }

  #refusalsOf(address: string): Refusals {
    const known = this.#refusals.get(address);
    if (known !== undefined) return known;
    if (this.#refusals.size >= MAX_ADDRESSES) return this.#others;
    const refusals = { count: 0, strangers: 0, users: new Set<string>() };
    this.#refusals.set(address, refusals);
    return refusals;
  }

  async #flush(): Promise<void> {
    const rows: [string, Refusals][] = [...this.#refusals, ["", this.#others]];
    const repeats = [...this.#repeats.values()];
    this.#refusals.clear();
    this.#repeats.clear();
    this.#others = { count: 0, strangers: 0, users: new Set() };
    for (const [address, refusals] of rows) {
      if (refusals.count === 0) continue;
      const [user = ""] = refusals.users.size === 1 ? refusals.users : [];
      const actor = { user, address };
      await this.#record({ actor, action: "session.refused", detail: detailOf(refusals) });
    }
    for (const { user, address, method, count } of repeats) {
      if (count === 0) continue;
      const detail = `by ${method}, ${count} more times within 15 minutes`;
      await this.#record({ actor: { user, address }, action: "session.open", detail });
    }
  }

  /** Signing in goes on when the disk is full. */
  async #record(entry: NewAuditEntry): Promise<void> {
    try {
      await this.#options.audit.record(entry);
    } catch (error) {
      const { action, actor } = entry;
      const problem = describeError(error);
      this.#options.log.error({ ...actor, action, problem }, "The audit table cannot be written");
    }
  }
}
