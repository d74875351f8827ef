// The far end of the GPIO lines: what a simulated chip (gpio-sim) sees and pulls.
import { readFileSync, writeFileSync } from "node:fs";

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
  readonly at: number;
}

/** Records when a line changes, to about two milliseconds. */
export class LineWatch {
  readonly edges: Edge[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(line: number) {
    const path = `${folderOf(line)}/value`;
    let last = levelOf(line);
    this.#timer = setInterval(() => {
      const level = readFileSync(path, "utf8").startsWith("1");
      if (level !== last) this.edges.push({ level, at: performance.now() });
      last = level;
    }, POLL_MS);
  }

  /** Lengths of the complete pulses to that level so far, in milliseconds. */
  pulses(level: boolean): readonly number[] {
    return this.edges.flatMap((edge, index) => {
      const next = this.edges[index + 1];
      return edge.level === level && next !== undefined ? [next.at - edge.at] : [];
    });
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
