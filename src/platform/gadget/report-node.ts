import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { describeError, errnoOf } from "../../core/errors.ts";
import { GadgetOfflineError } from "./port.ts";
import type { ReportNode, ReportOutcome } from "./port.ts";

/** The kernel hands over one report for each read. */
const LONGEST_REPORT = 64;

function outcomeOf(error: unknown): ReportOutcome {
  switch (errnoOf(error)) {
    case "EAGAIN":
      return "busy";
    // The cable is out, or the computer has not enumerated us.
    case "ESHUTDOWN":
    case "ENOTCONN":
      return "offline";
    default:
      return "gone";
  }
}

/** `/dev/hidgN`, never blocking. */
class HidgNode implements ReportNode {
  #descriptor: number | undefined;
  readonly #buffer = Buffer.alloc(LONGEST_REPORT);

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  // Synchronous: the kernel only copies a few bytes, and a thread would cost many times that.
  write(report: Uint8Array): ReportOutcome {
    if (this.#descriptor === undefined) return "gone";
    try {
      return writeSync(this.#descriptor, report) === report.length ? "taken" : "gone";
    } catch (error) {
      return outcomeOf(error);
    }
  }

  read(): Uint8Array | undefined {
    let newest: Uint8Array | undefined;
    for (;;) {
      const length = this.#readOne();
      if (length === 0) return newest;
      newest = Uint8Array.from(this.#buffer.subarray(0, length));
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #readOne(): number {
    if (this.#descriptor === undefined) return 0;
    try {
      return readSync(this.#descriptor, this.#buffer, 0, LONGEST_REPORT, null);
    } catch {
      // Nothing waits; whether the device is gone shows when something is written.
      return 0;
    }
  }
}

/** Opens a device node for reports in both directions. Throws `GadgetOfflineError`. */
export function openReportNode(path: string): ReportNode {
  try {
    return new HidgNode(openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
  } catch (error) {
    const hint =
      errnoOf(error) === "EACCES" ? "; the daemon's group must own it (see system/README.md)" : "";
    const reason = describeError(error);
    throw new GadgetOfflineError(`Cannot open ${path}: ${reason}${hint}`, { cause: error });
  }
}
