/** The source waits while this much is on its way to a slow reader, until only the second is. */
const PAUSE_BYTES = 256 * 1024;
const RESUME_BYTES = 64 * 1024;

/** Counts what is on its way to a reader, and says when its source has to wait. */
export class SendWindow {
  readonly #onChange: (isFull: boolean) => void;
  #onTheWay = 0;
  #isFull = false;

  /** `onChange` is called when the source has to wait, and when it may go on. */
  constructor(onChange: (isFull: boolean) => void) {
    this.#onChange = onChange;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** So many bytes were handed over. */
  leave(bytes: number): void {
    this.#onTheWay += bytes;
    if (this.#isFull || this.#onTheWay <= PAUSE_BYTES) return;
    this.#isFull = true;
    this.#onChange(true);
  }

  /** So many bytes have left, or never will. */
  arrive(bytes: number): void {
    this.#onTheWay -= bytes;
    if (!this.#isFull || this.#onTheWay > RESUME_BYTES) return;
    this.#isFull = false;
    this.#onChange(false);
  }
}
