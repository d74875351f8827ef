/** Which parts of the information go where (PiKVM API 4.2). */
import { validateBool, validateInfoFields } from "../../protocol/kvmd/validators.ts";
import type { Query } from "../../protocol/kvmd/query.ts";

/** The parts of the present layout, sorted as they are written. */
export const INFO_PARTS = [
  "auth",
  "extras",
  "fan",
  "health",
  "meta",
  "node",
  "system",
  "uptime",
] as const;
export type InfoPart = (typeof INFO_PARTS)[number];

const LEGACY_FIELDS = [...INFO_PARTS, "hw"] as const;
type InfoField = InfoPart | "hw";

/** What is written: `software` is `system` without its platform, under the name `system`. */
export type InfoPiece = InfoField | "software";

/** Health and platform are found under `hw` in the old layout; `system` then lacks the platform. */
function legacyPieces(wanted: ReadonlySet<InfoField>): InfoPiece[] {
  const hasHardware = wanted.has("hw");
  const pieces: InfoPiece[] = [];
  for (const field of [...LEGACY_FIELDS].sort()) {
    if (!wanted.has(field)) continue;
    if (!hasHardware || (field !== "health" && field !== "system")) pieces.push(field);
    else if (field === "system") pieces.push("software");
  }
  return pieces;
}

export const LEGACY_DEFAULT: readonly InfoPiece[] = legacyPieces(new Set(LEGACY_FIELDS));
export const PRESENT_DEFAULT: readonly InfoPiece[] = INFO_PARTS;

/** The pieces that a request asks for, in sorted order. Throws `KvmdValidatorError`. */
export function selectPieces({ legacy, fields }: Query): readonly InfoPiece[] {
  const isLegacy = legacy === undefined || validateBool(legacy);
  if (fields === undefined) return isLegacy ? LEGACY_DEFAULT : PRESENT_DEFAULT;
  if (!isLegacy) {
    const wanted = new Set<InfoPart>(validateInfoFields(fields, INFO_PARTS));
    return wanted.size === 0 ? PRESENT_DEFAULT : INFO_PARTS.filter((part) => wanted.has(part));
  }
  const wanted = new Set<InfoField>(validateInfoFields(fields, LEGACY_FIELDS));
  return wanted.size === 0 ? LEGACY_DEFAULT : legacyPieces(wanted);
}
