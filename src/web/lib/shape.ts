import { isObject } from "./json.ts";

/** Whether something from the server is what the page takes it for: a page from another version is told, not broken. */
export type Shape<T> = (value: unknown) => value is T;

/** An object that has these members; what they are is the server's word, of the same build. */
export function shape<T extends object>(...keys: readonly (keyof T & string)[]): Shape<T> {
  return (value): value is T => isObject(value) && keys.every((key) => key in value);
}

export function listOf<T>(item: Shape<T>): Shape<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(item);
}
