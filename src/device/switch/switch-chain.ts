/**
 * A chain of PiKVM Switch units on one serial link: knows what the units say and brings them to what is set. Deliberately
 * different from the original: refusals create no units, a silent chain counts as gone, and colors are not sent again
 * while an earlier request may still be answered.
 */
import { toHex } from "../../core/bytes.ts";
import { sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { ReplyTimeoutError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { ByteLink } from "../../platform/serial/port.ts";
import { switchColorsCrc } from "../../protocol/switch/colors.ts";
import { hasEdidHeader } from "../../protocol/switch/edid.ts";
import { SwitchParser, encodeSwitchFrame } from "../../protocol/switch/frame.ts";
import {
  ALL_UNITS,
  CHANNELS,
  LIGHTS,
  decodeSwitchReport,
  encodeSwitchRequest,
} from "../../protocol/switch/messages.ts";
import type {
  SwitchReport,
  SwitchRequest,
  SwitchUnitLeds,
  SwitchUnitState,
} from "../../protocol/switch/messages.ts";
import { MAX_UNITS, channelToward } from "./ports.ts";
import { edidOfPort, settingsOfPort } from "./switch-settings.ts";
import type { SwitchSettings } from "./switch-settings.ts";
import { hasWantedEdid } from "./switch-state.ts";

/** What the units are to be brought to. */
export interface SwitchGoal {
  /** -1: leave the channels as they are. */
  readonly activePort: number;
  readonly settings: SwitchSettings;
  readonly ignoreHpdOnTop: boolean;
}

export interface ChainUnit {
  readonly state: SwitchUnitState | undefined;
  readonly leds: SwitchUnitLeds | undefined;
}

export interface SwitchChainOptions {
  readonly link: ByteLink;
  readonly clock: Clock;
  readonly log: Logger;
  readonly goal: () => SwitchGoal;
  /** The units as they are known now; called after every report. */
  onUnits(units: readonly ChainUnit[]): void;
}

interface Unit {
  state: SwitchUnitState | undefined;
  leds: SwitchUnitLeds | undefined;
  /** A change that the unit has not answered; the next one waits for it. */
  changing: { readonly id: number; readonly until: number } | undefined;
  /** The newest change, in hexadecimal. */
  last: { readonly text: string; readonly at: number } | undefined;
  /** Colors that were sent and that the unit may still report. */
  colors: { readonly crc: number; readonly until: number } | undefined;
}

const HEARTBEAT_MS = 5000;
/** Three heartbeats without any report. */
const SILENCE_MS = 15_000;
const ANSWER_MS = 5000;
/** The same change is asked for at most this often. */
const REPEAT_MS = 1000;
/** Requests that the link has not taken yet; a chain that takes none is gone. */
const MAX_QUEUE = 256;
/** Versions from which a unit knows the request. */
const QUIRKS_SINCE = 7;
const DUMMY_SINCE = 8;

function knows({ isDevBuild, version }: SwitchUnitState, since: number): boolean {
  return isDevBuild || version >= since;
}

export class SwitchChain {
  readonly #options: SwitchChainOptions;
  readonly #units: Unit[] = [];
  readonly #queue: Uint8Array[] = [];
  #isSending = false;
  #nextId = 1;
  #heardAt: number;

  constructor(options: SwitchChainOptions) {
    this.#options = options;
    this.#heardAt = options.clock.monotonic();
  }

  get units(): readonly ChainUnit[] {
    return this.#units;
  }

  /** Serves the link until it closes, falls silent (both reject) or the signal aborts. The link stays the caller's. */
  async run(signal: AbortSignal): Promise<void> {
    const { link, clock } = this.#options;
    const parser = new SwitchParser((message) => {
      this.#take(decodeSwitchReport(message));
    });
    const stop = link.onReceive((bytes) => {
      parser.push(bytes);
    });
    try {
      this.request(ALL_UNITS, { op: "state" });
      this.request(ALL_UNITS, { op: "atxLeds" });
      for (;;) {
        await sleep(clock, HEARTBEAT_MS, signal);
        if (clock.monotonic() - this.#heardAt >= SILENCE_MS) {
          throw new ReplyTimeoutError("The switch does not answer");
        }
        this.request(ALL_UNITS, { op: "state" });
      }
    } finally {
      stop();
    }
  }

  /** Sends in order; the id of the request. */
  request(unit: number, request: SwitchRequest): number {
    const id = this.#nextId;
    this.#nextId = id === 0xffff ? 1 : id + 1;
    if (this.#queue.length >= MAX_QUEUE) return id;
    this.#queue.push(encodeSwitchFrame(encodeSwitchRequest(id, unit, request)));
    if (!this.#isSending) void this.#send();
    return id;
  }

  /** Compares every unit with the goal and asks for the next change. */
  adjust(): void {
    for (const [index, unit] of this.#units.entries()) {
      const { state } = unit;
      if (state === undefined) continue;
      const change = this.#canChange(unit, state) ? this.#nextChange(index, state) : undefined;
      if (change !== undefined) this.#change(index, unit, change);
      this.#adjustColors(index, unit, state);
    }
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    try {
      for (let frame = this.#queue.shift(); frame !== undefined; frame = this.#queue.shift()) {
        await this.#options.link.send(frame);
      }
    } catch (error) {
      // The link tells its owner itself that it is gone.
      this.#queue.length = 0;
      this.#options.log.debug({ err: error }, "Switch request lost");
    } finally {
      this.#isSending = false;
    }
  }

  #take(report: SwitchReport | undefined): void {
    if (report === undefined || report.unit >= MAX_UNITS) return;
    this.#heardAt = this.#options.clock.monotonic();
    if (report.type === "refused") {
      const { unit, reason } = report;
      this.#options.log.debug({ unit, reason }, "Switch unit refused a request");
    } else {
      this.#note(report, this.#unitAt(report.unit));
    }
    const unit = this.#units[report.unit];
    // A refused change is tried again, but not before its time is up.
    if (report.type !== "refused" && unit?.changing?.id === report.id) unit.changing = undefined;
    this.#options.onUnits(this.#units);
    this.adjust();
  }

  #note(report: Exclude<SwitchReport, { type: "refused" }>, unit: Unit): void {
    if (report.type === "leds") {
      unit.leds = report.leds;
      return;
    }
    unit.state = report.state;
    if (!report.state.hasDownlink) this.#units.length = report.unit + 1;
  }

  #unitAt(index: number): Unit {
    const known = this.#units[index];
    if (known !== undefined) return known;
    while (this.#units.length <= index) {
      this.#units.push({
        state: undefined,
        leds: undefined,
        changing: undefined,
        last: undefined,
        colors: undefined,
      });
    }
    return this.#unitAt(index);
  }

  #canChange(unit: Unit, state: SwitchUnitState): boolean {
    if (state.isChanging) return false;
    return unit.changing === undefined || unit.changing.until <= this.#options.clock.monotonic();
  }

  #change(index: number, unit: Unit, request: SwitchRequest): void {
    const now = this.#options.clock.monotonic();
    const text = toHex(encodeSwitchRequest(0, index, request));
    // A unit that answers but does not obey must not be asked as fast as the line allows.
    if (unit.last?.text === text && now < unit.last.at + REPEAT_MS) return;
    unit.last = { text, at: now };
    unit.changing = { id: this.request(index, request), until: now + ANSWER_MS };
    this.#options.log.debug({ unit: index, op: request.op }, "Switch unit is changed");
  }

  #nextChange(index: number, state: SwitchUnitState): SwitchRequest | undefined {
    const { activePort, settings, ignoreHpdOnTop } = this.#options.goal();
    if (activePort >= 0 && state.channel !== channelToward(index, activePort)) {
      return { op: "switch", channel: channelToward(index, activePort) };
    }
    const ignoreHpd = index === 0 && ignoreHpdOnTop;
    if (knows(state, QUIRKS_SINCE) && state.ignoreHpd !== ignoreHpd) {
      return { op: "setQuirks", ignoreHpd };
    }
    for (let channel = 0; channel < CHANNELS; channel += 1) {
      const port = index * CHANNELS + channel;
      const edid = edidOfPort(settings, port);
      if (!hasWantedEdid(state, channel, edid)) {
        return hasEdidHeader(edid)
          ? { op: "setEdid", channel, edid }
          : { op: "clearEdid", channel };
      }
      const { dummy } = settingsOfPort(settings, port);
      if (knows(state, DUMMY_SINCE) && state.dummies[channel] !== dummy) {
        return { op: "setDummy", channel, on: dummy };
      }
    }
    return undefined;
  }

  #adjustColors(index: number, unit: Unit, state: SwitchUnitState): void {
    const now = this.#options.clock.monotonic();
    const { colors } = this.#options.goal().settings;
    const crc = switchColorsCrc(colors);
    if (unit.colors?.crc === crc && unit.colors.until > now) return;
    for (let light = 0; light < LIGHTS; light += 1) {
      if (state.colorCrcs[light] === crc) continue;
      this.request(index, { op: "setColors", light, colors });
      unit.colors = { crc, until: now + ANSWER_MS };
    }
  }
}
