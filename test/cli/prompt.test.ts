import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { promptSecret, readAll } from "../../src/cli/prompt.ts";
import { CancelledError } from "../../src/core/errors.ts";

/** Types into a terminal; returns what came of it and what was to be seen. */
async function typed(...chunks: readonly (string | Uint8Array)[]) {
  const modes: boolean[] = [];
  const shown: string[] = [];
  const input = Object.assign(new PassThrough(), {
    setRawMode: (mode: boolean) => modes.push(mode),
  });
  const output = {
    write: (text: string | Uint8Array) => {
      shown.push(String(text));
      return true;
    },
  };
  const asking = promptSecret("Password: ", input, output);
  for (const chunk of chunks) input.write(chunk);
  const answer = await asking.catch((error: unknown) => error);
  return { answer, modes, shown: shown.join("") };
}

describe("promptSecret", () => {
  it("reads a line without showing it and leaves the terminal as it was", async () => {
    expect(await typed(" a", "b \r")).toEqual({
      answer: " ab ",
      modes: [true, false],
      shown: "Password: \n",
    });
  });

  it("lets typing errors be corrected", async () => {
    expect((await typed("abx\u007Fc\b\b\b\b\bde\n")).answer).toBe("de");
    expect((await typed("wrong\u0015right\n")).answer).toBe("right");
  });

  it("joins characters that arrive in two pieces", async () => {
    const bytes = Buffer.from("\u00E4\n");
    expect((await typed(bytes.subarray(0, 1), bytes.subarray(1))).answer).toBe("\u00E4");
  });

  it("gives up on Ctrl-C", async () => {
    const { answer, modes } = await typed("abc\u0003");
    expect(answer).toBeInstanceOf(CancelledError);
    expect(modes).toEqual([true, false]);
  });

  it("takes what there is when the input ends", async () => {
    const input = new PassThrough();
    const asking = promptSecret("", input, { write: () => true });
    input.end("piped");
    expect(await asking).toBe("piped");
  });
});

describe("readAll", () => {
  it("joins chunks, also in the middle of a character", async () => {
    const input = new PassThrough();
    const bytes = Buffer.from("p\u00E4ss\n");
    input.write(bytes.subarray(0, 2));
    input.end(bytes.subarray(2));
    expect(await readAll(input)).toBe("p\u00E4ss\n");
  });
});
