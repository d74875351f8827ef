import { isTree } from "./json-schema.ts";
import type { Tree } from "./json-schema.ts";
import { problemOf } from "./problems.ts";
import type { ConfigInput, ConfigProblem } from "./problems.ts";
import { CONFIG_VERSION } from "./schema.ts";

/** Brings a file of version `from` to version `from + 1`. */
export interface Migration {
  readonly from: number;
  apply(tree: Tree): Tree;
}

/** Every form that a released version has written, oldest first. */
export const MIGRATIONS: readonly Migration[] = [];

/** `current` and `migrations` are the program's own, except in tests. */
export interface MigrationPlan {
  readonly current: number;
  readonly migrations: readonly Migration[];
}

const OWN_PLAN: MigrationPlan = { current: CONFIG_VERSION, migrations: MIGRATIONS };

/** The file in today's form. Values that are no version at all are left for the check to refuse. */
export function migrateInput(
  input: ConfigInput,
  plan: MigrationPlan = OWN_PLAN,
): ConfigInput | ConfigProblem {
  if (!isTree(input.value)) return input;
  let tree: Tree = input.value;
  const version = tree["version"] ?? plan.current;
  if (typeof version !== "number" || version === plan.current) return input;
  const refuse = (rule: string) => problemOf({ path: ["version"], value: version, rule }, input);
  if (version > plan.current) {
    return refuse(`is newer than this program understands (${plan.current}); update the program`);
  }
  for (let step = version; step < plan.current; step += 1) {
    const migration = plan.migrations.find(({ from }) => from === step);
    if (migration === undefined) {
      return refuse(`is too old to be read; start again from version ${plan.current}`);
    }
    tree = { ...migration.apply(tree), version: step + 1 };
  }
  return { ...input, value: tree };
}
