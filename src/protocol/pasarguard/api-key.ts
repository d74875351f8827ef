/** Forms in which a UUID is accepted: dashed, `urn:uuid:`, in braces, or bare hexadecimal digits (PasarGuard node 1.2). */
const DASHED = "([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})";
const FORMS = [
  new RegExp(`^(?:urn:uuid:)?${DASHED}$`, "i"),
  new RegExp(`^\\{${DASHED}\\}$`, "i"),
  /^([0-9a-f]{32})$/i,
];

/** The 32 lower-case digits of a UUID in any accepted form; undefined for anything else. */
export function uuidDigits(text: string): string | undefined {
  for (const form of FORMS) {
    const match = form.exec(text);
    if (match !== null) return match.slice(1).join("").toLowerCase();
  }
  return undefined;
}

/** Dashed lower-case form, as cores and panels write it; undefined for what is no UUID. */
export function normalizeUuid(text: string): string | undefined {
  const digits = uuidDigits(text);
  if (digits === undefined) return undefined;
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join("-");
}
