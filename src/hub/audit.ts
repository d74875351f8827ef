import type { IssuedNode } from "./registry.ts";

/** Who does something, for the record. */
export interface Actor {
  readonly user: string;
  /** Where the request came from. */
  readonly address: string;
}

export interface AuditEntry {
  readonly id: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly user: string;
  readonly address: string;
  /** What was done, a fixed word: `node.add`, `terminal.open`, `command.run`, `account.add`. */
  readonly action: string;
  /** The node concerned; 0 for none. */
  readonly node: number;
  /** For people. Never holds passwords, tokens or what was typed in a terminal. */
  readonly detail: string;
}

export interface NewAuditEntry {
  readonly actor: Actor;
  readonly action: string;
  readonly node?: number;
  readonly detail?: string;
}

/** Something that a person wants done. */
export interface Act<T> extends NewAuditEntry {
  /** A second line, for what is known only when it is done. */
  readonly outcome?: (result: T) => Omit<NewAuditEntry, "actor">;
}

/** The outcome of `node.add`: which node it has become. */
export const addedNode = ({ node }: IssuedNode): Omit<NewAuditEntry, "actor"> => ({
  action: "node.added",
  node: node.id,
  detail: node.name,
});

export interface AuditQuery {
  /** Only entries older than this one; for paging. */
  readonly before?: number;
  /** At most 1000; default 100. */
  readonly limit?: number;
  readonly user?: string;
  readonly action?: string;
  readonly node?: number;
}

/**
 * What people did, in a table that can only grow: the database itself refuses to change or remove a row. Acts go through
 * `act`, so that none is done without a line, whatever breaks meanwhile; `record` is for what has happened already and
 * cannot be refused any more, such as sign-ins and the end of a terminal.
 */
export interface Audit {
  /** Resolves when it is in the file. Rejects with `StorageError`. */
  record(entry: NewAuditEntry): Promise<void>;
  /**
   * Writes the line, then does the work. Rejects with `StorageError`, and does nothing, when the line cannot be written.
   * Work that fails leaves a second line, with the code of the failure, and fails as it does without the audit.
   */
  act<T>(act: Act<T>, work: () => T | Promise<T>): Promise<T>;
  /** Newest first. */
  list(query: AuditQuery): Promise<readonly AuditEntry[]>;
}
