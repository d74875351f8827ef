import type { CliOutput } from "../../src/cli/output.ts";

/** Keeps what a command writes. */
export function recordingOutput(): CliOutput & { readonly out: string[]; readonly err: string[] } {
  const [out, err]: [string[], string[]] = [[], []];
  return {
    out,
    err,
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
  };
}
