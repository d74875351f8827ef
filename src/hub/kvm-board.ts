import { isEqual } from "../core/store.ts";
import type { KvmStatus } from "../protocol/fleet/live.ts";
import type { Registry } from "./registry.ts";

/** What KVM devices say about the machines that they look after; empty after a start. */
export interface KvmBoard {
  /** The same object until something changes. */
  of(node: number): KvmStatus | undefined;
  /** Undefined takes it away. Nothing happens for an unknown node. Forgotten when the node is removed. */
  set(node: number, status: KvmStatus | undefined): void;
}

export function createKvmBoard(registry: Registry): KvmBoard {
  const statuses = new Map<number, KvmStatus>();
  registry.subscribe(({ kind, node }) => {
    if (kind === "removed") statuses.delete(node.id);
  });
  return {
    of: (node) => statuses.get(node),
    set(node, status) {
      if (status === undefined || registry.byId(node) === undefined) statuses.delete(node);
      else if (!isEqual(statuses.get(node), status)) statuses.set(node, status);
    },
  };
}
