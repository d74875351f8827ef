import { checkValue } from "./check.ts";
import { completeValue } from "./complete.ts";
import { isTree, sectionOf } from "./json-schema.ts";
import type { JsonSchema, Path } from "./json-schema.ts";
import { problemOf } from "./problems.ts";
import type { ConfigInput, ConfigProblem, Origin } from "./problems.ts";

/** A secret that is given as a file name. */
export interface SecretReference {
  readonly path: Path;
  readonly file: string;
  readonly input: ConfigInput;
}

export interface Merged {
  readonly tree: Record<string, unknown>;
  /** Origin of every value by its dotted path. */
  readonly origins: Map<string, Origin>;
  readonly problems: ConfigProblem[];
  readonly secretReferences: SecretReference[];
}

interface Part {
  readonly input: ConfigInput;
  readonly value: unknown;
}

function mergeValue(
  schema: JsonSchema,
  parts: readonly Part[],
  path: Path,
  merged: Merged,
): unknown {
  for (const { input, value } of parts) {
    for (const finding of checkValue(schema, completeValue(schema, value), path)) {
      merged.problems.push(problemOf(finding, input));
    }
  }
  const strongest = parts.at(-1);
  merged.origins.set(path.join("."), strongest?.input.origin ?? "default");
  if (strongest === undefined) return structuredClone(schema.default);
  const { input, value } = strongest;
  return completeValue(schema, value, (file, at) => {
    merged.secretReferences.push({ path: [...path, ...at], file, input });
  });
}

/** The parts that are mappings with known keys; whatever else stands there is a problem. */
function checkSection(
  schema: JsonSchema,
  parts: readonly Part[],
  path: Path,
  merged: Merged,
): (Part & { readonly value: Readonly<Record<string, unknown>> })[] {
  return parts.flatMap(({ input, value }) => {
    if (!isTree(value)) {
      // A text could be broken JSON with a secret inside.
      const shown = typeof value === "string" ? undefined : value;
      merged.problems.push(problemOf({ path, value: shown, rule: "must be a mapping" }, input));
      return [];
    }
    const known = Object.keys(schema.properties ?? {});
    for (const key of Object.keys(value)) {
      if (known.includes(key)) continue;
      const finding = {
        path: [...path, key],
        value: value[key],
        rule: "is not a known key",
        known,
      };
      merged.problems.push(problemOf(finding, input));
    }
    return [{ input, value }];
  });
}

function mergeSection(
  schema: JsonSchema,
  parts: readonly Part[],
  path: Path,
  merged: Merged,
): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  const mappings = checkSection(schema, parts, path, merged);
  for (const [key, child] of Object.entries(schema.properties ?? {})) {
    // An empty key of a YAML file is null: as good as absent.
    const childParts = mappings
      .filter(({ value }) => Object.hasOwn(value, key) && value[key] !== null)
      .map(({ input, value }) => ({ input, value: value[key] }));
    const isSection = sectionOf(child) !== undefined;
    const merge = isSection ? mergeSection : mergeValue;
    tree[key] = merge(child, childParts, [...path, key], merged);
  }
  return tree;
}

/** Lays the inputs over the defaults, the weakest first, and checks every one of them. */
export function mergeInputs(schema: JsonSchema, inputs: readonly ConfigInput[]): Merged {
  const merged: Merged = { tree: {}, origins: new Map(), problems: [], secretReferences: [] };
  const parts = inputs.map((input) => ({ input, value: input.value }));
  Object.assign(merged.tree, mergeSection(schema, parts, [], merged));
  return merged;
}
