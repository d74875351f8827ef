/**
 * Newest-wins outbox for one slow consumer: at most one pending item per key, delivered in the order in which the
 * keys first became pending. A new item replaces the pending one of its key, so memory is bounded by the key count.
 */
export class Mailbox<K, V> {
  readonly #pending = new Map<K, V>();

  get size(): number {
    return this.#pending.size;
  }

  /** Adds or replaces. `merge` combines with the pending item where replacing would lose information. */
  post(key: K, item: V, merge?: (pending: V, next: V) => V): void {
    const pending = this.#pending.get(key);
    this.#pending.set(
      key,
      pending !== undefined && merge !== undefined ? merge(pending, item) : item,
    );
  }

  /** Removes and returns the oldest pending item, or undefined when empty. */
  take(): { key: K; item: V } | undefined {
    for (const [key, item] of this.#pending) {
      this.#pending.delete(key);
      return { key, item };
    }
    return undefined;
  }

  clear(): void {
    this.#pending.clear();
  }
}
