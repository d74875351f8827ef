/** How far back the speed looks. */
const WINDOW_MS = 4000;
/** Not enough to say anything. */
const LEAST_MS = 400;

/** The speed of a transfer over the last seconds, from how much of it is done. */
export class SpeedMeter {
  #points: { readonly at: number; readonly done: number }[] = [];

  /** `at` in milliseconds, growing. Bytes a second; undefined at first. */
  add(done: number, at: number): number | undefined {
    this.#points.push({ at, done });
    while ((this.#points[1]?.at ?? at) < at - WINDOW_MS) this.#points.shift();
    const first = this.#points[0];
    if (first === undefined || at - first.at < LEAST_MS) return undefined;
    return ((done - first.done) * 1000) / (at - first.at);
  }
}
