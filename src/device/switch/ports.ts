/** Ports of a chain of units, numbered from 0 through all of it (PiKVM API 4.9). */
import { clamp } from "../../core/bytes.ts";
import { CHANNELS, NEXT_UNIT_CHANNEL } from "../../protocol/switch/messages.ts";

export const MAX_UNITS = 5;
export const MAX_PORTS = MAX_UNITS * CHANNELS;

/** A whole number is the port's own; with a fraction it is `unit.port`, both from 1: 2.3 is port 6. */
export function portOf(wanted: number): number {
  if (Number.isInteger(wanted)) return wanted;
  const [unit = 1, channel = 1] = String(wanted)
    .split(".")
    .map((part) => Number.parseInt(part, 10));
  return (clamp(unit, 1, MAX_UNITS) - 1) * CHANNELS + clamp(channel, 1, CHANNELS) - 1;
}

export function placeOf(port: number): { readonly unit: number; readonly channel: number } {
  return { unit: Math.floor(port / CHANNELS), channel: port % CHANNELS };
}

/** The channel of `unit` that leads to the port; units before and after it pass on. */
export function channelToward(unit: number, port: number): number {
  const place = placeOf(port);
  return place.unit === unit ? place.channel : NEXT_UNIT_CHANNEL;
}
