import { mediaBitsOf } from "../../protocol/ch9329/media.ts";
import { MEDIA_REPORT } from "../../protocol/hid/descriptors.ts";
import { LED } from "../../protocol/hid/usages.ts";
import type { HidRole, ReportNode, ReportOutcome } from "../gadget/port.ts";
import type { TargetPc } from "./target-pc.ts";

const AXIS_MAX = 32_767;
/** Bits of the target's system report for the values 0 none, 1 power, 2 sleep, 3 wake. */
const SYSTEM_BITS = [0, 1, 2, 4];

const signed = (byte: number | undefined): number => ((byte ?? 0) << 24) >> 24;
const word = (low: number | undefined, high: number | undefined): number =>
  (low ?? 0) | ((high ?? 0) << 8);

function takeReport(target: TargetPc, role: HidRole, report: Uint8Array): void {
  const [first = 0, second, third, fourth, fifth, sixth] = report;
  switch (role) {
    case "keyboard":
      target.keyboard(
        first,
        [...report.subarray(2)].filter((usage) => usage !== 0),
      );
      return;
    case "absolute":
      target.setButtons(first);
      target.moveTo(word(second, third) / AXIS_MAX, word(fourth, fifth) / AXIS_MAX);
      target.turnWheel(signed(sixth));
      return;
    case "relative":
      target.setButtons(first);
      target.moveBy(signed(second), signed(third));
      target.turnWheel(signed(fourth));
      return;
    case "media":
      if (first === MEDIA_REPORT.consumer) target.media(mediaBitsOf(word(second, third)));
      else target.system(SYSTEM_BITS[second ?? 0] ?? 0);
  }
}

export interface SimNodeOptions {
  readonly target: TargetPc;
  readonly role: HidRole;
  /** What the controller would answer now, before the report is looked at. */
  readonly outcome: () => ReportOutcome;
}

/** An input device of the simulated gadget: reports reach the model of the computer. */
export class SimReportNode implements ReportNode {
  readonly #options: SimNodeOptions;
  #lights: number | undefined;

  constructor(options: SimNodeOptions) {
    this.#options = options;
  }

  write(report: Uint8Array): ReportOutcome {
    const { target, role, outcome } = this.#options;
    const answer = outcome();
    if (answer === "taken") takeReport(target, role, report);
    return answer;
  }

  read(): Uint8Array | undefined {
    const { target, role } = this.#options;
    const { leds, usbReady } = target.state.value;
    if (role !== "keyboard" || !usbReady) return undefined;
    const lights =
      (leds.num ? LED.num : 0) | (leds.caps ? LED.caps : 0) | (leds.scroll ? LED.scroll : 0);
    if (lights === this.#lights) return undefined;
    this.#lights = lights;
    return Uint8Array.of(lights);
  }

  close(): void {
    this.#lights = undefined;
  }
}
