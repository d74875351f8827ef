/** What an agent measures with its retries takes no longer (Komari 1.10). */
const ANSWER_WITHIN_MS = 15_000;

/**
 * Losses that are not told: agents of 2025 send nothing for a probe that got no answer (Komari 1.10). One object for a
 * connection.
 */
export class SilentLosses {
  /** When a task without an answer was first asked for; monotonic milliseconds. */
  readonly #waiting = new Map<number, number>();

  /** The task is asked for now. True when the question before it got no answer, which is a loss. */
  asked(task: number, now: number): boolean {
    const since = this.#waiting.get(task);
    if (since !== undefined && now - since < ANSWER_WITHIN_MS) return false;
    this.#waiting.set(task, now);
    return since !== undefined;
  }

  answered(task: number): void {
    this.#waiting.delete(task);
  }
}
