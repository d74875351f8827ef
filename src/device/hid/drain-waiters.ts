interface Waiter {
  readonly sequence: number;
  readonly resolve: () => void;
}

/** Callers that wait until everything up to a sequence number is on the wire. */
export class DrainWaiters {
  readonly #isPassed: (sequence: number) => boolean;
  #waiters: Waiter[] = [];

  constructor(isPassed: (sequence: number) => boolean) {
    this.#isPassed = isPassed;
  }

  wait(sequence: number): Promise<void> {
    if (this.#isPassed(sequence)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push({ sequence, resolve });
    });
  }

  /** Looks again; call after every change. */
  wake(): void {
    if (this.#waiters.length === 0) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) {
      if (this.#isPassed(waiter.sequence)) waiter.resolve();
      else this.#waiters.push(waiter);
    }
  }
}
