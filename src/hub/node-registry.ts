import { createHash, randomInt, randomUUID } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import { createLane } from "../core/lane.ts";
import { isEqual } from "../core/store.ts";
import type { Unsubscribe } from "../core/store.ts";
import { checkNotes, checkUuid, firstName, nameFromFacts, NO_NOTES } from "./node-notes.ts";
import { FleetFullError, NodeExistsError, NodeNotFoundError } from "./registry.ts";
import type {
  IssuedNode,
  NewNode,
  NodeNotes,
  NodeRecord,
  Registry,
  RegistryChange,
} from "./registry.ts";
import { NO_FACTS } from "./report.ts";
import type { NodeFacts } from "./report.ts";
import type { Series, SqlStatement, Tables } from "./series/series.ts";
import { parseTree } from "./stored-json.ts";

const TOKEN_LENGTH = 32;
const TOKEN_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** Longer ones are no tokens. */
const MAX_TOKEN = 256;

/** Tokens are random and long, so that a plain hash is enough: nobody can try them all. */
function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

function newToken(): string {
  const letter = (): string => TOKEN_LETTERS.charAt(randomInt(TOKEN_LETTERS.length));
  return Array.from({ length: TOKEN_LENGTH }, letter).join("");
}

/** Stands where the hash of a token would: no text hashes to it. */
const NO_TOKEN = "none:";

interface Entry {
  readonly node: NodeRecord;
  readonly tokenHash: string;
}

const NOTE_KEYS = Object.keys(NO_NOTES);

function notesOf(node: NodeNotes): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(node).filter(([key]) => NOTE_KEYS.includes(key))),
  );
}

export interface RegistryOptions {
  readonly tables: Tables;
  readonly series: Pick<Series, "forgetNode">;
  readonly clock: Clock;
  readonly maxNodes: number;
}

/** The registry in the hub's tables. Changes are made one after the other. */
export class NodeRegistry implements Registry {
  readonly #options: RegistryOptions;
  readonly #byId = new Map<number, Entry>();
  readonly #byUuid = new Map<string, Entry>();
  readonly #byHash = new Map<string, Entry>();
  readonly #listeners = new Set<{ notify: (change: RegistryChange) => void }>();
  readonly #learnt = new Set<number>();
  #nodes: readonly NodeRecord[] | undefined;
  readonly #inTurn = createLane();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** Reads all nodes. Rejects with `StorageError`. */
  async load(): Promise<void> {
    const sql =
      "SELECT id, uuid, token_hash, created_at, updated_at, notes, facts FROM node ORDER BY id";
    for (const row of await this.#options.tables.read({ sql, values: [] })) {
      const node: NodeRecord = {
        ...parseTree(row["notes"], NO_NOTES),
        id: Number(row["id"]),
        uuid: String(row["uuid"]),
        createdAt: Number(row["created_at"]),
        updatedAt: Number(row["updated_at"]),
        facts: parseTree(row["facts"], NO_FACTS),
        hasToken: !String(row["token_hash"]).startsWith(NO_TOKEN),
      };
      this.#put({ node, tokenHash: String(row["token_hash"]) });
    }
  }

  get nodes(): readonly NodeRecord[] {
    this.#nodes ??= Array.from(this.#byId.values(), ({ node }) => node).sort((a, b) => a.id - b.id);
    return this.#nodes;
  }

  byId(id: number): NodeRecord | undefined {
    return this.#byId.get(id)?.node;
  }

  byUuid(uuid: string): NodeRecord | undefined {
    return this.#byUuid.get(uuid.toLowerCase())?.node;
  }

  authenticate(token: string): NodeRecord | undefined {
    if (token.length > MAX_TOKEN) return undefined;
    return this.#byHash.get(hashOf(token))?.node;
  }

  add({ uuid: wanted, notes: given, hasToken = true }: NewNode): Promise<IssuedNode> {
    return this.#inTurn(async () => {
      const { tables, clock, maxNodes } = this.#options;
      const uuid = wanted === undefined ? randomUUID() : checkUuid(wanted);
      if (this.#byUuid.has(uuid)) throw new NodeExistsError();
      if (this.#byId.size >= maxNodes) throw new FleetFullError(maxNodes);
      const notes = checkNotes({ ...NO_NOTES, name: firstName(uuid), ...given });
      const [token, at] = [hasToken ? newToken() : "", clock.now()];
      const tokenHash = hasToken ? hashOf(token) : NO_TOKEN + uuid;
      const sql =
        "INSERT INTO node (uuid, token_hash, created_at, updated_at, notes, facts) VALUES (?, ?, ?, ?, ?, '{}') RETURNING id";
      const rows = await tables.read({ sql, values: [uuid, tokenHash, at, at, notesOf(notes)] });
      const id = Number(rows[0]?.["id"]);
      const times = { createdAt: at, updatedAt: at };
      const node = { ...notes, id, uuid, ...times, facts: NO_FACTS, hasToken };
      this.#put({ node, tokenHash });
      this.#tell({ kind: "added", node });
      return { node, token };
    });
  }

