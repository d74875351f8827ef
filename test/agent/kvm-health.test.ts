import { describe, expect, it } from "vitest";
import { healthText } from "../../src/agent/kvm-health.ts";
import { decodeThrottling } from "../../src/platform/host/parse.ts";

const UNKNOWN = { throttling: null, keyboardOnline: null, computerOn: null, hasVideo: null };

describe("health of the KVM in words", () => {
  it("is nothing where nothing is known", () => {
    expect(healthText(UNKNOWN)).toBe("");
  });

  it("is short when all is well", () => {
    const health = { keyboardOnline: true, computerOn: true, hasVideo: true };
    expect(healthText({ ...health, throttling: decodeThrottling(0) })).toBe(
      "KVM: computer on, keyboard ok, video ok",
    );
  });

  it("shouts about trouble", () => {
    const health = { keyboardOnline: false, computerOn: false, hasVideo: false };
    expect(healthText({ ...health, throttling: decodeThrottling(0x5_00_05) })).toBe(
      "KVM: computer off, KEYBOARD OFFLINE, no video, UNDERVOLTAGE, THROTTLED",
    );
  });

  it("mentions what has been", () => {
    expect(healthText({ ...UNKNOWN, throttling: decodeThrottling(0x1_00_00) })).toBe(
      "KVM: undervoltage in the past",
    );
  });
});
