/** Secrets inside lists and mappings, as a page sees them: each says where in the file it stands, so that it can be kept. */
import { isNode } from "yaml";
import type { Document } from "yaml";
import { ValidationError } from "../core/errors.ts";
import { isTree } from "./json-schema.ts";
import type { Path } from "./json-schema.ts";
import { HIDDEN_VALUE, isSecretName } from "./redact.ts";

/** `(hidden: agent/uplinks/0/token)` */
const MARK = /^\(hidden: (.+)\)$/;

/** The value with its place instead of every secret that is set. */
export function withHiddenPlaces(value: unknown, place: Path): unknown {
  if (Array.isArray(value)) {
    return value.map((item, index) => withHiddenPlaces(item, [...place, String(index)]));
  }
  if (!isTree(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => {
    const inner = [...place, key];
    if (!isSecretName(key)) return [key, withHiddenPlaces(item, inner)] as const;
    return [key, item === "" ? "" : `(hidden: ${inner.join("/")})`] as const;
  });
  return Object.fromEntries(entries);
}

function refuse(name: string): never {
  throw new ValidationError(
    `'${name}' holds a secret that is not shown here: write it again in the place of ${HIDDEN_VALUE}`,
  );
}

/** What stands in the file now; a secret goes to no place where it would be shown. */
function secretAt(document: Document, mark: string, key: string, name: string): unknown {
  const place = MARK.exec(mark)?.[1]?.split("/") ?? [];
  if (place.at(-1) !== key || !isSecretName(key)) return refuse(name);
  const node = document.getIn(place, true);
  if (!isNode(node)) return refuse(name);
  const secret: unknown = node.toJS(document);
  return secret;
}

/** The value with the secrets that the file holds. Throws `ValidationError` where one is not known; `name` is the setting. */
export function withSecretsOf(document: Document, value: unknown, name: string, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => withSecretsOf(document, item, name));
  if (isTree(value)) {
    const entries = Object.entries(value).map(
      ([inner, item]) => [inner, withSecretsOf(document, item, name, inner)] as const,
    );
    return Object.fromEntries(entries);
  }
  if (value === HIDDEN_VALUE) return refuse(name);
  return typeof value === "string" && MARK.test(value)
    ? secretAt(document, value, key, name)
    : value;
}
