import { fromHex, toHex } from "../../core/bytes.ts";
import { DEFAULT_SWITCH_COLORS } from "../../protocol/switch/colors.ts";
import type { SwitchColor, SwitchColorRole, SwitchColors } from "../../protocol/switch/colors.ts";
import { DEFAULT_EDID } from "../../protocol/switch/default-edid.ts";
import { MAX_PORTS } from "./ports.ts";

/** Id of the EDID that every port has until another is assigned. */
export const DEFAULT_EDID_ID = "default";
export const MAX_EDIDS = 64;

export interface StoredEdid {
  readonly name: string;
  /** One or two blocks as upper-case hexadecimal digits. */
  readonly data: string;
}

/** What can be set for each port. Seconds. */
export interface PortSettings {
  readonly edidId: string;
  /** A screen is pretended while the port is not watched. */
  readonly dummy: boolean;
  readonly name: string;
  readonly powerSeconds: number;
  readonly powerLongSeconds: number;
  readonly resetSeconds: number;
}

/** What is kept over restarts. */
export interface SwitchSettings {
  /** By id; the default one is always there. */
  readonly edids: Readonly<Record<string, StoredEdid>>;
  readonly colors: SwitchColors;
  /** By port; ports that differ in nothing from the default are not listed. */
  readonly ports: Readonly<Record<string, PortSettings>>;
}

export const DEFAULT_PORT: PortSettings = {
  edidId: DEFAULT_EDID_ID,
  dummy: true,
  name: "",
  powerSeconds: 0.5,
  powerLongSeconds: 5.5,
  resetSeconds: 0.5,
};

export const DEFAULT_SETTINGS: SwitchSettings = {
  edids: { [DEFAULT_EDID_ID]: { name: "Default", data: toHexDigits(DEFAULT_EDID) } },
  colors: DEFAULT_SWITCH_COLORS,
  ports: {},
};

function toHexDigits(bytes: Uint8Array): string {
  return toHex(bytes).replaceAll(" ", "").toUpperCase();
}

export function settingsOfPort({ ports }: SwitchSettings, port: number): PortSettings {
  return ports[port] ?? DEFAULT_PORT;
}

/** The EDID that a port shows. */
export function edidOfPort(settings: SwitchSettings, port: number): Uint8Array {
  const { edidId } = settingsOfPort(settings, port);
  const stored = settings.edids[edidId] ?? settings.edids[DEFAULT_EDID_ID];
  return stored === undefined ? DEFAULT_EDID : fromHex(stored.data);
}

const EDID_PATTERN = /^(?:[0-9A-F]{256}|[0-9A-F]{512})$/;

/** Hexadecimal text of one or two blocks; undefined for anything else. */
export function normalizeEdid(text: string): string | undefined {
  const digits = text.replace(/\s+/g, "").toUpperCase();
  return EDID_PATTERN.test(digits) ? digits : undefined;
}

type Tree = Readonly<Record<string, unknown>>;

function treeOf(value: unknown): Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function numberOf(value: unknown, fallback: number, max: number): number {
  return typeof value === "number" && value >= 0 && value <= max ? value : fallback;
}

function readColor(value: unknown, fallback: SwitchColor): SwitchColor {
  const { red, green, blue, brightness, blinkMs } = treeOf(value);
  return {
    red: numberOf(red, fallback.red, 0xff),
    green: numberOf(green, fallback.green, 0xff),
    blue: numberOf(blue, fallback.blue, 0xff),
    brightness: numberOf(brightness, fallback.brightness, 0xff),
    blinkMs: numberOf(blinkMs, fallback.blinkMs, 0xffff),
  };
}

function readColors(value: unknown): SwitchColors {
  const tree = treeOf(value);
  const read = (role: SwitchColorRole): SwitchColor =>
    readColor(tree[role], DEFAULT_SWITCH_COLORS[role]);
  return {
    inactive: read("inactive"),
    active: read("active"),
    flashing: read("flashing"),
    beacon: read("beacon"),
    bootloader: read("bootloader"),
  };
}

function readEdids(value: unknown): SwitchSettings["edids"] {
  const entries = Object.entries(treeOf(value)).flatMap(([id, entry]) => {
    const { name, data } = treeOf(entry);
    if (id === DEFAULT_EDID_ID || typeof name !== "string" || typeof data !== "string") return [];
    const digits = normalizeEdid(data);
    return digits === undefined ? [] : [[id, { name, data: digits }] as const];
  });
  return { ...DEFAULT_SETTINGS.edids, ...Object.fromEntries(entries.slice(0, MAX_EDIDS)) };
}

function readPort(value: unknown, edids: SwitchSettings["edids"]): PortSettings {
  const { edidId, dummy, name, powerSeconds, powerLongSeconds, resetSeconds } = treeOf(value);
  return {
    edidId: typeof edidId === "string" && Object.hasOwn(edids, edidId) ? edidId : DEFAULT_EDID_ID,
    dummy: typeof dummy === "boolean" ? dummy : DEFAULT_PORT.dummy,
    name: typeof name === "string" ? name : DEFAULT_PORT.name,
    powerSeconds: numberOf(powerSeconds, DEFAULT_PORT.powerSeconds, 10),
    powerLongSeconds: numberOf(powerLongSeconds, DEFAULT_PORT.powerLongSeconds, 10),
    resetSeconds: numberOf(resetSeconds, DEFAULT_PORT.resetSeconds, 10),
  };
}

/** What a file holds, as far as it can be used; throws `SyntaxError` when it is no JSON. */
export function parseSettings(text: string): SwitchSettings {
  const tree = treeOf(JSON.parse(text));
  const edids = readEdids(tree["edids"]);
  const ports = Object.entries(treeOf(tree["ports"]))
    .filter(([port]) => /^\d+$/.test(port) && Number(port) < MAX_PORTS)
    .map(([port, value]) => [port, readPort(value, edids)] as const);
  return { edids, colors: readColors(tree["colors"]), ports: Object.fromEntries(ports) };
}

/** The file's content; the default EDID comes from the configuration and is not part of it. */
export function formatSettings({ edids, colors, ports }: SwitchSettings): string {
  const { [DEFAULT_EDID_ID]: _default, ...own } = edids;
  return `${JSON.stringify({ edids: own, colors, ports }, undefined, 2)}\n`;
}
