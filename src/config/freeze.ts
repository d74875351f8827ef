/** Freezes a tree of plain objects and lists, inside first; parts that are frozen already are left alone. */
export function freezeDeep<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const key of Object.keys(value)) freezeDeep<unknown>(Reflect.get(value, key));
  return Object.freeze(value);
}
