/** Requests to units and their reports (README). */
import { concatBytes } from "../../core/bytes.ts";
import { packSwitchColors } from "./colors.ts";
import type { SwitchColors } from "./colors.ts";
import { padEdid } from "./edid.ts";

export const CHANNELS = 4;
/** The unit passes on what comes from the next one. */
export const NEXT_UNIT_CHANNEL = 4;
export const LIGHTS = 6;
export const DOWNLINK_LIGHT = 4;
export const UPLINK_LIGHT = 5;
/** Every unit of the chain. */
export const ALL_UNITS = 0xff;

const PROTOCOL = 1;
const HEADER_SIZE = 5;
const STATE_SIZE = 64;

const OP = {
  refused: 0,
  bootloader: 2,
  reboot: 3,
  state: 4,
  switch: 5,
  beacon: 6,
  atxLeds: 7,
  atxClick: 8,
  setEdid: 9,
  clearEdid: 10,
  setColors: 12,
  setQuirks: 13,
  setDummy: 14,
} as const;

export type SwitchRequest =
  | { readonly op: "state" | "atxLeds" | "reboot" | "bootloader" }
  | { readonly op: "switch"; readonly channel: number }
  | { readonly op: "beacon"; readonly light: number; readonly on: boolean }
  | {
      readonly op: "atxClick";
      readonly channel: number;
      readonly button: "power" | "reset";
      readonly ms: number;
    }
  | { readonly op: "setEdid"; readonly channel: number; readonly edid: Uint8Array }
  | { readonly op: "clearEdid"; readonly channel: number }
  | { readonly op: "setColors"; readonly light: number; readonly colors: SwitchColors }
  | { readonly op: "setQuirks"; readonly ignoreHpd: boolean }
  | { readonly op: "setDummy"; readonly channel: number; readonly on: boolean };

function bodyOf(request: SwitchRequest): Uint8Array {
  switch (request.op) {
    case "switch":
    case "clearEdid":
      return Uint8Array.of(request.channel);
    case "beacon":
      return Uint8Array.of(request.light, Number(request.on));
    case "atxClick": {
      const { channel, button, ms } = request;
      return Uint8Array.of(channel, button === "power" ? 0 : 1, ms & 0xff, ms >> 8);
    }
    case "setEdid":
      return concatBytes(Uint8Array.of(request.channel), padEdid(request.edid));
    case "setColors":
      return concatBytes(Uint8Array.of(request.light), packSwitchColors(request.colors));
    case "setQuirks":
      return Uint8Array.of(Number(request.ignoreHpd));
    case "setDummy":
      return Uint8Array.of(request.channel, Number(request.on));
    default:
      return new Uint8Array();
  }
}

/** A request without its frame. `id` is 1 to 65535, `unit` a place in the chain or `ALL_UNITS`. */
export function encodeSwitchRequest(id: number, unit: number, request: SwitchRequest): Uint8Array {
  const header = Uint8Array.of(PROTOCOL, id & 0xff, id >> 8, OP[request.op], unit);
  return concatBytes(header, bodyOf(request));
}

/** What a unit says about itself. Lists are indexed by channel, or by light. */
export interface SwitchUnitState {
  readonly version: number;
  /** A build of a developer; newer than every version. */
  readonly isDevBuild: boolean;
  readonly isChanging: boolean;
  readonly hasDownlink: boolean;
  /** 0 to 3, or 4 for the next unit; larger when none is chosen. */
  readonly channel: number;
  readonly beacons: readonly boolean[];
  readonly colorCrcs: readonly number[];
  /** A computer's video and USB are plugged in. */
  readonly videoLinks: readonly boolean[];
  readonly usbLinks: readonly boolean[];
  readonly hasEdid: readonly boolean[];
  readonly edidCrcs: readonly number[];
  readonly dummies: readonly boolean[];
  readonly atxBusy: readonly boolean[];
  readonly ignoreHpd: boolean;
}

export interface SwitchUnitLeds {
  readonly power: readonly boolean[];
  readonly hdd: readonly boolean[];
}

export type SwitchReport = { readonly id: number; readonly unit: number } & (
  | { readonly type: "state"; readonly state: SwitchUnitState }
  | { readonly type: "leds"; readonly leds: SwitchUnitLeds }
  | { readonly type: "refused"; readonly reason: number }
);

function flags(mask: number, count: number): readonly boolean[] {
  return Array.from({ length: count }, (_, index) => (mask & (1 << index)) !== 0);
}

function numbers(view: DataView, offset: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => view.getUint16(offset + index * 2, true));
}

function decodeState(view: DataView): SwitchUnitState {
  const version = view.getUint16(0, true);
  const bits = view.getUint16(4, true);
  const byte = (offset: number): number => view.getUint8(offset);
  return {
    version: version & 0x7fff,
    isDevBuild: (version & 0x8000) !== 0,
    isChanging: (bits & 0x80) !== 0,
    hasDownlink: (bits & 0x02) !== 0,
    channel: byte(6),
    beacons: flags(byte(7), LIGHTS),
    colorCrcs: numbers(view, 8, LIGHTS),
    videoLinks: flags(byte(20), CHANNELS),
    hasEdid: flags(byte(22), CHANNELS),
    edidCrcs: numbers(view, 23, CHANNELS),
    usbLinks: flags(byte(31), CHANNELS),
    atxBusy: flags(byte(33), CHANNELS),
    ignoreHpd: (byte(34) & 1) !== 0,
    dummies: flags(byte(35), CHANNELS),
  };
}

/** Understands a message of a unit; undefined for those that are not known or too short. */
export function decodeSwitchReport(message: Uint8Array): SwitchReport | undefined {
  if (message.length < HEADER_SIZE) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const head = { id: view.getUint16(1, true), unit: view.getUint8(4) };
  const size = message.length - HEADER_SIZE;
  const body = new DataView(message.buffer, message.byteOffset + HEADER_SIZE, size);
  switch (view.getUint8(3)) {
    case OP.refused:
      return size < 1 ? undefined : { ...head, type: "refused", reason: body.getUint8(0) };
    case OP.state:
      return size < STATE_SIZE ? undefined : { ...head, type: "state", state: decodeState(body) };
    case OP.atxLeds: {
      if (size < 1) return undefined;
      const mask = body.getUint8(0);
      const leds = { power: flags(mask, CHANNELS), hdd: flags(mask >> 4, CHANNELS) };
      return { ...head, type: "leds", leds };
    }
    default:
      return undefined;
  }
}
