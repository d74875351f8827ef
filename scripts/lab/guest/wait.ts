import { setTimeout as pause } from "node:timers/promises";

/** The longer something takes, the less often it is asked for: asking costs an emulated processor much. */
const STEP_MS = { least: 40, most: 500, share: 0.1 } as const;

/**
 * Asks until the answer is neither undefined nor false, and gives it back; rejects after `limitMs` with `what`. A failing
 * question counts as "not yet".
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = 150_000,
): Promise<T> {
  const startedAt = performance.now();
  let reason = "";
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      reason = `: ${String(error)}`;
    }
    const passed = performance.now() - startedAt;
    if (passed > limitMs) {
      throw new Error(`${what} did not happen within ${limitMs / 1000} s${reason}`);
    }
    await pause(Math.min(STEP_MS.most, Math.max(STEP_MS.least, passed * STEP_MS.share)));
  }
}
