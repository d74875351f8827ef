/** Puts a value in the place of another one in a YAML document, so that comments and spelling stay where they are. */
import { isMap, isNode, isScalar, isSeq, visit } from "yaml";
import type { Document, Node, Pair, YAMLMap, YAMLSeq } from "yaml";
import { isEqual } from "../core/store.ts";
import { isTree } from "./json-schema.ts";
import type { Tree } from "./json-schema.ts";

const isText = (node: unknown): boolean => isScalar(node) && typeof node.value === "string";

function createNode(document: Document, value: unknown): Node {
  const node = document.createNode(value);
  visit(node, {
    Seq(_key, seq) {
      // Words stand on one line, as people write them.
      seq.flow = seq.items.every(isText);
    },
  });
  return node;
}

const keyOf = ({ key }: Pair): string => String(isScalar(key) ? key.value : key);

/** The value of a node, which needs its document where it is an alias of another one. */
function valueOf(document: Document, node: unknown): unknown {
  return isNode(node) ? node.toJS(document) : node;
}

/** Only what holds something: two empty values are not the same thing. */
function renamedPair(
  document: Document,
  gone: Pair[],
  [key, item]: readonly [string, unknown],
): Pair | undefined {
  const at = gone.findIndex(({ value }) => isMap(value) && isEqual(valueOf(document, value), item));
  const [pair] = at === -1 ? [] : gone.splice(at, 1);
  if (pair !== undefined && isScalar(pair.key)) pair.key.value = key;
  return pair;
}

/** By key; what is gone and is there again under another key is taken for renamed. */
function mergeMap(document: Document, map: YAMLMap, value: Tree): void {
  const known = new Map(map.items.map((pair) => [keyOf(pair), pair]));
  const gone = map.items.filter((pair) => !Object.hasOwn(value, keyOf(pair)));
  map.items = Object.entries(value).map(([key, item]) => {
    const pair = known.get(key) ?? renamedPair(document, gone, [key, item]);
    if (pair === undefined) return document.createPair(key, createNode(document, item));
    pair.value = mergedNode(document, pair.value, item);
    return pair;
  });
}

/** How much two mappings have in common, from 0 to 1. */
function likeness(before: unknown, value: unknown): number {
  if (!isTree(before) || !isTree(value)) return 0;
  const keys = new Set([...Object.keys(before), ...Object.keys(value)]);
  const same = [...keys].filter((key) => key in before && isEqual(before[key], value[key]));
  return same.length / keys.size;
}

/** Items that stay, wherever they are now; then those that are much like one that is gone; all others are new. */
function mergeSeq(document: Document, seq: YAMLSeq, value: readonly unknown[]): void {
  const rest = new Map(seq.items.map((node) => [node, valueOf(document, node)] as const));
  const take = (fits: (before: unknown) => boolean): unknown => {
    for (const [node, before] of rest) {
      if (!fits(before)) continue;
      rest.delete(node);
      return node;
    }
    return undefined;
  };
  const same = value.map((item) => take((before) => isEqual(before, item)));
  // What was changed in its place, without anything coming or going.
  const isInPlace = seq.items.length === value.length;
  seq.items = value.map((item, index) => {
    const found = same[index] ?? take((before) => isInPlace || likeness(before, item) > 0.5);
    return found === undefined ? createNode(document, item) : mergedNode(document, found, item);
  });
}

/** The node that stands for the value: the former one as far as it can be kept. */
export function mergedNode(document: Document, before: unknown, value: unknown): Node {
  if (isMap(before) && isTree(value)) {
    mergeMap(document, before, value);
    return before;
  }
  if (isSeq(before) && Array.isArray(value)) {
    mergeSeq(document, before, value);
    return before;
  }
  if (isScalar(before) && before.value === value) return before;
  const node = createNode(document, value);
  if (isNode(before)) {
    node.comment = before.comment ?? null;
    node.commentBefore = before.commentBefore ?? null;
  }
  return node;
}
