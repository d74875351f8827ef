import { describe, expect, it } from "vitest";
import { parseArgs } from "../../src/cli/args.ts";
import { printSchemaCommand } from "../../src/cli/print-schema.ts";
import { editorSchemaText } from "../../src/config/editor-schema.ts";
import { recordingOutput } from "../support/recording-output.ts";

describe("farhand print-schema", () => {
  it("prints the JSON Schema for editors and nothing else", async () => {
    const output = recordingOutput();
    expect(await printSchemaCommand(parseArgs(["print-schema"]), output)).toBe(0);
    expect(`${output.out.join("\n")}\n`).toBe(editorSchemaText());
    expect(output.err).toEqual([]);
  });
});
