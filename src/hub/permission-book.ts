import type { NodePermissions } from "./control.ts";
import type { Tables } from "./series/series.ts";

export const NOTHING_ALLOWED: NodePermissions = { command: false, terminal: false };

/** What admins allow on which node, in the hub's tables; nothing where nobody has said so. */
export class PermissionBook {
  readonly #tables: Tables;
  readonly #byNode = new Map<number, NodePermissions>();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** Rejects with `StorageError`. */
  async load(): Promise<void> {
    const sql = "SELECT node, command, terminal FROM node_permission";
    for (const row of await this.#tables.read({ sql, values: [] })) {
      const permissions = { command: row["command"] === 1, terminal: row["terminal"] === 1 };
      this.#byNode.set(Number(row["node"]), permissions);
    }
  }

  of(node: number): NodePermissions {
    return this.#byNode.get(node) ?? NOTHING_ALLOWED;
  }

  /** Takes away what is false, without writing it. */
  restrict(node: number, { command = true, terminal = true }: Partial<NodePermissions>): void {
    const before = this.#byNode.get(node);
    if (before === undefined) return;
    this.#byNode.set(node, {
      command: before.command && command,
      terminal: before.terminal && terminal,
    });
  }

  /** Rejects with `StorageError`; nothing is allowed that is not written. */
  async set(node: number, permissions: NodePermissions): Promise<void> {
    this.restrict(node, permissions);
    const sql =
      "INSERT OR REPLACE INTO node_permission (node, command, terminal) SELECT id, ?, ? FROM node WHERE id = ?";
    const values = [Number(permissions.command), Number(permissions.terminal), node];
    await this.#tables.write([{ sql, values }]);
    this.#byNode.set(node, permissions);
  }

  /** Of a node that was removed. Rejects with `StorageError`; numbers of nodes are never used again. */
  async forget(node: number): Promise<void> {
    this.#byNode.delete(node);
    await this.#tables.write([
      { sql: "DELETE FROM node_permission WHERE node = ?", values: [node] },
    ]);
  }
}
