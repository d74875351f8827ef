import type { NodeRecord } from "../../../hub/registry.ts";
import { publicNode } from "./node-view.ts";

/** What everybody is told about a node, written as text once until something about the node changes. */
export class NodeTexts {
  /** A changed node is another record. */
  readonly #texts = new WeakMap<NodeRecord, string>();

  textOf(node: NodeRecord): string {
    const known = this.#texts.get(node);
    if (known !== undefined) return known;
    const text = JSON.stringify(publicNode(node));
    this.#texts.set(node, text);
    return text;
  }
}
