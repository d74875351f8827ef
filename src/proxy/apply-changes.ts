import type { CoreClient } from "./core-client.ts";
import { liveAccount } from "./accounts.ts";
import { CoreCallError } from "./proxy-errors.ts";
import type { UserBook, UserChange } from "./user-book.ts";

/** Calls of the core's API at the same time. */
const LANES = 32;

export interface ChangeFailure {
  readonly change: UserChange;
  readonly error: CoreCallError;
}

async function applyOne(client: CoreClient, change: UserChange): Promise<void> {
  const { inbound, email, account, wasMember } = change;
  // Some kinds of inbounds take a second user of one name without a word, others refuse.
  if (wasMember || account === undefined) {
    const removed = client.removeUser(inbound.tag, email);
    // Whether the removal of somebody who is added anew has worked, the addition tells.
    await (account === undefined ? removed : removed.catch(() => undefined));
  }
  if (account === undefined) return;
  const live = liveAccount(inbound, account);
  try {
    await client.addUser(inbound.tag, email, live);
  } catch (error) {
    if (!(error instanceof CoreCallError) || !error.message.endsWith("already exists."))
      throw error;
    await client.removeUser(inbound.tag, email);
    await client.addUser(inbound.tag, email, live);
  }
}

/** gRPC: the deadline has passed, or there is nobody to talk to. */
const LOST_STATUS: ReadonlySet<number> = new Set([4, 14]);

/**
 * Makes changes in a running core, several at a time, and tells the book what became of each. A core that is gone or
 * does not answer is not asked for the rest.
 */
export async function applyChanges(
  client: CoreClient,
  book: UserBook,
  changes: readonly UserChange[],
): Promise<readonly ChangeFailure[]> {
  const failures: ChangeFailure[] = [];
  const waiting = changes.values();
  let lost: CoreCallError | undefined;
  const fail = (change: UserChange, error: CoreCallError): void => {
    book.settle(change, false);
    failures.push({ change, error });
    if (LOST_STATUS.has(error.status)) lost = error;
  };
  const lane = async (): Promise<void> => {
    for (const change of waiting) {
      if (lost !== undefined) {
        fail(change, lost);
        continue;
      }
      try {
        await applyOne(client, change);
        book.settle(change, true);
      } catch (error) {
        if (!(error instanceof CoreCallError)) throw error;
        fail(change, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(LANES, changes.length) }, lane));
  return failures;
}
