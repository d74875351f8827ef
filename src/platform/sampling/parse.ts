/** Pure readers of the text formats of /proc (Komari 1.14, Nezha 1.11). */
import type { InterfaceCounters, MemoryReading, Mount, ProcessorModel } from "./port.ts";

const KIB = 1024;

/** Whole, finite and not negative, whatever stood in the text. */
function count(text: string | undefined): number {
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? Math.trunc(value) : 0;
}

/** /proc/meminfo. */
export function parseMeminfo(text: string): MemoryReading | undefined {
  const bytes = new Map<string, number>();
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon !== -1) bytes.set(line.slice(0, colon), Number.parseInt(line.slice(colon + 1), 10));
  }
  const of = (name: string): number => count(String(bytes.get(name))) * KIB;
  const totalBytes = of("MemTotal");
  if (totalBytes === 0) return undefined;
  return {
    totalBytes,
    freeBytes: of("MemFree"),
    availableBytes: bytes.has("MemAvailable") ? of("MemAvailable") : undefined,
    buffersBytes: of("Buffers"),
    cachedBytes: of("Cached"),
    reclaimableBytes: of("SReclaimable"),
    sharedBytes: of("Shmem"),
    swapTotalBytes: of("SwapTotal"),
    swapFreeBytes: of("SwapFree"),
    swapCachedBytes: of("SwapCached"),
  };
}

/** /proc/loadavg. */
export function parseLoad(text: string): readonly [number, number, number] | undefined {
  const values = text.split(" ", 3).map(Number);
  const [one = Number.NaN, five = Number.NaN, fifteen = Number.NaN] = values;
  return [one, five, fifteen].every((value) => value >= 0 && Number.isFinite(value))
    ? [one, five, fifteen]
    : undefined;
}

const RECEIVED_AT = 0;
const SENT_AT = 8;

/** /proc/net/dev. Old kernels write no space after the colon. */
export function parseNetDev(text: string): readonly InterfaceCounters[] {
  const counters: InterfaceCounters[] = [];
  for (const line of text.split("\n")) {
    // The name may have colons itself (aliases), the figures have none.
    const colon = line.lastIndexOf(":");
    if (colon === -1) continue;
    const figures = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/);
    const name = line.slice(0, colon).trim();
    if (name === "" || figures.length <= SENT_AT) continue;
    const receivedBytes = count(figures[RECEIVED_AT]);
    counters.push({ name, receivedBytes, sentBytes: count(figures[SENT_AT]) });
  }
  return counters;
}

/** A figure behind a word in a line of /proc/net/sockstat: `TCP: inuse 5 orphan 0 tw 2 ...`. */
function socketFigure(text: string, protocol: string, word: string): number {
  const line = new RegExp(`^${protocol}:(.*)$`, "m").exec(text)?.[1] ?? "";
  return count(new RegExp(` ${word} (\\d+)`).exec(line)?.[1]);
}

export interface SocketCounts {
  readonly tcp: number;
  readonly udp: number;
}

/**
 * /proc/net/sockstat and sockstat6. Sockets in TIME_WAIT are counted apart from those in use, for both families in
 * the first file. The sums are the numbers of lines of /proc/net/{tcp,tcp6,udp,udp6}, without reading those tables,
 * which costs milliseconds for each thousand sockets.
 */
export function parseSockets(four: string, six: string): SocketCounts {
  return {
    tcp:
      socketFigure(four, "TCP", "inuse") +
      socketFigure(four, "TCP", "tw") +
      socketFigure(six, "TCP6", "inuse"),
    udp: socketFigure(four, "UDP", "inuse") + socketFigure(six, "UDP6", "inuse"),
  };
}

/** Spaces and the like are written as octal numbers in /proc/self/mountinfo. */
function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCodePoint(Number.parseInt(digits, 8)),
  );
}

