/**
 * PiKVM Switch: several computers behind one device (PiKVM API 4.9). Without a unit everything can be read and set, and
 * waits for one. Deliberately different from the original: settings are stored before they are answered.
 */
import { randomUUID } from "node:crypto";
import type { SwitchConfig } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { Scope } from "../../core/scope.ts";
import { createStore } from "../../core/store.ts";
import type { Store } from "../../core/store.ts";
import type { FileStore } from "../../platform/files/port.ts";
import type { SerialBus } from "../../platform/serial/port.ts";
import { DEFAULT_SWITCH_COLORS, parseSwitchColor } from "../../protocol/switch/colors.ts";
import type { SwitchColorRole, SwitchColors } from "../../protocol/switch/colors.ts";
import { DOWNLINK_LIGHT, UPLINK_LIGHT } from "../../protocol/switch/messages.ts";
import type { SwitchRequest } from "../../protocol/switch/messages.ts";
import type { AtxAction, AtxButton } from "../atx/atx-state.ts";
import type { Subsystem } from "../subsystem.ts";
import { MAX_PORTS, placeOf, portOf } from "./ports.ts";
import { SwitchTooManyEdidsError, SwitchUnknownEdidError } from "./switch-errors.ts";
import { SwitchLink } from "./switch-link.ts";
import {
  DEFAULT_EDID_ID,
  DEFAULT_PORT,
  DEFAULT_SETTINGS,
  MAX_EDIDS,
  settingsOfPort,
} from "./switch-settings.ts";
import type { PortSettings, StoredEdid, SwitchSettings } from "./switch-settings.ts";
import { SettingsFile } from "./settings-file.ts";
import type { SwitchState } from "./switch-state.ts";

/** Which light blinks; `port` as in `setActive`. */
export type BeaconPlace =
  | { readonly port: number }
  | { readonly uplink: number }
  | { readonly downlink: number };

/** Absent values stay; an empty name and 0 seconds restore the default. */
export type PortChange = { readonly [Key in keyof PortSettings]?: PortSettings[Key] | undefined };

/**
 * Commands are accepted whether or not the port is there, as PiKVM's clients expect; ports are whole numbers from 0 or
 * `unit.port` from 1. What is stored rejects with `StorageError` when it cannot be.
 */
export interface Switch extends Subsystem<SwitchState> {
  readonly name: "switch";
  setActive(port: number): void;
  /** To the next or previous port; stays at the ends. */
  step(by: 1 | -1): void;
  setBeacon(place: BeaconPlace, on: boolean): void;
  reset(unit: number, toBootloader: boolean): void;
  power(port: number, action: AtxAction): void;
  click(port: number, button: AtxButton): void;
  /** Rejects with `SwitchUnknownEdidError`. */
  setPort(port: number, change: PortChange): Promise<void>;
  /** `RRGGBB:BB:MMMM`, or `default`. */
  setColors(colors: Readonly<Partial<Record<SwitchColorRole, string>>>): Promise<void>;
  /** The new id. Rejects with `SwitchTooManyEdidsError`. */
  createEdid(edid: StoredEdid): Promise<string>;
  /** Absent and empty values stay. Rejects with `SwitchUnknownEdidError`. */
  changeEdid(id: string, change: Partial<StoredEdid>): Promise<void>;
  /** Its ports show the default again. Rejects with `SwitchUnknownEdidError`. */
  removeEdid(id: string): Promise<void>;
}

export interface SwitchOptions {
  readonly config: SwitchConfig;
  readonly dataDir: string;
  readonly serial: SerialBus;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Which press an action is, and in which state of the computer it makes sense. */
const PRESS_OF_ACTION = {
  on: { button: "power", ifPowered: false },
  off: { button: "power", ifPowered: true },
  off_hard: { button: "power_long", ifPowered: true },
  reset_hard: { button: "reset", ifPowered: true },
} as const;

const SECONDS_OF_BUTTON = {
  power: "powerSeconds",
  power_long: "powerLongSeconds",
  reset: "resetSeconds",
} as const;

function withChange(current: PortSettings, change: PortChange): PortSettings {
  const seconds = (key: "powerSeconds" | "powerLongSeconds" | "resetSeconds"): number => {
    const wanted = change[key] ?? current[key];
    return wanted === 0 ? DEFAULT_PORT[key] : wanted;
  };
  return {
    edidId: change.edidId ?? current.edidId,
    dummy: change.dummy ?? current.dummy,
    name: change.name ?? current.name,
    powerSeconds: seconds("powerSeconds"),
    powerLongSeconds: seconds("powerLongSeconds"),
    resetSeconds: seconds("resetSeconds"),
  };
}

class ChainSwitch implements Switch {
  readonly name = "switch";
  readonly #options: SwitchOptions;
  readonly #file: SettingsFile;
  readonly #link: SwitchLink;
  readonly #state;
  #loading: Promise<void> | undefined;

