import type { User } from "../protocol/pasarguard/messages.ts";
import type { CoreConfig, CoreInbound } from "../protocol/xray/config.ts";
import type { Account } from "../protocol/xray/dialect.ts";
import { accountFor, clientEntry, hasUsers, isSameAccount } from "./accounts.ts";

/** What has to happen to one user of one inbound. */
export interface UserChange {
  readonly inbound: CoreInbound;
  readonly email: string;
  /** Undefined: is no member any more. */
  readonly account: Account | undefined;
  /** Somebody of that name may be there already. */
  readonly wasMember: boolean;
}

/** The wanted users of one inbound. */
class Members {
  readonly inbound: CoreInbound;
  readonly accounts = new Map<string, Account>();
  /** Those of whom it is not known whether the core has taken their last change. */
  readonly doubtful = new Set<string>();

  constructor(inbound: CoreInbound) {
    this.inbound = inbound;
  }
}

/**
 * Who is meant to be in which managed inbound: the memory from which a core is started again. What the core really
 * has can differ after a refused change; `settle` is told what became of each.
 */
export class UserBook {
  readonly #members: readonly Members[];

  constructor(inbounds: CoreConfig["inbounds"]) {
    this.#members = inbounds
      .filter((inbound) => inbound.isManaged && hasUsers(inbound))
      .map((inbound) => new Members(inbound));
  }

  /** Memberships, not users. */
  get size(): number {
    return this.#members.reduce((sum, { accounts }) => sum + accounts.size, 0);
  }

  hasMembers({ tag }: CoreInbound): boolean {
    return this.#members.some(({ inbound, accounts }) => inbound.tag === tag && accounts.size > 0);
  }

  /** `settings.clients` of an inbound; empty also for kinds that have no users. */
  clientsOf({ tag }: CoreInbound): readonly Readonly<Record<string, unknown>>[] {
    const members = this.#members.find(({ inbound }) => inbound.tag === tag);
    if (members === undefined) return [];
    return Array.from(members.accounts, ([email, account]) => clientEntry(email, account));
  }

  /** Forgets everybody else. For a core that is started from this book afterwards. */
  load(users: readonly User[]): void {
    for (const { accounts } of this.#members) accounts.clear();
    this.merge(users);
    this.trust();
  }

  /** The core was started from this book: it has what the book has. */
  trust(): void {
    for (const { doubtful } of this.#members) doubtful.clear();
  }

  /** Every change for these users, also where the book knows of none: what a core has can be another matter. */
  rewrite(user: User): readonly UserChange[] {
    return this.#members.map((members) => ({ ...this.#put(members, user), wasMember: true }));
  }

  /** Takes these users over, the last of one name winning, and says what differs. */
  merge(users: readonly User[]): readonly UserChange[] {
    const latest = new Map(users.map((user) => [user.email, user]));
    const changes: UserChange[] = [];
    for (const members of this.#members) {
      for (const user of latest.values()) {
        const before = members.accounts.get(user.email);
        const isCertain = !members.doubtful.has(user.email);
        const change = this.#put(members, user);
        if (!isCertain || !isSame(before, change.account)) changes.push(change);
      }
    }
    return changes;
  }

  /** Like `merge`, and everybody who is not mentioned is to go. */
  replace(users: readonly User[]): readonly UserChange[] {
    const named = new Set(users.map(({ email }) => email));
    const gone = this.#members.flatMap((members) =>
      [...members.accounts.keys(), ...members.doubtful]
        .filter((email) => !named.has(email))
        .map((email) => this.#remove(members, email)),
    );
    return [...gone, ...this.merge(users)];
  }

  /** What became of a change in the core. */
  settle({ inbound, email }: UserChange, isDone: boolean): void {
    const members = this.#members.find(({ inbound: { tag } }) => tag === inbound.tag);
    if (isDone) members?.doubtful.delete(email);
    else members?.doubtful.add(email);
  }

  #put(members: Members, { email, proxies, inbounds }: User): UserChange {
    const { inbound, accounts, doubtful } = members;
    const isMember = proxies !== undefined && inbounds.includes(inbound.tag);
    const account = isMember ? accountFor(inbound, proxies) : undefined;
    const wasMember = accounts.has(email) || doubtful.has(email);
    if (account === undefined) accounts.delete(email);
    else accounts.set(email, account);
    return { inbound, email, account, wasMember };
  }

  #remove(members: Members, email: string): UserChange {
    members.accounts.delete(email);
    return { inbound: members.inbound, email, account: undefined, wasMember: true };
  }
}

function isSame(left: Account | undefined, right: Account | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return isSameAccount(left, right);
}
