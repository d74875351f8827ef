import { editorSchemaText } from "../config/editor-schema.ts";
import type { CliArgs } from "./args.ts";
import type { CliOutput } from "./output.ts";

/** `farhand print-schema`: the JSON Schema of the configuration file, for editors. */
export function printSchemaCommand(_args: CliArgs, out: CliOutput): Promise<number> {
  out.stdout(editorSchemaText().trimEnd());
  return Promise.resolve(0);
}
