import { valueAt, walkSchema } from "./json-schema.ts";
import type { LoadedConfig } from "./load.ts";
import type { Origin } from "./problems.ts";
import { HIDDEN_VALUE, redact } from "./redact.ts";
import { ConfigSchema } from "./schema.ts";

export interface ExplainedValue {
  /** Keys joined by dots. */
  readonly path: string;
  /** The effective value; `(hidden)` for a secret that is set. */
  readonly value: unknown;
  readonly origin: Origin;
  readonly description: string;
}

/** Every effective value with its origin, in the order of the description. */
export function explainConfig(loaded: LoadedConfig): ExplainedValue[] {
  return Array.from(walkSchema(ConfigSchema, { sections: false }), ({ path, schema }) => {
    const value = valueAt(loaded.config, path);
    const name = path.join(".");
    return {
      path: name,
      value: schema.writeOnly === true && value !== "" ? HIDDEN_VALUE : redact(value),
      origin: loaded.origins.get(name) ?? "default",
      description: schema.description ?? "",
    };
  });
}
