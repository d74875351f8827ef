import { readdirSync, readFileSync } from "node:fs";

/** One request to the original daemon and its answer. */
export interface RecordedCase {
  readonly group: string;
  readonly name: string;
  readonly note: string | null;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    /** A form when an object, plain text when a string. */
    readonly body?: Readonly<Record<string, string>> | string;
    /** Sent as JSON. */
    readonly json?: unknown;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    /** Of a `binary` body only the length is recorded. */
    readonly kind: "json" | "text" | "binary" | "empty";
    readonly body: unknown;
  };
}

/** An answer in the form in which it is compared. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

const FOLDER = new URL("kvmd/", import.meta.url);

function readCases(file: string): readonly RecordedCase[] {
  return readFileSync(new URL(file, FOLDER), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const recorded: RecordedCase = JSON.parse(line);
      return recorded;
    });
}

/** Every recorded group with its cases in the order of recording. */
export function recordedGroups(): readonly (readonly [string, readonly RecordedCase[]])[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".jsonl"))
    .sort()
    .map((file) => [file.replace(".jsonl", ""), readCases(file)]);
}
