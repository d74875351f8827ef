import { CancelledError } from "../core/errors.ts";

/** The part of a terminal's input that asking needs; `process.stdin` is one. */
export interface SecretInput extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
  setRawMode?(mode: boolean): unknown;
}

interface Line {
  text: string;
  end: "enter" | "cancel" | undefined;
}

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const CTRL_U = "\u0015";
const BACKSPACES = new Set(["\b", "\u007F"]);

/** What one typed character does to the line. */
function type(line: Line, character: string): void {
  if (character === "\r" || character === "\n" || character === CTRL_D) line.end = "enter";
  else if (character === CTRL_C) line.end = "cancel";
  else if (character === CTRL_U) line.text = "";
  else if (BACKSPACES.has(character)) line.text = line.text.slice(0, -1);
  else line.text += character;
}

/** Reads one line from a terminal without echo, or from whatever else the input is. Rejects with `CancelledError` on Ctrl-C. */
export function promptSecret(
  prompt: string,
  input: SecretInput,
  output: Pick<NodeJS.WritableStream, "write">,
): Promise<string> {
  const line: Line = { text: "", end: undefined };
  const decoder = new TextDecoder();
  output.write(prompt);
  input.setRawMode?.(true);
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      input.off("data", onData);
      input.off("end", finish);
      input.setRawMode?.(false);
      input.pause();
      output.write("\n");
      if (line.end === "cancel") reject(new CancelledError());
      else resolve(line.text);
    };
    const onData = (chunk: Uint8Array | string): void => {
      const text = typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
      for (const character of text) {
        type(line, character);
        if (line.end === undefined) continue;
        finish();
        return;
      }
    };
    input.on("data", onData);
    input.once("end", finish);
    input.resume();
  });
}

/** All of a stream as text. */
export async function readAll(input: AsyncIterable<Uint8Array | string>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of input) {
    text += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
