import { setTimeout as pause } from "node:timers/promises";

const STEP_MS = 40;

/**
 * Asks until the answer is neither undefined nor false, and gives it back; rejects after `limitMs` with `what`. A failing
 * question counts as "not yet".
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = 150_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  let reason = "";
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      reason = `: ${String(error)}`;
    }
    if (performance.now() > deadline) {
      throw new Error(`${what} did not happen within ${limitMs / 1000} s${reason}`);
    }
    await pause(STEP_MS);
  }
}
