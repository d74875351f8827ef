import type { Unsubscribe } from "../core/store.ts";
import { AppError } from "../core/errors.ts";
import type { NodeFacts } from "./report.ts";

export class NodeNotFoundError extends AppError {
  static readonly code = "NODE_NOT_FOUND";
  constructor(message = "There is no such node", options?: ErrorOptions) {
    super("notFound", NodeNotFoundError.code, message, options);
  }
}

/** An identity that another node has already. */
export class NodeExistsError extends AppError {
  static readonly code = "NODE_EXISTS";
  constructor(message = "There is a node with this identity already", options?: ErrorOptions) {
    super("conflict", NodeExistsError.code, message, options);
  }
}

/** As many nodes as are allowed are known already. */
export class FleetFullError extends AppError {
  static readonly code = "FLEET_FULL";
  constructor(limit: number, options?: ErrorOptions) {
    super("rateLimited", FleetFullError.code, `There are ${limit} nodes already`, options);
  }
}

export const TRAFFIC_LIMIT_TYPES = ["sum", "max", "min", "up", "down"] as const;
export type TrafficLimitType = (typeof TRAFFIC_LIMIT_TYPES)[number];

/** What people write down about a node; the fields that public pages show (Komari 2.3). */
export interface NodeNotes {
  readonly name: string;
  /** One group; empty for none. */
  readonly group: string;
  /** May end in a color in angle brackets. */
  readonly tags: readonly string[];
  /** Known to signed-in people only, on every path. */
  readonly isHidden: boolean;
  /** Order in lists; what it means is the dialect's matter. */
  readonly weight: number;
  readonly remark: string;
  readonly publicRemark: string;
  /** Flag of the country as an emoji, or any short text. */
  readonly region: string;
  /** 0 unset, -1 free. */
  readonly price: number;
  readonly currency: string;
  /** Days; -1 once, 0 unset. */
  readonly billingCycleDays: number;
  readonly isAutoRenewal: boolean;
  /** Epoch milliseconds; undefined when unset. */
  readonly expiresAt: number | undefined;
  /** 0 = none. */
  readonly trafficLimitBytes: number;
  readonly trafficLimitType: TrafficLimitType;
}

export interface NodeRecord extends NodeNotes {
  /** Small, never used again. Also the number that Nezha's clients know. */
  readonly id: number;
  /** What Komari's clients know; made by the hub unless the agent brought its own (Nezha v1). */
  readonly uuid: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly facts: NodeFacts;
  /**
   * False for a node that made itself known with the secret that all agents share (`hub.nezha.secret`): that one is
   * enough for it, until it is given a token. A node with a token is reported for with nothing else.
   */
  readonly hasToken: boolean;
}

export interface NewNode {
  /** Default: one is made. */
  readonly uuid?: string;
  readonly notes?: Partial<NodeNotes>;
  /** Default true. Without one the token that is issued is empty, and nobody is authenticated by it. */
  readonly hasToken?: boolean;
}

/** The only moment at which a token is seen: a hash of it is kept. */
export interface IssuedNode {
  readonly node: NodeRecord;
  readonly token: string;
}

export type RegistryChange =
  | { readonly kind: "added" | "changed"; readonly node: NodeRecord }
  | { readonly kind: "removed"; readonly node: NodeRecord }
  /** Sessions that the old token opened have to end. */
  | { readonly kind: "tokenChanged"; readonly node: NodeRecord };

/** The nodes of the fleet: all in memory, every change in the file before its promise resolves. */
export interface Registry {
  /** In order of id. The same array until something changes. */
  readonly nodes: readonly NodeRecord[];
  byId(id: number): NodeRecord | undefined;
  byUuid(uuid: string): NodeRecord | undefined;
  /** The node whose token this is. Takes the same time whether it is known or not. */
  authenticate(token: string): NodeRecord | undefined;
  /** Rejects with `FleetFullError`, `NodeExistsError`, `ValidationError` or `StorageError`. */
  add(node: NewNode): Promise<IssuedNode>;
  /** Rejects with `NodeNotFoundError`, `ValidationError` or `StorageError`. */
  edit(id: number, notes: Partial<NodeNotes>): Promise<NodeRecord>;
  /**
   * Written within a second or two; facts are sent again anyhow. A node that nobody has named is named after its system.
   * Nothing happens for an unknown node.
   */
  learn(id: number, facts: Partial<NodeFacts>): void;
  /** Replaces the token; the old one is worth nothing at once. */
  renewToken(id: number): Promise<IssuedNode>;
  /** With all its history. */
  remove(id: number): Promise<void>;
  /** Called synchronously after each change. */
  subscribe(listener: (change: RegistryChange) => void): Unsubscribe;
}