function parseMount(line: string): Mount | undefined {
  const [left = "", right = ""] = line.split(" - ", 2);
  const [, , deviceId, , mountPoint, options = ""] = left.split(" ");
  const [fsType, device, superOptions = ""] = right.split(" ");
  if (deviceId === undefined || mountPoint === undefined) return undefined;
  if (fsType === undefined || device === undefined) return undefined;
  return {
    device: unescapeOctal(device),
    deviceId,
    mountPoint: unescapeOctal(mountPoint),
    fsType,
    options: [...options.split(","), ...superOptions.split(",")].filter((option) => option !== ""),
  };
}

/** /proc/self/mountinfo. */
export function parseMountinfo(text: string): readonly Mount[] {
  return text.split("\n").flatMap((line) => parseMount(line) ?? []);
}

/** Unsigned 64-bit numbers whose names and values are separated by `separator`, one on each line. */
function fieldsOf(block: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon !== -1) fields.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  return fields;
}

export interface Processors {
  readonly models: readonly ProcessorModel[];
  readonly logical: number;
  /** 0 when the file does not tell. */
  readonly physical: number;
}

const MODEL_FIELDS = ["model name", "cpu model", "cpu", "uarch", "Processor", "Hardware", "Model"];

/** ARM kernels name no model for 64-bit processors, only maker and part. */
const ARM_PARTS: Readonly<Record<string, string>> = {
  "0xb76": "ARM1176",
  "0xc05": "Cortex-A5",
  "0xc07": "Cortex-A7",
  "0xc08": "Cortex-A8",
  "0xc09": "Cortex-A9",
  "0xc0d": "Cortex-A17",
  "0xc0f": "Cortex-A15",
  "0xd03": "Cortex-A53",
  "0xd04": "Cortex-A35",
  "0xd05": "Cortex-A55",
  "0xd07": "Cortex-A57",
  "0xd08": "Cortex-A72",
  "0xd09": "Cortex-A73",
  "0xd0a": "Cortex-A75",
  "0xd0b": "Cortex-A76",
  "0xd0c": "Neoverse-N1",
  "0xd40": "Neoverse-V1",
  "0xd49": "Neoverse-N2",
};
const ARM_LTD = "0x41";

function armName(fields: ReadonlyMap<string, string>): string | undefined {
  if (fields.get("CPU implementer") !== ARM_LTD) return undefined;
  return ARM_PARTS[fields.get("CPU part") ?? ""];
}

function modelOf(fields: ReadonlyMap<string, string>, fallback: string): string {
  const named = fields.get("model name");
  // The kernel's own word for the instruction set says less than the part.
  const isGeneric = named === undefined || /^ARMv\d/.test(named);
  return (isGeneric ? armName(fields) : undefined) ?? named ?? fallback;
}

/** /proc/cpuinfo. `board` names the processor where the file does not. */
export function parseProcessors(text: string, board = ""): Processors {
  const blocks = text.split(/\n\s*\n/).map(fieldsOf);
  const cores = blocks.filter((fields) => /^\d+$/.test(fields.get("processor") ?? ""));
  const whole = fieldsOf(text);
  const anyName = MODEL_FIELDS.map((name) => whole.get(name)).find(
    (name) => name !== undefined && name !== "" && !/^\d+$/.test(name),
  );
  const counts = new Map<string, number>();
  for (const fields of cores) {
    const name = modelOf(fields, anyName ?? board).trim() || "Unknown";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const packages = new Set(
    cores.flatMap((fields) => {
      const core = fields.get("core id");
      return core === undefined ? [] : [`${fields.get("physical id") ?? ""}/${core}`];
    }),
  );
  return {
    models: Array.from(counts, ([name, times]) => ({ name, count: times })),
    logical: cores.length,
    physical: packages.size,
  };
}

/** The pairs of /etc/os-release. */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^([A-Z_]+)=(.*)$/.exec(line.trim());
    if (match?.[1] !== undefined)
      pairs.set(match[1], (match[2] ?? "").replaceAll(/^["']|["']$/g, ""));
  }
  return pairs;
}
