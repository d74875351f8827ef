// The far end of the GPIO lines: what a simulated chip (gpio-sim) sees and pulls.
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";

const CONFIG = "/sys/kernel/config/gpio-sim/lab";
const POLL_MS = 1;

/** Lines as the daemon is configured: see daemon.ts. */
export const LINE = { powerSwitch: 0, resetSwitch: 1, powerLed: 2, hddLed: 3 } as const;

function folderOf(line: number): string {
  const text = (path: string): string => readFileSync(`${CONFIG}/${path}`, "utf8").trim();
  const device = `/sys/devices/platform/${text("dev_name")}/${text("bank0/chip_name")}`;
  return `${device}/sim_gpio${line}`;
}

/** The physical level of a line. */
export function levelOf(line: number): boolean {
  return readFileSync(`${folderOf(line)}/value`, "utf8").trim() === "1";
}

/** What is wired to an input drives it. */
export function pull(line: number, isUp: boolean): void {
  writeFileSync(`${folderOf(line)}/pull`, isUp ? "pull-up" : "pull-down");
}

export interface Edge {
  readonly level: boolean;
  /** It happened after this look at the line and not later than that one. */
  readonly after: number;
  readonly at: number;
}

/** How long a level lasted, in milliseconds: on a busy host a look at the line may come late. */
export interface Pulse {
  readonly least: number;
  readonly most: number;
}

/** Records when a line changes, by looking at it every millisecond or as soon as the machine lets it. */
export class LineWatch {
  readonly edges: Edge[] = [];
  readonly #descriptor: number;
  readonly #timer: NodeJS.Timeout;

  constructor(line: number) {
    this.#descriptor = openSync(`${folderOf(line)}/value`, "r");
    const digit = Buffer.alloc(1);
    let last = levelOf(line);
    let after = performance.now();
    this.#timer = setInterval(() => {
      // Read from its beginning, the file tells the level of now.
      readSync(this.#descriptor, digit, 0, 1, 0);
      const level = digit.toString() === "1";
      const at = performance.now();
      if (level !== last) this.edges.push({ level, after, at });
      last = level;
      after = at;
    }, POLL_MS);
  }

  /** The complete pulses to that level so far. */
  pulses(level: boolean): readonly Pulse[] {
    return this.edges.flatMap((edge, index) => {
      const next = this.edges[index + 1];
      if (edge.level !== level || next === undefined) return [];
      return [{ least: next.after - edge.at, most: next.at - edge.after }];
    });
  }

  close(): void {
    clearInterval(this.#timer);
    closeSync(this.#descriptor);
  }
}
