import type { Hub } from "../../../hub/hub.ts";
import type { Caller } from "./gate.ts";

/**
 * From v1.0.4 on agents answer keepalive tasks and skip empty frames (Nezha facts 1.7). A version that cannot be read is
 * a newer one.
 */
export function isFrom104(
  { node, generation }: Caller,
  { registry }: Pick<Hub, "registry">,
): boolean {
  if (generation === "v0") return false;
  const version = registry.byId(node)?.facts.agentVersion ?? "";
  return !/^v?1\.0\.[0-3](?:\D|$)/.test(version);
}
