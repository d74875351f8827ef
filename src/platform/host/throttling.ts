import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { ProcessRunner } from "../process/port.ts";
import { decodeThrottling, parseThrottlingWord, undervoltageWord } from "./parse.ts";
import type { Throttling } from "./port.ts";
import { findUndervoltageAlarm } from "./sensors.ts";
import type { FileTree } from "./tree.ts";

/** Starting the firmware's program costs ten milliseconds of a small processor. */
const ASK_EVERY_MS = 5000;
const RETRY_AFTER_FAILURE_MS = 60_000;
const ASK_TIMEOUT_MS = 2000;

const FIRMWARE_FILE = "/sys/devices/platform/soc/soc:firmware/get_throttled";

export interface ThrottlingOptions {
  readonly tree: FileTree;
  readonly process: ProcessRunner;
  readonly clock: Clock;
  readonly log: Logger;
  /** Only there the firmware's program means anything. */
  readonly isRaspberryPi: boolean;
}

/** Reads the throttling flags; never rejects. */
export type ThrottlingReader = () => Promise<Throttling | null>;

/** Asks `vcgencmd` at most every five seconds; concurrent callers share one run. Undefined when it has no answer. */
function createFirmwareQuery(options: ThrottlingOptions): () => Promise<number | undefined> {
  const { process, clock, log } = options;
  let word: number | undefined;
  let askAgainAt = Number.NEGATIVE_INFINITY;
  let running: Promise<number | undefined> | undefined;

  const ask = async (): Promise<number | undefined> => {
    try {
      const program = await process.which("vcgencmd");
      if (program === undefined) return undefined;
      const { stdout } = await process.run(program, ["get_throttled"], {
        timeoutMs: ASK_TIMEOUT_MS,
      });
      const answer = parseThrottlingWord(stdout);
      if (answer === undefined) log.debug({ stdout }, "vcgencmd gave no throttling flags");
      return answer;
    } catch (error) {
      log.debug({ reason: describeError(error) }, "vcgencmd failed");
      return undefined;
    }
  };
  const refresh = async (): Promise<number | undefined> => {
    word = await ask();
    askAgainAt = clock.monotonic() + (word === undefined ? RETRY_AFTER_FAILURE_MS : ASK_EVERY_MS);
    running = undefined;
    return word;
  };
  return () => {
    if (running !== undefined) return running;
    if (clock.monotonic() < askAgainAt) return Promise.resolve(word);
    running = refresh();
    return running;
  };
}

/**
 * Sources in order: the firmware's program, the kernel's copy of its word, the kernel's undervoltage alarm (which
 * only knows the present, so the past is what this reader has seen). Null where the board has none of them.
 */
export function createThrottlingReader(options: ThrottlingOptions): ThrottlingReader {
  const { tree, isRaspberryPi } = options;
  const askFirmware = isRaspberryPi
    ? createFirmwareQuery(options)
    : (): Promise<undefined> => Promise.resolve(undefined);
  let hadUndervoltage = false;

  const readKernel = (): number | undefined => {
    const word = parseThrottlingWord(tree.text(FIRMWARE_FILE) ?? "");
    if (word !== undefined) return word;
    const alarmFile = findUndervoltageAlarm(tree);
    const alarm = alarmFile === undefined ? undefined : tree.number(alarmFile);
    if (alarm === undefined) return undefined;
    hadUndervoltage ||= alarm !== 0;
    return undervoltageWord(alarm !== 0, hadUndervoltage);
  };
  return async () => {
    const word = (await askFirmware()) ?? readKernel();
    return word === undefined ? null : decodeThrottling(word);
  };
}
