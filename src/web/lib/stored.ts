import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";

/** What the browser remembers; nothing where the visitor forbids it. */
function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Then it is remembered until the page is left.
  }
}

/** A choice of the visitor that outlives the page. `parse` returns undefined for what it does not know. */
export function storedSignal<T extends string>(
  key: string,
  first: T,
  parse: (text: string) => T | undefined,
): Signal<T> {
  const name = `farhand.${key}`;
  const text = read(name);
  const value = signal<T>((text === null ? undefined : parse(text)) ?? first);
  value.subscribe((next) => {
    if (next !== (read(name) ?? first)) write(name, next);
  });
  return value;
}

/** Likewise for anything that is JSON. `parse` checks what was stored, perhaps by an older version. */
export function storedJson<T>(
  key: string,
  first: T,
  parse: (value: unknown) => T | undefined,
): Signal<T> {
  const name = `farhand.${key}`;
  let known: T | undefined;
  try {
    known = parse(JSON.parse(read(name) ?? "null"));
  } catch {
    known = undefined;
  }
  const value = signal<T>(known ?? first);
  let isFirst = true;
  value.subscribe((next) => {
    if (!isFirst) write(name, JSON.stringify(next));
    isFirst = false;
  });
  return value;
}

/** A parser for one of a few words. */
export function oneOf<T extends string>(words: readonly T[]): (text: string) => T | undefined {
  return (text) => words.find((word) => word === text);
}
