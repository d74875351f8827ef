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

export interface AuditQuery {
  /** Only entries older than this one; for paging. */
  readonly before?: number;
  /** At most 1000; default 100. */
  readonly limit?: number;
  readonly user?: string;
  readonly action?: string;
  readonly node?: number;
}

/** What people did, in a table that can only grow: the database itself refuses to change or remove a row. */
export interface Audit {
  /** Resolves when it is in the file: acts that demand a record wait for it. Rejects with `StorageError`. */
  record(entry: NewAuditEntry): Promise<void>;
  /** Newest first. */
  list(query: AuditQuery): Promise<readonly AuditEntry[]>;
}
