import { computed } from "@preact/signals";
import {
  isObject,
  isTrue,
  listOf,
  numberOf,
  numberOrUndefined,
  objectOf,
  textOf,
  textsOf,
} from "../../lib/json.ts";
import { AUTO_COLOR } from "../../lib/identity.ts";
import { events } from "./device-events.ts";

export type AtxButton = "power" | "power_long" | "reset";

export const atx = computed(() => {
  const { enabled, busy, leds } = events.atx.value;
  const { power, hdd } = objectOf(leds);
  return {
    isEnabled: isTrue(enabled),
    isBusy: isTrue(busy),
    power: isTrue(power),
    hdd: isTrue(hdd),
  };
});

export const hid = computed(() => {
  const { enabled, online, busy, connected, keyboard, mouse, jiggler } = events.hid.value;
  const [keys, pointer, wiggle] = [objectOf(keyboard), objectOf(mouse), objectOf(jiggler)];
  const { num, caps, scroll } = objectOf(keys["leds"]);
  return {
    isEnabled: isTrue(enabled),
    isOnline: isTrue(online),
    isBusy: isTrue(busy),
    /** Undefined where the device cannot pull the plug. */
    isConnected: typeof connected === "boolean" ? connected : undefined,
    isKeyboardOnline: isTrue(keys["online"]),
    leds: { num: isTrue(num), caps: isTrue(caps), scroll: isTrue(scroll) },
    isMouseOnline: isTrue(pointer["online"]),
    isAbsolute: isTrue(pointer["absolute"]),
    mouseOutputs: textsOf(objectOf(pointer["outputs"])["available"]),
    mouseOutput: textOf(objectOf(pointer["outputs"])["active"]),
    keyboardOutputs: textsOf(objectOf(keys["outputs"])["available"]),
    keyboardOutput: textOf(objectOf(keys["outputs"])["active"]),
    hasJiggler: isTrue(wiggle["enabled"]),
    isJiggling: isTrue(wiggle["active"]),
  };
});

export const keymaps = computed(() => {
  const known = objectOf(events.hid_keymaps.value["keymaps"]);
  return { first: textOf(known["default"], "en-us"), available: textsOf(known["available"]) };
});

const CONDITIONS = [
  "disabled",
  "stopped",
  "starting",
  "ok",
  "no-signal",
  "computer-off",
  "no-device",
  "no-program",
  "failed",
] as const;
/** `unknown`: the device has not said. */
export type Condition = (typeof CONDITIONS)[number] | "unknown";

const conditionOf = (value: unknown): Condition =>
  CONDITIONS.find((name) => name === value) ?? "unknown";

export const video = computed(() => {
  const { features, limits, params, streamer, farhand } = events.streamer.value;
  const { condition, message } = objectOf(farhand);
  const [can, within, chosen] = [objectOf(features), objectOf(limits), objectOf(params)];
  const { resolution, captured_fps: captured } = objectOf(objectOf(streamer)["source"]);
  return {
    condition: conditionOf(condition),
    message: textOf(message),
    width: numberOf(objectOf(resolution)["width"]),
    height: numberOf(objectOf(resolution)["height"]),
    capturedFps: numberOf(captured),
    canQuality: isTrue(can["quality"]),
    canResolution: isTrue(can["resolution"]),
    canH264: isTrue(can["h264"]),
    resolutions: textsOf(within["available_resolutions"]),
    resolution: textOf(chosen["resolution"]),
    quality: numberOf(chosen["quality"]),
    fps: numberOf(chosen["desired_fps"]),
    maxFps: numberOf(objectOf(within["desired_fps"])["max"], 60),
    bitrate: numberOf(chosen["h264_bitrate"]),
  };
});

export const ocr = computed(() => {
  const { enabled, langs } = events.ocr.value;
  const { default: usual, available } = objectOf(langs);
  return { isEnabled: isTrue(enabled), usual: textsOf(usual), available: textsOf(available) };
});

export interface StoredImage {
  readonly name: string;
  readonly size: number;
  readonly isComplete: boolean;
  readonly isRemovable: boolean;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
}

export interface Transfer {
  readonly name: string;
  readonly size: number;
  readonly done: number;
}

function transferOf(value: unknown, doneKey: string): Transfer | undefined {
  if (!isObject(value)) return undefined;
  return {
    name: textOf(value["name"]),
    size: numberOf(value["size"]),
    done: numberOf(value[doneKey]),
  };
}

