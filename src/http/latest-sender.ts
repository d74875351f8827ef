/**
 * Sends one item at a time; of those that come meanwhile only the newest is kept. For answers that a peer may ask for
 * without reading them.
 */
export class LatestSender<T> {
  readonly #send: (item: T, done: () => void) => void;
  readonly #onSent: () => void;
  #isBusy = false;
  #next: { readonly item: T } | undefined;

  /** `send` calls `done` once, when the item has left or never will. */
  constructor(send: (item: T, done: () => void) => void) {
    this.#send = send;
    this.#onSent = () => {
      this.#isBusy = false;
      const next = this.#next;
      this.#next = undefined;
      if (next !== undefined) this.post(next.item);
    };
  }

  post(item: T): void {
    if (this.#isBusy) {
      this.#next = { item };
      return;
    }
    this.#isBusy = true;
    this.#send(item, this.#onSent);
  }
}
