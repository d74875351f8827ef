/** One line of `ustreamer-dump --output-json`: a frame of a memory sink. */
export interface DumpedFrame {
  readonly isKey: boolean;
  readonly isOnline: boolean;
  readonly width: number;
  readonly height: number;
  /** Base64. */
  readonly data: string;
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Undefined for anything that is not such a line. */
export function parseDumpRecord(line: string): DumpedFrame | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isFields(value)) return undefined;
  const { data, key, online, width, height } = value;
  if (typeof data !== "string" || data === "") return undefined;
  if (typeof width !== "number" || typeof height !== "number") return undefined;
  return { isKey: key === 1, isOnline: online === 1, width, height, data };
}
