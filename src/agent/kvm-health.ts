import type { Throttling } from "../platform/host/port.ts";

/** What a KVM knows about itself and the computer behind it; null: it does not know, or has no such part. */
export interface KvmHealth {
  readonly throttling: Throttling | null;
  /** The computer's keyboard can be typed on. */
  readonly keyboardOnline: boolean | null;
  /** Power LED of the computer. */
  readonly computerOn: boolean | null;
  /** A picture comes in. */
  readonly hasVideo: boolean | null;
}

function powerSupply({ undervoltage, throttled, frequencyCapped }: Throttling): readonly string[] {
  return [
    undervoltage.now ? "UNDERVOLTAGE" : undervoltage.past ? "undervoltage in the past" : "",
    throttled.now ? "THROTTLED" : "",
    frequencyCapped.now ? "frequency capped" : "",
  ];
}

function choose(value: boolean | null, yes: string, no: string): string {
  if (value === null) return "";
  return value ? yes : no;
}

/** A few words for people, trouble in capitals; empty when nothing is known. */
export function healthText(health: KvmHealth): string {
  const words = [
    choose(health.computerOn, "computer on", "computer off"),
    choose(health.keyboardOnline, "keyboard ok", "KEYBOARD OFFLINE"),
    choose(health.hasVideo, "video ok", "no video"),
    ...(health.throttling === null ? [] : powerSupply(health.throttling)),
  ].filter((word) => word !== "");
  return words.length === 0 ? "" : `KVM: ${words.join(", ")}`;
}
