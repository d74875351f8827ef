import type { AlertScope } from "../../protocol/fleet/alerts.ts";
import type { NodeRecord } from "../registry.ts";

/** Tags may end in a color in angle brackets; the rule may say it or not. */
function plainTag(tag: string): string {
  const color = tag.endsWith(">") ? tag.lastIndexOf("<") : -1;
  return color < 0 ? tag : tag.slice(0, color).trimEnd();
}

/** Whether a scope covers a node; prepared once, because it is asked for every node again and again. */
export function compileScope({
  cover,
  nodes,
  groups,
  tags,
}: AlertScope): (node: NodeRecord) => boolean {
  if (cover === "all") return () => true;
  const ids = new Set(nodes);
  const names = new Set(groups);
  const words = new Set(tags.map(plainTag));
  const isListed = (node: NodeRecord): boolean =>
    ids.has(node.id) ||
    (node.group !== "" && names.has(node.group)) ||
    (words.size > 0 && node.tags.some((tag) => words.has(plainTag(tag))));
  return cover === "only" ? isListed : (node) => !isListed(node);
}
