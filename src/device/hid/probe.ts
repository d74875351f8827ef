import { isAborted } from "../../core/abort.ts";
import { sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { silentLogger } from "../../core/log.ts";
import type { ByteLink, SerialBus } from "../../platform/serial/port.ts";
import { Ch9329Chip } from "./ch9329.ts";
import { McuChip } from "./mcu.ts";
import type { SerialHidChip } from "./serial-chip.ts";
import { identifyChip } from "./serial-identify.ts";
import { SerialLine } from "./serial-line.ts";

export interface ProbedHidChip {
  readonly chip: "ch9329" | "mcu";
  readonly baudRate: number;
  /** For people: "CH9329 V1.8 at 9600 baud on /dev/ttyUSB0". */
  readonly description: string;
}

interface ProbeTarget {
  readonly bus: SerialBus;
  readonly path: string;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** Enough for a first frame that opening the port spoiled. */
const ATTEMPTS = 2;

async function ask<R>(
  link: ByteLink,
  chip: SerialHidChip<R>,
  { clock }: ProbeTarget,
  baudRate: number,
): Promise<string | undefined> {
  const replyTimeoutMs = chip.replyTimeoutMs(baudRate);
  const line = new SerialLine({ link, clock, log: silentLogger, rules: chip, replyTimeoutMs });
  try {
    await sleep(clock, chip.settleMs);
    const status = await identifyChip(line, chip, ATTEMPTS);
    return status && `${chip.name} ${status.version}`;
  } finally {
    await line.close();
  }
}

async function probeAt<R>(
  target: ProbeTarget,
  name: ProbedHidChip["chip"],
  chip: SerialHidChip<R>,
): Promise<ProbedHidChip | undefined> {
  const { bus, path, signal } = target;
  for (const baudRate of chip.baudRates) {
    if (isAborted(signal)) return undefined;
    const link = await bus.open(path, { baudRate });
    const answer = await ask(link, chip, target, baudRate);
    if (answer === undefined) continue;
    return { chip: name, baudRate, description: `${answer} at ${baudRate} baud on ${path}` };
  }
  return undefined;
}

/**
 * Which HID chip answers on a port: a CH9329 at its usual speeds, then a microcontroller. Undefined when none does, and
 * also when the port cannot be opened or closes meanwhile: open it to learn why. Presses nothing, leaves the port closed.
 */
export async function probeHidChip(
  bus: SerialBus,
  path: string,
  clock: Clock,
  signal?: AbortSignal,
): Promise<ProbedHidChip | undefined> {
  const target = { bus, path, clock, signal };
  try {
    return (
      (await probeAt(target, "ch9329", new Ch9329Chip())) ??
      (await probeAt(target, "mcu", new McuChip()))
    );
  } catch {
    return undefined;
  }
}
