/** The document of `GET /api/switch` (PiKVM API 4.9). */
import { fromHex } from "../../core/bytes.ts";
import type { StoredEdid, PortSettings } from "../../device/switch/switch-settings.ts";
import { DEFAULT_PORT, settingsOfPort } from "../../device/switch/switch-settings.ts";
import type { SwitchState, SwitchUnit } from "../../device/switch/switch-state.ts";
import type { SwitchColor } from "../../protocol/switch/colors.ts";
import { parseEdid } from "../../protocol/switch/edid.ts";
import { CHANNELS, DOWNLINK_LIGHT, UPLINK_LIGHT } from "../../protocol/switch/messages.ts";

/** The newest firmware that PiKVM 4.197 knows; clients compare the units' with it. */
const FIRMWARE_VERSION = 9;
const LONGEST_CLICK = 10;

interface Port {
  readonly unit: number;
  readonly channel: number;
  readonly port: number;
}

function portsOf({ units }: SwitchState): readonly Port[] {
  return units.flatMap((_, unit) =>
    Array.from({ length: CHANNELS }, (__, channel) => ({
      unit,
      channel,
      port: unit * CHANNELS + channel,
    })),
  );
}

/** One-based `unit.port`, or only the port where there is one unit. */
function portId({ units }: SwitchState, port: number): string {
  const channel = (port % CHANNELS) + 1;
  return units.length > 1 ? `${Math.floor(port / CHANNELS) + 1}.${channel}` : `${port + 1}`;
}

function clickDelays({ powerSeconds, powerLongSeconds, resetSeconds }: PortSettings) {
  return { power: powerSeconds, power_long: powerLongSeconds, reset: resetSeconds };
}

const limitOf = (seconds: number) => ({ default: seconds, min: 0, max: LONGEST_CLICK });

function modelView(state: SwitchState) {
  const { power, power_long, reset } = clickDelays(DEFAULT_PORT);
  return {
    firmware: { version: FIRMWARE_VERSION },
    units: state.units.map(({ state: { version, isDevBuild } }) => ({
      firmware: { version, devbuild: isDevBuild },
    })),
    ports: portsOf(state).map(({ unit, channel, port }) => {
      const own = settingsOfPort(state.settings, port);
      return {
        unit,
        channel,
        name: own.name,
        id: portId(state, port),
        atx: { click_delays: clickDelays(own) },
        video: { dummy: own.dummy },
      };
    }),
    limits: {
      atx: {
        click_delays: {
          power: limitOf(power),
          power_long: limitOf(power_long),
          reset: limitOf(reset),
        },
      },
    },
  };
}

function edidView({ name, data }: StoredEdid) {
  const info = parseEdid(fromHex(data));
  if (info === null) return { name, data, parsed: null };
  const { manufacturer, productId, serial, monitorName, monitorSerial, audio } = info;
  const parsed = {
    mfc_id: manufacturer,
    product_id: productId,
    serial,
    monitor_name: monitorName,
    monitor_serial: monitorSerial,
    audio,
  };
  return { name, data, parsed };
}

function edidsView(state: SwitchState) {
  const { settings } = state;
  const all = Object.entries(settings.edids).map(([id, edid]) => [id, edidView(edid)] as const);
  const used = portsOf(state).map(({ port }) => settingsOfPort(settings, port).edidId);
  return { all: Object.fromEntries(all), used };
}

function colorView({ red, green, blue, brightness, blinkMs }: SwitchColor) {
  return { red, green, blue, brightness, blink_ms: blinkMs };
}

function colorsView({ settings: { colors } }: SwitchState) {
  return {
    inactive: colorView(colors.inactive),
    active: colorView(colors.active),
    flashing: colorView(colors.flashing),
    beacon: colorView(colors.beacon),
    bootloader: colorView(colors.bootloader),
  };
}

function each<T>(
  units: readonly SwitchUnit[],
  pick: (unit: SwitchUnit) => readonly T[],
): readonly T[] {
  return units.flatMap(pick);
}

function beaconsView({ units }: SwitchState) {
  const light = (index: number) => units.map(({ state: { beacons } }) => beacons[index] === true);
  return {
    uplinks: light(UPLINK_LIGHT),
    downlinks: light(DOWNLINK_LIGHT),
    ports: each(units, ({ state: { beacons } }) => beacons.slice(0, CHANNELS)),
  };
}

/** Every part of the document; `model` is told only together with all others. */
export function switchView(state: SwitchState) {
  const { units, activePort, synced } = state;
  return {
    model: modelView(state),
    summary: {
      active_port: activePort,
      active_id: activePort < 0 ? "" : portId(state, activePort),
      synced,
    },
    edids: edidsView(state),
    colors: colorsView(state),
    video: { links: each(units, ({ state: { videoLinks } }) => videoLinks) },
    usb: { links: each(units, ({ state: { usbLinks } }) => usbLinks) },
    beacons: beaconsView(state),
    atx: {
      busy: each(units, ({ state: { atxBusy } }) => atxBusy),
      leds: {
        power: each(units, ({ leds: { power } }) => power),
        hdd: each(units, ({ leds: { hdd } }) => hdd),
      },
    },
  };
}

export type SwitchView = ReturnType<typeof switchView>;
