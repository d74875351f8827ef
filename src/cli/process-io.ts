import { createInterface } from "node:readline/promises";
import { describeError } from "../core/errors.ts";
import type { CliOutput } from "./output.ts";
import { promptSecret } from "./prompt.ts";

/** The terminal, or whatever stands in its place. */
export const processOutput: CliOutput = {
  stdout: (text) => {
    console.log(text);
  },
  stderr: (text) => {
    console.error(text);
  },
};

export async function readStdin(): Promise<string> {
  process.stdin.setEncoding("utf8");
  let text = "";
  for await (const chunk of process.stdin) text += String(chunk);
  return text;
}

export function readSecret(prompt: string): Promise<string> {
  return promptSecret(prompt, process.stdin, process.stderr);
}

/** Aborted by the first Ctrl-C; the next one ends the process. */
export function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  process.once("SIGINT", () => {
    controller.abort();
  });
  return controller.signal;
}

/** One line for the person who started the program. */
export function complain(error: unknown): void {
  console.error(`farhand: ${describeError(error)}`);
}

/** A line from the terminal; empty where there is none. */
export async function ask(question: string): Promise<string> {
  if (!process.stdin.isTTY) return "";
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}