export const msd = computed(() => {
  const { enabled, online, busy, storage, drive } = events.msd.value;
  const [stored, plugged] = [objectOf(storage), objectOf(drive)];
  const images = Object.entries(objectOf(stored["images"])).map(([name, value]): StoredImage => {
    const image = objectOf(value);
    return {
      name,
      size: numberOf(image["size"]),
      isComplete: isTrue(image["complete"]),
      isRemovable: isTrue(image["removable"]),
      modifiedAt: numberOf(image["mod_ts"]) * 1000,
    };
  });
  const image = objectOf(plugged["image"]);
  const root = objectOf(objectOf(stored["parts"])[""]);
  return {
    isEnabled: isTrue(enabled),
    isOnline: isTrue(online),
    isBusy: isTrue(busy),
    images: images.sort((a, b) => a.name.localeCompare(b.name)),
    size: numberOf(root["size"]),
    free: numberOf(root["free"]),
    isWritable: isTrue(root["writable"]),
    uploading: transferOf(stored["uploading"], "written"),
    /** Empty: none is chosen. */
    image: textOf(image["name"]),
    imageSize: numberOf(image["size"]),
    isConnected: isTrue(plugged["connected"]),
    isCdrom: isTrue(plugged["cdrom"]),
    isReadWrite: isTrue(plugged["rw"]),
  };
});

export const info = computed(() => {
  const { meta, node, uptime, extras, system, fan } = events.info.value;
  const server = textOf(objectOf(objectOf(meta)["server"])["host"]);
  const { platform, farhand } = objectOf(system);
  const { base } = objectOf(platform);
  return {
    /** What its owner calls it. */
    name: server === "" ? textOf(objectOf(node)["host"]) : server,
    host: textOf(objectOf(node)["host"]),
    board: textOf(base),
    color: textOf(objectOf(farhand)["color"], AUTO_COLOR),
    isSimulated: isTrue(objectOf(farhand)["simulated"]),
    uptime: numberOrUndefined(objectOf(uptime)["total"]),
    hasTerminal: isTrue(objectOf(objectOf(extras)["webterm"])["started"]),
    fanRpm: numberOrUndefined(objectOf(objectOf(objectOf(fan)["state"])["hall"])["rpm"]),
  };
});

export type Throttle = "undervoltage" | "freq_capped" | "throttled";
const THROTTLES: readonly Throttle[] = ["undervoltage", "freq_capped", "throttled"];

export const health = computed(() => {
  const { cpu, mem, temp, throttling } = objectOf(events.info.value["health"]);
  const flags = objectOf(objectOf(throttling)["parsed_flags"]);
  const where = (when: "now" | "past"): readonly Throttle[] =>
    THROTTLES.filter((name) => isTrue(objectOf(flags[name])[when]));
  return {
    cpuPercent: numberOrUndefined(objectOf(cpu)["percent"]),
    memoryPercent: numberOrUndefined(objectOf(mem)["percent"]),
    memoryTotal: numberOrUndefined(objectOf(mem)["total"]),
    temperature: numberOrUndefined(objectOf(temp)["cpu"]),
    /** Whether this board says it at all. */
    knowsThrottling: isObject(throttling),
    now: where("now"),
    past: isTrue(objectOf(throttling)["ignore_past"]) ? [] : where("past"),
  };
});

/** Somebody who has this console, or another one, open, or who types by requests of a program. */
export interface Person {
  readonly id: number;
  readonly user: string;
  readonly isYou: boolean;
  /** A program that is not connected: here only while it types. */
  readonly isVisitor: boolean;
  readonly isTyping: boolean;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** What this page is called among the `people`; undefined until the device has said so. */
export const ownId = computed(() => numberOrUndefined(events.presence.value["you"]));

export const people = computed<readonly Person[]>(() => {
  const { you, clients } = events.presence.value;
  return listOf(clients).map((value) => {
    const client = objectOf(value);
    return {
      id: numberOf(client["id"]),
      user: textOf(client["user"]),
      isYou: client["id"] === you,
      isVisitor: isTrue(client["visitor"]),
      isTyping: isTrue(client["typing"]),
      since: numberOf(client["since"]) * 1000,
    };
  });
});
