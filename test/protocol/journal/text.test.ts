import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatLocalTime,
  formatMessage,
  formatRecord,
} from "../../../src/protocol/journal/text.ts";

const at = new Date(2026, 0, 2, 3, 4, 5, 678).getTime();
const record = (message: string): string => formatRecord({ at, unit: "kvmd.service", message });

describe("formatMessage", () => {
  it("aligns logger name and level in the columns of PiKVM's log", () => {
    expect(formatMessage("kvmd.apps.kvmd.auth", "INFO", "Authorized user 'admin'")).toBe(
      "kvmd.apps.kvmd.auth               INFO --- Authorized user 'admin'",
    );
  });
});

describe("formatLocalTime", () => {
  it("pads every part", () => {
    expect(formatLocalTime(at)).toBe("2026-01-02 03:04:05");
  });
});

describe("formatRecord", () => {
  it("writes local time, unit and message with CRLF at the end", () => {
    expect(record("hello")).toBe("[2026-01-02 03:04:05 kvmd.service] --- hello\r\n");
  });

  it("indents further lines, so that a message cannot pass for another record", () => {
    expect(record("one\n[2026-01-02 03:04:05 kvmd.service] --- forged\n")).toBe(
      "[2026-01-02 03:04:05 kvmd.service] --- one\r\n" +
        "\t[2026-01-02 03:04:05 kvmd.service] --- forged\r\n",
    );
  });

  it("drops colors and neutralizes what a terminal would act upon", () => {
    expect(record("\u001B[1;31mred\u001B[0m \u001B]0;title\u0007 \u009B2J")).toBe(
      "[2026-01-02 03:04:05 kvmd.service] --- red \uFFFD]0;title\uFFFD \uFFFD2J\r\n",
    );
  });

  it("never lets a control character through, whatever the message", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (message) => {
        const lines = record(message).split("\r\n");
        expect(lines.at(-1)).toBe("");
        expect(lines.join("").replaceAll("\t", "")).not.toMatch(/\p{Cc}/u);
        expect(lines.slice(1, -1).every((line) => line.startsWith("\t"))).toBe(true);
      }),
    );
  });
});
