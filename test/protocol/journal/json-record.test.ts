import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJournalRecord } from "../../../src/protocol/journal/json-record.ts";

const time = "1767323045678901";
const parse = (fields: object): unknown => parseJournalRecord(JSON.stringify(fields));

describe("parseJournalRecord", () => {
  it("reads time, unit and message", () => {
    expect(
      parse({ __REALTIME_TIMESTAMP: time, _SYSTEMD_UNIT: "kvmd.service", MESSAGE: "hello" }),
    ).toEqual({ at: 1_767_323_045_678, unit: "kvmd.service", message: "hello" });
  });

  it("decodes a message of bytes", () => {
    const MESSAGE = [...new TextEncoder().encode("\u001B[31mżółć")];
    expect(parse({ __REALTIME_TIMESTAMP: time, MESSAGE })).toMatchObject({
      message: "\u001B[31mżółć",
    });
  });

  it("replaces bytes that are no text", () => {
    expect(parse({ __REALTIME_TIMESTAMP: time, MESSAGE: [0x61, 0xff] })).toMatchObject({
      message: "a\uFFFD",
    });
  });

  it("joins a message that occurs several times", () => {
    expect(parse({ __REALTIME_TIMESTAMP: time, MESSAGE: ["one", [0x32]] })).toMatchObject({
      message: "one\n2",
    });
  });

  it("names the unit that systemd reports about", () => {
    expect(
      parse({
        __REALTIME_TIMESTAMP: time,
        _SYSTEMD_UNIT: "init.scope",
        UNIT: "farhand.service",
        MESSAGE: "Started",
      }),
    ).toMatchObject({ unit: "farhand.service" });
    expect(
      parse({ __REALTIME_TIMESTAMP: time, UNIT: "farhand.service", MESSAGE: "Started" }),
    ).toMatchObject({ unit: "farhand.service" });
    expect(parse({ __REALTIME_TIMESTAMP: time, MESSAGE: "x" })).toMatchObject({ unit: "unknown" });
  });

  it("ignores what has no message or no time", () => {
    expect(parse({ __REALTIME_TIMESTAMP: time, MESSAGE: null })).toBeUndefined();
    expect(parse({ __REALTIME_TIMESTAMP: time, MESSAGE: [] })).toBeUndefined();
    expect(parse({ __REALTIME_TIMESTAMP: time, MESSAGE: 5 })).toBeUndefined();
    expect(parse({ MESSAGE: "x" })).toBeUndefined();
    expect(parse({ __REALTIME_TIMESTAMP: "soon", MESSAGE: "x" })).toBeUndefined();
    for (const line of ["", "null", "5", "{", "-- Boot --"]) {
      expect(parseJournalRecord(line)).toBeUndefined();
    }
  });

  it("never fails on odd JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (MESSAGE, _SYSTEMD_UNIT) => {
        expect(() => parse({ __REALTIME_TIMESTAMP: time, MESSAGE, _SYSTEMD_UNIT })).not.toThrow();
      }),
    );
  });

  it("reads every record of a whole stream", () => {
    const text = readFileSync(
      new URL("../../fixtures/journal/boot.jsonl", import.meta.url),
      "utf8",
    );
    const records = text.trimEnd().split("\n").map(parseJournalRecord);
    expect(records.map((record) => record?.unit)).toEqual([
      "farhand.service",
      "farhand.service",
      "kvmd.service",
      "farhand.service",
    ]);
  });
});
