import { CancelledError } from "./errors.ts";

/** Removes a listener; calling it again does nothing. */
export type Unsubscribe = () => void;

/** A current value with synchronous change notification: the only way state travels upward. */
export interface Store<T> {
  readonly value: T;
  /** Listeners run synchronously, in order of subscription, and never for equal values. */
  subscribe(listener: (next: T, previous: T) => void): Unsubscribe;
}

/** The owner's half of a store. Values are immutable: set a new object, never change the old one. */
export interface MutableStore<T> extends Store<T> {
  set(next: T): void;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}

/** Deep equality of plain data (objects, arrays, primitives); functions and class instances compare by identity. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isPlain(a) || !isPlain(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  if (Object.keys(a).length !== Object.keys(b).length) return false;
  const right = new Map<string, unknown>(Object.entries(b));
  return Object.entries(a).every(
    ([key, value]) => right.has(key) && isEqual(value, right.get(key)),
  );
}

/**
 * Creates a store. A listener that throws does not keep the others from running;
 * the first failure is rethrown to the caller of `set` afterwards.
 */
export function createStore<T>(
  initial: T,
  equals: (a: T, b: T) => boolean = isEqual,
): MutableStore<T> {
  let value = initial;
  const listeners = new Set<{ notify: (next: T, previous: T) => void }>();
  return {
    get value() {
      return value;
    },
    set(next) {
      if (equals(value, next)) return;
      const previous = value;
      value = next;
      const failures: unknown[] = [];
      for (const listener of listeners) {
        try {
          listener.notify(next, previous);
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
    subscribe(notify) {
      const entry = { notify };
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },
  };
}

/** Resolves with the first value that satisfies the predicate (the current one included); rejects with `CancelledError` when aborted. */
export function until<T>(
  store: Store<T>,
  predicate: (value: T) => boolean,
  signal?: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new CancelledError());
      return;
    }
    if (predicate(store.value)) {
      resolve(store.value);
      return;
    }
    const finish = (): void => {
      unsubscribe();
      signal?.removeEventListener("abort", onAbort);
    };
    const onAbort = (): void => {
      finish();
      reject(new CancelledError());
    };
    const unsubscribe = store.subscribe((next) => {
      if (!predicate(next)) return;
      finish();
      resolve(next);
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
