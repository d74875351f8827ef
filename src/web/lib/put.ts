import type { Signal } from "@preact/signals";

/** Sets a signal; for handlers, which return nothing. */
export function put<T>(target: Signal<T>, value: T): void {
  target.value = value;
}
