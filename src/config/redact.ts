import { isTree } from "./json-schema.ts";

/** Stands for a secret wherever a value is shown. */
export const HIDDEN_VALUE = "(hidden)";

const SECRET_NAME = /pas+(?:w|$)|token|secret|private|discoverykey/i;

/** Whether a key is likely to hold a secret, also where nothing is known about it. */
export function isSecretName(key: string): boolean {
  return SECRET_NAME.test(key);
}

/** The value with everything hidden that stands under a name of a secret, such as options of GPIO drivers. */
export function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (!isTree(value)) return value;
  const entries = Object.entries(value).map(
    ([key, item]) => [key, isSecretName(key) ? HIDDEN_VALUE : redact(item)] as const,
  );
  return Object.fromEntries(entries);
}
