import { describe, expect, it } from "vitest";
import {
  decodeMediaBinary,
  decodeMediaText,
  encodeMediaFrame,
  mediaTree,
} from "../../../src/protocol/kvmd/media.ts";

describe("mediaTree", () => {
  it("offers H.264 with its profile where there is one", () => {
    expect(mediaTree(true)).toEqual({ video: { h264: { profile_level_id: "42E01F" }, jpeg: {} } });
    expect(mediaTree(false)).toEqual({ video: { jpeg: {} } });
  });
});

describe("encodeMediaFrame", () => {
  it("puts type and key flag before the picture", () => {
    expect(encodeMediaFrame(true, Uint8Array.of(7, 8))).toEqual(Uint8Array.of(1, 1, 7, 8));
    expect(encodeMediaFrame(false, Uint8Array.of())).toEqual(Uint8Array.of(1, 0));
  });
});

describe("what clients say", () => {
  it("is read from one byte", () => {
    expect(decodeMediaBinary(Uint8Array.of(0))).toEqual({ kind: "ping" });
    expect(decodeMediaBinary(Uint8Array.of(1))).toEqual({ kind: "key" });
    expect(decodeMediaBinary(Uint8Array.of())).toEqual({ kind: "unknown" });
  });

  it.each([
    [
      '{"event_type":"start","event":{"type":"video","format":"h264"}}',
      { kind: "start", format: "h264" },
    ],
    [
      '{"event_type":"start","event":{"type":"video","format":"jpeg"}}',
      { kind: "start", format: "jpeg" },
    ],
    ['{"event_type":"start","event":{"type":"video","format":"av1"}}', { kind: "unknown" }],
    ['{"event_type":"start","event":{"type":"audio","format":"h264"}}', { kind: "unknown" }],
    ['{"event_type":"ping","event":{}}', { kind: "ping" }],
    ['{"event_type":"start"}', { kind: "unknown" }],
    ["nonsense", { kind: "unknown" }],
    ["null", { kind: "unknown" }],
  ])("is read from %s", (text, expected) => {
    expect(decodeMediaText(text)).toEqual(expected);
  });
});