  edit(id: number, changes: Partial<NodeNotes>): Promise<NodeRecord> {
    return this.#inTurn(async () => {
      const { node: before, tokenHash } = this.#demand(id);
      const at = this.#options.clock.now();
      const notes = checkNotes({ ...before, ...changes });
      const sql = "UPDATE node SET notes = ?, updated_at = ? WHERE id = ?";
      await this.#options.tables.write([{ sql, values: [notesOf(notes), at, id] }]);
      const { uuid, createdAt } = before;
      // Facts may have come meanwhile.
      const { facts } = this.#demand(id).node;
      const node = { ...before, ...notes, id, uuid, createdAt, updatedAt: at, facts };
      this.#put({ node, tokenHash });
      this.#tell({ kind: "changed", node });
      return node;
    });
  }

  learn(id: number, facts: Partial<NodeFacts>): void {
    const entry = this.#byId.get(id);
    if (entry === undefined) return;
    const next = { ...entry.node.facts, ...facts };
    const name = nameFromFacts(entry.node, next);
    if (name === entry.node.name && isEqual(next, entry.node.facts)) return;
    const node = { ...entry.node, name, facts: next, updatedAt: this.#options.clock.now() };
    this.#put({ node, tokenHash: entry.tokenHash });
    this.#learnt.add(id);
    this.#tell({ kind: "changed", node });
  }

  renewToken(id: number): Promise<IssuedNode> {
    return this.#inTurn(async () => {
      this.#demand(id);
      const token = newToken();
      const tokenHash = hashOf(token);
      const sql = "UPDATE node SET token_hash = ? WHERE id = ?";
      await this.#options.tables.write([{ sql, values: [tokenHash, id] }]);
      const { node: before, tokenHash: oldHash } = this.#demand(id);
      const node = { ...before, hasToken: true };
      this.#byHash.delete(oldHash);
      this.#put({ node, tokenHash });
      this.#tell({ kind: "tokenChanged", node });
      return { node, token };
    });
  }

  remove(id: number): Promise<void> {
    return this.#inTurn(async () => {
      const { node, tokenHash } = this.#demand(id);
      await this.#options.tables.write([
        { sql: "DELETE FROM node WHERE id = ?", values: [id] },
        { sql: "DELETE FROM node_traffic WHERE node = ?", values: [id] },
      ]);
      this.#byId.delete(id);
      this.#byUuid.delete(node.uuid);
      this.#byHash.delete(tokenHash);
      this.#learnt.delete(id);
      this.#nodes = undefined;
      this.#tell({ kind: "removed", node });
      await this.#options.series.forgetNode(id);
    });
  }

  subscribe(notify: (change: RegistryChange) => void): Unsubscribe {
    const entry = { notify };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  /** Writes facts that were learnt. What could not be written is tried again by the next call; rejects then. */
  flush(): Promise<void> {
    if (this.#learnt.size === 0) return Promise.resolve();
    return this.#inTurn(async () => {
      const ids = [...this.#learnt];
      const statements = ids.flatMap((id) => {
        const node = this.byId(id);
        return node === undefined ? [] : [learntStatement(node)];
      });
      this.#learnt.clear();
      try {
        await this.#options.tables.write(statements);
      } catch (error) {
        for (const id of ids) this.#learnt.add(id);
        throw error;
      }
    });
  }

  #demand(id: number): Entry {
    const entry = this.#byId.get(id);
    if (entry === undefined) throw new NodeNotFoundError();
    return entry;
  }

  #put(entry: Entry): void {
    this.#byId.set(entry.node.id, entry);
    this.#byUuid.set(entry.node.uuid, entry);
    this.#byHash.set(entry.tokenHash, entry);
    this.#nodes = undefined;
  }

  #tell(change: RegistryChange): void {
    for (const { notify } of this.#listeners) notify(change);
  }
}

/** With the notes: what was learnt may have given the node its name. */
function learntStatement(node: NodeRecord): SqlStatement {
  const { id, facts, updatedAt } = node;
  const sql = "UPDATE node SET facts = ?, notes = ?, updated_at = ? WHERE id = ?";
  return { sql, values: [JSON.stringify(facts), notesOf(node), updatedAt, id] };
}
