import { describeError } from "../core/errors.ts";
import { isTree } from "./json-schema.ts";
import type { Path } from "./json-schema.ts";
import type { Merged, SecretReference } from "./merge.ts";
import { problemOf } from "./problems.ts";

/** Text of a file; undefined when it is missing; rejects when it cannot be read. */
export type ReadFile = (path: string) => Promise<string | undefined>;

type SecretFile = { readonly text: string } | { readonly failure: string };

async function readSecret(file: string, readFile: ReadFile): Promise<SecretFile> {
  try {
    const text = await readFile(file);
    return text === undefined
      ? { failure: "names a file that does not exist" }
      : { text: text.replace(/\r?\n$/, "") };
  } catch (error) {
    return { failure: `names a file that cannot be read: ${describeError(error)}` };
  }
}

/** Mappings and lists alike: an index is a key. */
function setAt(tree: object, path: Path, value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  const inner: unknown = Reflect.get(tree, key);
  if (rest.length === 0) Reflect.set(tree, key, value);
  else if (isTree(inner) || Array.isArray(inner)) setAt(inner, rest, value);
}

async function resolveOne(
  reference: SecretReference,
  merged: Merged,
  readFile: ReadFile,
): Promise<void> {
  const secret = await readSecret(reference.file, readFile);
  if ("text" in secret) {
    setAt(merged.tree, reference.path, secret.text);
    return;
  }
  const finding = { path: reference.path, value: reference.file, rule: secret.failure };
  merged.problems.push(problemOf(finding, reference.input));
}

/** Replaces `{ file }` by the file's text, without its last line end; files that cannot be read are problems. */
export async function resolveSecrets(merged: Merged, readFile: ReadFile): Promise<void> {
  for (const reference of merged.secretReferences) await resolveOne(reference, merged, readFile);
}
