import type { ChipStatus, SerialHidChip } from "./serial-chip.ts";
import type { SerialLine } from "./serial-line.ts";

const ATTEMPTS = 3;

/**
 * Asks who is there; undefined when nobody answered sensibly. Failed first attempts are normal: the disturbance of
 * opening often spoils the first frame. Throws the reason when the line was lost.
 */
export async function identifyChip<R>(
  line: SerialLine<R>,
  chip: SerialHidChip<R>,
  attempts = ATTEMPTS,
): Promise<ChipStatus | undefined> {
  const request = chip.poll();
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const outcome = await line.ask(request.bytes, request.expected);
    if (outcome.type === "lost") {
      throw outcome.reason ?? new Error("The serial link was closed");
    }
    const verdict = chip.judge(request, 0, outcome);
    if (verdict.type === "done" && verdict.status !== undefined) return verdict.status;
  }
  return undefined;
}
