/**
 * Whether the computer behind a chip takes reports, as far as refused reports and status polls tell. "Suspended" means
 * that it does not: states are only held until the complete held state has been taken once.
 */
export class HostPresence {
  #hostReady: boolean | null;
  #isSuspended = false;
  /** A held state changed since it was last offered. */
  #isDirty = false;
  #isRestoring = false;

  constructor(hostReady: boolean | null) {
    this.#hostReady = hostReady;
  }

  get hostReady(): boolean | null {
    return this.#hostReady;
  }

  get isSuspended(): boolean {
    return this.#isSuspended;
  }

  /** The held state is being sent because of a suspension. */
  get isRestoring(): boolean {
    return this.#isRestoring;
  }

  suspend(): void {
    this.#isSuspended = true;
    this.#isRestoring = false;
    this.#hostReady = false;
  }

  markDirty(): void {
    this.#isDirty = this.#isSuspended;
  }

  /**
   * Takes a poll's answer; true = the held state is to be sent now. That is so when the computer is back, and during a
   * suspension also when a state changed, because a key may wake the computer up.
   */
  takeStatus(hostReady: boolean | null): boolean {
    if (this.#isSuspended) {
      if (hostReady === false && !this.#isDirty) return false;
      this.#isDirty = false;
      this.#isRestoring = true;
      return true;
    }
    const isReturning = this.#hostReady === false && hostReady === true;
    this.#hostReady = hostReady;
    return isReturning;
  }

  /** Every request of a restore was taken, so the computer is there; true = a state changed meanwhile. */
  finishRestore(): boolean {
    const isChanged = this.#isDirty;
    this.#isDirty = false;
    this.#isRestoring = false;
    this.#isSuspended = false;
    this.#hostReady = true;
    return isChanged;
  }
}
