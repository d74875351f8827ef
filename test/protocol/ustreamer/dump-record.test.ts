import { describe, expect, it } from "vitest";
import { parseDumpRecord } from "../../../src/protocol/ustreamer/dump-record.ts";

describe("parseDumpRecord", () => {
  it("reads a frame", () => {
    const line =
      '{"size": 3, "width": 1920, "height": 1080, "online": 1, "key": 1, "gop": 30, "data": "AAAB"}';
    expect(parseDumpRecord(line)).toEqual({
      isKey: true,
      isOnline: true,
      width: 1920,
      height: 1080,
      data: "AAAB",
    });
  });

  it.each(["", "-- INFO something", "7", '{"data": ""}', '{"data": "AAAB", "key": 1}'])(
    "refuses %s",
    (line) => {
      expect(parseDumpRecord(line)).toBeUndefined();
    },
  );
});
