/** Puts a value in the place of another one in a YAML document, so that comments and spelling stay where they are. */
import { isMap, isNode, isScalar, isSeq, visit } from "yaml";
import type { Document, Node, Pair, YAMLMap, YAMLSeq } from "yaml";
import { isEqual } from "../core/store.ts";
import { isTree } from "./json-schema.ts";
import type { JsonSchema, Tree } from "./json-schema.ts";
import { isDefault, itemSchema, leanValue, memberSchema } from "./lean-value.ts";

const isText = (node: unknown): boolean => isScalar(node) && typeof node.value === "string";

const keyOf = ({ key }: Pair): string => String(isScalar(key) ? key.value : key);

/** How much two mappings have in common, from 0 to 1. */
function likeness(before: unknown, value: unknown): number {
  if (!isTree(before) || !isTree(value)) return 0;
  const keys = new Set([...Object.keys(before), ...Object.keys(value)]);
  const same = [...keys].filter((key) => key in before && isEqual(before[key], value[key]));
  return same.length / keys.size;
}

class Merge {
  readonly #document: Document;

  constructor(document: Document) {
    this.#document = document;
  }

  node(before: unknown, value: unknown, schema: JsonSchema): Node {
    if (isMap(before) && isTree(value)) {
      this.#map(before, value, schema);
      return before;
    }
    if (isSeq(before) && Array.isArray(value)) {
      this.#seq(before, value, itemSchema(schema));
      return before;
    }
    if (isScalar(before) && before.value === value) return before;
    const node = this.#create(value, schema);
    if (isNode(before)) {
      node.comment = before.comment ?? null;
      node.commentBefore = before.commentBefore ?? null;
    }
    return node;
  }

  #create(value: unknown, schema: JsonSchema): Node {
    const node = this.#document.createNode(leanValue(schema, value));
    visit(node, {
      Seq(_key, seq) {
        // Words stand on one line, as people write them.
        seq.flow = seq.items.every(isText);
      },
    });
    return node;
  }

  /** The value of a node, which needs its document where it is an alias of another one. */
  #valueOf(node: unknown): unknown {
    return isNode(node) ? node.toJS(this.#document) : node;
  }

  /** By key; what is gone and is there again under another key is taken for renamed. */
  #map(map: YAMLMap, value: Tree, schema: JsonSchema): void {
    const known = new Map(map.items.map((pair) => [keyOf(pair), pair]));
    const gone = map.items.filter((pair) => !Object.hasOwn(value, keyOf(pair)));
    map.items = Object.entries(value).flatMap(([key, item]) => {
      const member = memberSchema(schema, value, key);
      const pair = known.get(key) ?? this.#renamed(gone, key, item);
      if (pair !== undefined) {
        pair.value = this.node(pair.value, item, member);
        return [pair];
      }
      if (isDefault(member, item)) return [];
      return [this.#document.createPair(key, this.#create(item, member))];
    });
  }

  /** Only what holds something: two empty values are not the same thing. */
  #renamed(gone: Pair[], key: string, item: unknown): Pair | undefined {
    const at = gone.findIndex(({ value }) => isMap(value) && isEqual(this.#valueOf(value), item));
    const [pair] = at === -1 ? [] : gone.splice(at, 1);
    if (pair !== undefined && isScalar(pair.key)) pair.key.value = key;
    return pair;
  }

  /** Items that stay, wherever they are now; then those that are much like one that is gone; all others are new. */
  #seq(seq: YAMLSeq, value: readonly unknown[], schema: JsonSchema): void {
    const rest = new Map(
      seq.items.map((node) => [node, leanValue(schema, this.#valueOf(node))] as const),
    );
    const take = (fits: (before: unknown) => boolean): unknown => {
      for (const [node, before] of rest) {
        if (!fits(before)) continue;
        rest.delete(node);
        return node;
      }
      return undefined;
    };
    const lean = value.map((item) => leanValue(schema, item));
    const same = lean.map((item) => take((before) => isEqual(before, item)));
    // What was changed in its place, without anything coming or going.
    const isInPlace = seq.items.length === value.length;
    seq.items = value.map((item, index) => {
      const found =
        same[index] ?? take((before) => isInPlace || likeness(before, lean[index]) > 0.5);
      return found === undefined ? this.#create(item, schema) : this.node(found, item, schema);
    });
  }
}

export interface MergedValue {
  readonly value: unknown;
  /** What the value may be; members that say what their defaults say are not written anew. */
  readonly schema: JsonSchema;
}

/** The node that stands for the value: the former one as far as it can be kept. */
export function mergedNode(
  document: Document,
  before: unknown,
  { value, schema }: MergedValue,
): Node {
  return new Merge(document).node(before, value, schema);
}
