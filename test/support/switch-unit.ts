import type { ByteLink, SerialBus } from "../../src/platform/serial/port.ts";
import { PortOpenError } from "../../src/platform/serial/port.ts";
import { crc16 } from "../../src/protocol/switch/crc16.ts";
import { DEFAULT_SWITCH_COLORS, switchColorsCrc } from "../../src/protocol/switch/colors.ts";
import { SwitchParser, encodeSwitchFrame } from "../../src/protocol/switch/frame.ts";
import { memoryLink } from "./memory-link.ts";
import type { MemoryLinkPair } from "./memory-link.ts";

/** One request as the chain received it. */
export interface SeenRequest {
  readonly op: number;
  readonly unit: number;
  readonly body: readonly number[];
}

/** State of one unit, freely changeable; `report()` tells it. */
export interface UnitModel {
  version: number;
  isChanging: boolean;
  channel: number;
  beacons: number;
  readonly colorCrcs: number[];
  videoLinks: number;
  usbLinks: number;
  hasEdid: number;
  readonly edidCrcs: number[];
  dummies: number;
  atxBusy: number;
  ignoreHpd: boolean;
  leds: number;
}

const COLORS = switchColorsCrc(DEFAULT_SWITCH_COLORS);

function createUnit(): UnitModel {
  return {
    version: 9,
    isChanging: false,
    channel: 4,
    beacons: 0,
    colorCrcs: Array.from({ length: 6 }, () => COLORS),
    videoLinks: 0,
    usbLinks: 0,
    hasEdid: 0,
    edidCrcs: [0, 0, 0, 0],
    dummies: 0b1111,
    atxBusy: 0,
    ignoreHpd: false,
    leds: 0,
  };
}

const low = (value: number): number => value & 0xff;
const words = (values: readonly number[]): number[] =>
  values.flatMap((value) => [low(value), value >> 8]);

function withBit(mask: number, bit: number, on: boolean): number {
  return on ? mask | (1 << bit) : mask & ~(1 << bit);
}

/** A chain of PiKVM Switch units on a memory link: obeys requests and tells its state after each, as real ones do. */
export class SwitchUnits {
  readonly units: UnitModel[];
  readonly seen: SeenRequest[] = [];
  /** Answers nothing, as a unit that hangs. */
  isSilent = false;
  /** Operations that it answers and does not obey, and those that it refuses. */
  readonly ignored = new Set<number>();
  readonly refused = new Set<number>();
  readonly #path: string;
  #pair: MemoryLinkPair | undefined;

  constructor(count = 1, path = "/dev/kvmd-switch") {
    this.units = Array.from({ length: count }, createUnit);
    this.#path = path;
  }

  /** A bus with the chain on it. */
  bus(): SerialBus {
    const path = this.#path;
    return {
      list: () =>
        Promise.resolve([
          { path: "/dev/ttyACM0", vendorId: "2e8a", productId: "000a" },
          { path, vendorId: "2e8a", productId: "1080" },
        ]),
      open: (wanted) =>
        wanted === path
          ? Promise.resolve(this.#attach())
          : Promise.reject(new PortOpenError(`${wanted} does not exist`)),
    };
  }

  unplug(): void {
    this.#pair?.unplug();
  }

  /** Requests of one kind, without the questions for state and lights. */
  requests(op?: number): readonly SeenRequest[] {
    return this.seen.filter((request) =>
      op === undefined ? request.op !== 4 && request.op !== 7 : request.op === op,
    );
  }

  /** Tells the state of a unit by itself. */
  report(unit: number, id = 0): void {
    const model = this.units[unit];
    if (model === undefined) return;
    const flags = (model.isChanging ? 0x80 : 0) | (unit + 1 < this.units.length ? 0x02 : 0);
    this.#tell(id, 4, unit, [
      ...words([model.version, 1, flags]),
      model.channel,
      model.beacons,
      ...words(model.colorCrcs),
      model.videoLinks,
      0,
      model.hasEdid,
      ...words(model.edidCrcs),
      model.usbLinks,
      0,
      model.atxBusy,
      Number(model.ignoreHpd),
      model.dummies,
      ...Array.from({ length: 28 }, () => 0),
    ]);
  }

  reportLeds(unit: number, id = 0): void {
    this.#tell(id, 7, unit, [this.units[unit]?.leds ?? 0]);
  }

  refuse(unit: number, reason: number, id = 0): void {
    this.#tell(id, 0, unit, [reason]);
  }

  /** Bytes as they are. */
  say(bytes: Uint8Array): void {
    void this.#pair?.peer.send(bytes);
  }

  #attach(): ByteLink {
    const pair = memoryLink();
    this.#pair = pair;
    const parser = new SwitchParser((message) => {
      this.#obey(message);
    });
    pair.peer.onReceive((bytes) => {
      parser.push(bytes);
    });
    return pair.host;
  }

  #tell(id: number, op: number, unit: number, body: readonly number[]): void {
    const message = Uint8Array.of(1, low(id), id >> 8, op, unit, ...body);
    void this.#pair?.peer.send(encodeSwitchFrame(message));
  }

  #obey(message: Uint8Array): void {
    const [, idLow = 0, idHigh = 0, op = 0, unit = 0, ...body] = message;
    this.seen.push({ op, unit, body });
    if (this.isSilent) return;
    const id = idLow | (idHigh << 8);
    const wanted = unit === 0xff ? this.units.map((_, index) => index) : [unit];
    for (const index of wanted) {
      const model = this.units[index];
      if (model === undefined) this.refuse(index, 2);
      else if (this.refused.has(op)) this.refuse(index, 0, id);
      else if (op === 7) this.reportLeds(index, id);
      else {
        if (!this.ignored.has(op)) change(model, op, body);
        this.report(index, id);
      }
    }
  }
}

/** What a request does to a unit. */
function change(model: UnitModel, op: number, body: readonly number[]): void {
  const [first = 0, second = 0] = body;
  if (op === 5) model.channel = first;
  if (op === 6) model.beacons = withBit(model.beacons, first, second === 1);
  if (op === 9) {
    model.hasEdid = withBit(model.hasEdid, first, true);
    model.edidCrcs[first] = crc16(Uint8Array.from(body.slice(1)));
  }
  if (op === 10) model.hasEdid = withBit(model.hasEdid, first, false);
  if (op === 12) model.colorCrcs[first] = colorsCrc(body.slice(1));
  if (op === 13) model.ignoreHpd = first === 1;
  if (op === 14) model.dummies = withBit(model.dummies, first, second === 1);
}

function colorsCrc(packed: readonly number[]): number {
  const sums = [0, 1, 2, 3, 4].map((index) =>
    crc16(Uint8Array.from(packed.slice(index * 6, index * 6 + 6))),
  );
  return crc16(Uint8Array.from(words(sums)));
}
