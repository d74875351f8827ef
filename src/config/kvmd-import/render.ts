import { Document, isMap, isScalar } from "yaml";
import type { Pair } from "yaml";
import type { ImportedSetting } from "./conversion.ts";

/** Channels and drivers have names with points in them. */
const NAMED = /^(device\.gpio\.(?:drivers|scheme))\.(.+)$/;

export function keysOf(path: string): readonly string[] {
  const named = NAMED.exec(path);
  if (named === null) return path.split(".");
  const [, section = "", name = ""] = named;
  return [...section.split("."), name];
}

function pairAt(document: Document, keys: readonly string[]): Pair | undefined {
  const parent = keys.length === 1 ? document.contents : document.getIn(keys.slice(0, -1));
  const last = keys.at(-1);
  if (!isMap(parent)) return undefined;
  return parent.items.find(({ key }) => isScalar(key) && key.value === last);
}

/** A short value has its origin behind it, a long one above it. */
function note(document: Document, keys: readonly string[], origin: string): void {
  const value = document.getIn(keys, true);
  if (isScalar(value)) {
    value.comment = ` ${origin}`;
    return;
  }
  const key = pairAt(document, keys)?.key;
  if (isScalar(key)) key.commentBefore = ` ${origin}`;
}

/** A configuration file with the settings and, as comments, where they come from. */
export function renderImported(settings: readonly ImportedSetting[], heading: string): string {
  const document = new Document({ version: 1 });
  document.commentBefore = heading;
  for (const { path, value, origin } of settings) {
    const keys = keysOf(path);
    document.setIn(keys, document.createNode(value));
    note(document, keys, origin);
  }
  return document.toString({ lineWidth: 0 });
}
