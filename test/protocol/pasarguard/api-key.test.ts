import { describe, expect, it } from "vitest";
import { normalizeUuid, uuidDigits } from "../../../src/protocol/pasarguard/api-key.ts";

const KEY = "d04d8680-942d-4365-992f-9f482275691d";

describe("normalizeUuid", () => {
  it.each([
    KEY,
    KEY.toUpperCase(),
    `urn:uuid:${KEY}`,
    `{${KEY}}`,
    KEY.replaceAll("-", ""),
    "d04d8680942d4365992F9F482275691D",
  ])("accepts %s", (text) => {
    expect(normalizeUuid(text)).toBe(KEY);
  });

  it.each(["", "admin", `${KEY}0`, ` ${KEY}`, `{${KEY}`, KEY.replace("-", ""), "g".repeat(32)])(
    "refuses '%s'",
    (text) => {
      expect(normalizeUuid(text)).toBeUndefined();
      expect(uuidDigits(text)).toBeUndefined();
    },
  );
});