  constructor(options: SwitchOptions) {
    const { config, log } = options;
    this.#options = options;
    this.#state = createStore<SwitchState>({
      online: false,
      units: [],
      activePort: -1,
      synced: true,
      settings: DEFAULT_SETTINGS,
    });
    this.#file = new SettingsFile({ ...options, defaultEdidFile: config.defaultEdidFile });
    this.#link = new SwitchLink({ ...options, state: this.#state, log });
  }

  get state(): Store<SwitchState> {
    return this.#state;
  }

  async start(scope: Scope): Promise<void> {
    // What reads the file afterwards finds everything that was to be stored.
    scope.defer(() => this.#file.settled());
    await this.#load();
    scope.defer(
      this.#file.watchDefaultEdid((change) => {
        this.#setSettings(change(this.#settings));
      }),
    );
    this.#link.start(scope);
  }

  setActive(port: number): void {
    this.#link.activate(portOf(port));
  }

  step(by: 1 | -1): void {
    const { activePort } = this.#state.value;
    if (activePort < 0 && by < 0) return;
    this.#link.activate(activePort < 0 ? 0 : activePort + by);
  }

  setBeacon(place: BeaconPlace, on: boolean): void {
    if ("port" in place) {
      const { unit, channel } = placeOf(portOf(place.port));
      this.#request(unit, { op: "beacon", light: channel, on });
    } else if ("uplink" in place) {
      this.#request(place.uplink, { op: "beacon", light: UPLINK_LIGHT, on });
    } else {
      this.#request(place.downlink, { op: "beacon", light: DOWNLINK_LIGHT, on });
    }
  }

  reset(unit: number, toBootloader: boolean): void {
    this.#request(unit, { op: toBootloader ? "bootloader" : "reboot" });
  }

  power(port: number, action: AtxAction): void {
    const { button, ifPowered } = PRESS_OF_ACTION[action];
    this.#press(portOf(port), button, ifPowered);
  }

  click(port: number, button: AtxButton): void {
    this.#press(portOf(port), button, undefined);
  }

  async setPort(wanted: number, change: PortChange): Promise<void> {
    const port = portOf(wanted);
    await this.#store((settings) => {
      const { edidId } = change;
      if (edidId !== undefined) this.#demandEdid(settings, edidId);
      if (port >= MAX_PORTS) return settings;
      const changed = withChange(settingsOfPort(settings, port), change);
      return { ...settings, ports: { ...settings.ports, [port]: changed } };
    });
  }

  async setColors(texts: Readonly<Partial<Record<SwitchColorRole, string>>>): Promise<void> {
    await this.#store((settings) => {
      const { colors } = settings;
      const pick = (role: SwitchColorRole): SwitchColors[SwitchColorRole] => {
        const text = texts[role];
        if (text === undefined) return colors[role];
        return text === "default" ? DEFAULT_SWITCH_COLORS[role] : parseSwitchColor(text);
      };
      const [inactive, active, flashing] = [pick("inactive"), pick("active"), pick("flashing")];
      const [beacon, bootloader] = [pick("beacon"), pick("bootloader")];
      return { ...settings, colors: { inactive, active, flashing, beacon, bootloader } };
    });
  }

  async createEdid({ name, data }: StoredEdid): Promise<string> {
    const id = randomUUID();
    await this.#store((settings) => {
      // The default one does not count.
      if (Object.keys(settings.edids).length > MAX_EDIDS) {
        throw new SwitchTooManyEdidsError(MAX_EDIDS);
      }
      return { ...settings, edids: { ...settings.edids, [id]: { name, data } } };
    });
    return id;
  }

  async changeEdid(id: string, change: Partial<StoredEdid>): Promise<void> {
    await this.#store((settings) => {
      const { name, data } = this.#demandEdid(settings, id);
      const changed = {
        name: change.name === undefined || change.name === "" ? name : change.name,
        data: change.data ?? data,
      };
      return { ...settings, edids: { ...settings.edids, [id]: changed } };
    });
  }

  async removeEdid(id: string): Promise<void> {
    await this.#store((settings) => {
      this.#demandEdid(settings, id);
      const { [id]: _removed, ...edids } = settings.edids;
      const ports = Object.entries(settings.ports).map(
        ([port, own]) =>
          [port, own.edidId === id ? { ...own, edidId: DEFAULT_EDID_ID } : own] as const,
      );
      return { ...settings, edids, ports: Object.fromEntries(ports) };
    });
  }

  get #settings(): SwitchSettings {
    return this.#state.value.settings;
  }

  #demandEdid({ edids }: SwitchSettings, id: string): StoredEdid {
    const edid = Object.hasOwn(edids, id) ? edids[id] : undefined;
    if (edid === undefined) throw new SwitchUnknownEdidError();
    return edid;
  }

  /** Once. Who changes something before the start must not store it without what is there already. */
  #load(): Promise<void> {
    this.#loading ??= this.#file.load().then((settings) => {
      this.#setSettings(settings);
    });
    return this.#loading;
  }

  async #store(change: (settings: SwitchSettings) => SwitchSettings): Promise<void> {
    await this.#load();
    await this.#file.change(
      () => change(this.#settings),
      (settings) => {
        this.#setSettings(settings);
      },
    );
  }

  #setSettings(settings: SwitchSettings): void {
    this.#link.apply(settings);
  }

  #request(unit: number, request: SwitchRequest): void {
    this.#link.request(unit, request);
  }

  #press(port: number, button: AtxButton, ifPowered: boolean | undefined): void {
    const { unit, channel } = placeOf(port);
    const known = this.#state.value.units[unit];
    if (known === undefined || known.state.atxBusy[channel] === true) return;
    if (ifPowered !== undefined && known.leds.power[channel] !== ifPowered) return;
    const seconds = settingsOfPort(this.#settings, port)[SECONDS_OF_BUTTON[button]];
    this.#request(unit, {
      op: "atxClick",
      channel,
      button: button === "reset" ? "reset" : "power",
      ms: Math.max(1, Math.min(Math.round(seconds * 1000), 0xffff)),
    });
    this.#options.log.info({ port, button }, "Switch port button pressed");
  }
}

export function createSwitch(options: SwitchOptions): Switch {
  return new ChainSwitch(options);
}
