function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value may stand where the default stands; an undefined default takes numbers. */
function fits(value: unknown, standard: unknown): boolean {
  if (standard === undefined) return typeof value === "number";
  if (Array.isArray(standard)) return Array.isArray(value);
  return typeof value === typeof standard;
}

/**
 * An object that was stored as text: known keys with values of the right kind, the defaults for all others. Files of
 * later and earlier versions are readable this way.
 */
export function parseTree<T extends object>(text: unknown, defaults: T): T {
  let stored: unknown;
  try {
    stored = JSON.parse(typeof text === "string" ? text : "{}");
  } catch {
    return defaults;
  }
  if (!isTree(stored)) return defaults;
  const known = new Map<string, unknown>(Object.entries(defaults));
  const usable = Object.entries(stored).filter(
    ([key, value]) => known.has(key) && fits(value, known.get(key)),
  );
  return { ...defaults, ...Object.fromEntries(usable) };
}
