/** Keys of PiKVM's configuration (PiKVM API 8.2): what they become here, or why they become nothing. */
import { kvmdValue } from "./tree.ts";
import type { KvmdTree } from "./tree.ts";
import { NotCarried, boolOf, numberOf, textOf, textsOf } from "./values.ts";
import { streamerCommand } from "./streamer-command.ts";

/** Settings that a value becomes; throws `NotCarried` for a value that has no counterpart. */
export type Rule = (value: unknown, tree: KvmdTree) => readonly (readonly [string, unknown])[];

type Convert = (value: unknown) => unknown;

const as =
  (target: string, convert: Convert): Rule =>
  (value) => [[target, convert(value)]];
const flag = (target: string): Rule => as(target, boolOf);
const number = (target: string): Rule => as(target, numberOf);
const text = (target: string): Rule => as(target, textOf);
/** 0 and nothing switch some features off. */
const numberOrOff = (target: string): Rule =>
  as(target, (value) => (value === "" || value === null ? 0 : numberOf(value)));

/** One of a few words, by its counterpart here. */
const word = (target: string, words: Readonly<Record<string, unknown>>, otherwise: string): Rule =>
  as(target, (value) => {
    const name = textOf(value);
    if (Object.hasOwn(words, name)) return words[name];
    throw new NotCarried(`'${name}': ${otherwise}`);
  });

/** A value that must be as here, where it cannot be chosen. */
const must =
  (wanted: unknown, reason: string): Rule =>
  (value) => {
    if (value === wanted) return [];
    throw new NotCarried(reason);
  };

const isHttpsOff = (tree: KvmdTree): boolean => {
  const enabled = kvmdValue(tree, "nginx/https/enabled");
  return enabled !== undefined && !boolOf(enabled);
};

const httpPort: Rule = (value, tree) => {
  if (isHttpsOff(tree)) return [["http.port", numberOf(value)]];
  throw new NotCarried("there is no plain HTTP beside HTTPS");
};

const httpsPort: Rule = (value, tree) => {
  if (isHttpsOff(tree)) throw new NotCarried("HTTPS is switched off");
  return [["http.port", numberOf(value)]];
};

const serialHid =
  (target: string, convert: Convert): Rule =>
  (value, tree) => {
    const type = kvmdValue(tree, "kvmd/hid/type");
    if (type === "serial" || type === "ch9329") return [[target, convert(value)]];
    throw new NotCarried("belongs to a serial HID, which is not the configured one");
  };

const mouseMode: Rule = (value) => (boolOf(value) ? [] : [["device.hid.mouse", "relative"]]);
const keymapName: Convert = (value) => textOf(value).split("/").at(-1);

function limits(from: string, target: string): readonly (readonly [string, Rule])[] {
  return ["default", "min", "max"].map((key) => [
    `${from}/${key}`,
    numberOrOff(`${target}.${key}`),
  ]);
}

const STREAMER = "kvmd/streamer";

export const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["kvmd/auth/enabled", must(true, "everything needs an account here")],
  ["kvmd/auth/expire", number("auth.expireSeconds")],
  ["kvmd/auth/extend", flag("auth.extend")],
  ["kvmd/auth/internal/type", must("htpasswd", "accounts are kept in a password file only")],
  // Where these two files are is read before: they are copied.
  ["kvmd/auth/internal/file", () => []],
  ["kvmd/auth/totp/secret/file", () => []],
  ["kvmd/info/meta", () => []],
  ["kvmd/auth/external/type", must("", "no external service can be asked for accounts")],
  ["kvmd/info/hw/ignore_past", flag("device.info.ignorePastThrottling")],
  ["kvmd/info/hw/state_poll", number("device.info.pollSeconds")],
  ["kvmd/log_reader/enabled", flag("device.log.enabled")],
  ["kvmd/prometheus/auth/enabled", flag("device.metrics.requireAuth")],
  [
    "kvmd/hid/type",
    word(
      "device.hid.backend",
      { otg: "otg", serial: "mcu", ch9329: "ch9329" },
      "there is no such keyboard back end here",
    ),
  ],
  ["kvmd/hid/device", serialHid("device.hid.serialPath", textOf)],
  ["kvmd/hid/speed", serialHid("device.hid.baudRate", numberOf)],
  ["kvmd/hid/keymap", as("device.hid.keymap", keymapName)],
  ["kvmd/hid/ignore_keys", as("device.hid.ignoreKeys", textsOf)],
  ["kvmd/hid/mouse_x_range/min", number("device.hid.mouseXRange.min")],
  ["kvmd/hid/mouse_x_range/max", number("device.hid.mouseXRange.max")],
  ["kvmd/hid/mouse_y_range/min", number("device.hid.mouseYRange.min")],
  ["kvmd/hid/mouse_y_range/max", number("device.hid.mouseYRange.max")],
  ["kvmd/hid/jiggler/enabled", flag("device.hid.jiggler.enabled")],
  ["kvmd/hid/jiggler/active", flag("device.hid.jiggler.active")],
  ["kvmd/hid/jiggler/interval", number("device.hid.jiggler.intervalSeconds")],
  ["kvmd/hid/mouse/absolute", mouseMode],
  ["kvmd/hid/mouse/horizontal_wheel", flag("device.gadget.horizontalWheel")],
  [
    "kvmd/atx/type",
    word(
      "device.atx.enabled",
      { gpio: true, disabled: false },
      "only GPIO lines press buttons here",
    ),
  ],
  ["kvmd/atx/power_led_debounce", number("device.atx.ledDebounceSeconds")],
  ["kvmd/atx/click_delay", number("device.atx.clickSeconds")],
  ["kvmd/atx/long_click_delay", number("device.atx.longClickSeconds")],
  [
    "kvmd/msd/type",
    word("device.msd.enabled", { otg: true, disabled: false }, "there is no such drive here"),
  ],
  [`${STREAMER}/forever`, flag("device.streamer.forever")],
  [`${STREAMER}/reset_delay`, number("device.streamer.resetDelaySeconds")],
  [`${STREAMER}/shutdown_delay`, number("device.streamer.shutdownDelaySeconds")],
  [`${STREAMER}/state_poll`, number("device.streamer.pollSeconds")],
  [`${STREAMER}/snapshot_timeout`, number("device.streamer.snapshot.timeoutSeconds")],
  [`${STREAMER}/slowdown`, flag("device.streamer.slowdown")],
  [`${STREAMER}/quality`, numberOrOff("device.streamer.quality")],
  [`${STREAMER}/resolution/default`, text("device.streamer.resolution.default")],
  [`${STREAMER}/resolution/available`, as("device.streamer.resolution.available", textsOf)],
  ...limits(`${STREAMER}/desired_fps`, "device.streamer.desiredFps"),
  ...limits(`${STREAMER}/h264_bitrate`, "device.streamer.h264.bitrate"),
  ...limits(`${STREAMER}/h264_gop`, "device.streamer.h264.gop"),
  // As versions before 4 wrote them.
  [`${STREAMER}/desired_fps`, number("device.streamer.desiredFps.default")],
  [`${STREAMER}/max_fps`, number("device.streamer.desiredFps.max")],
  [`${STREAMER}/resolution`, text("device.streamer.resolution.default")],
  [`${STREAMER}/available_resolutions`, as("device.streamer.resolution.available", textsOf)],
  [`${STREAMER}/cmd`, streamerCommand],
  [`${STREAMER}/cmd_append`, as("device.streamer.extraArguments", textsOf)],
  ["kvmd/ocr/langs", as("device.streamer.ocr.languages", textsOf)],
  ["kvmd/switch/device", text("device.switch.serialPath")],
  ["kvmd/switch/default_edid", text("device.switch.defaultEdidFile")],
  ["kvmd/switch/ignore_hpd_on_top", flag("device.switch.ignoreHpdOnTop")],
  ["otg/vendor_id", number("device.gadget.vendorId")],
  ["otg/product_id", number("device.gadget.productId")],
  ["otg/manufacturer", text("device.gadget.manufacturer")],
  ["otg/product", text("device.gadget.product")],
  ["otg/serial", text("device.gadget.serial")],
  ["otg/max_power", number("device.gadget.maxPower")],
  ["otg/udc", text("device.gadget.udc")],
  ["otg/endpoints", number("device.gadget.endpoints")],
  ["nginx/http/port", httpPort],
  ["nginx/https/port", httpsPort],
  ["nginx/https/enabled", (value) => (boolOf(value) ? [] : [["http.tls.mode", "off"]])],
]);

const NO_DAEMON = "there is no such service here";
const NO_NEED = "the daemon does this by itself";

/** By the longest known beginning of the key. */
export const REASONS: readonly (readonly [prefix: string, reason: string])[] = [
  ["kvmd/server", "the daemon serves HTTP by itself, without a Unix socket"],
  ["kvmd/auth/usc", "programs on this machine sign in like everybody else"],
  ["kvmd/auth/internal/force_users", "there are no external accounts"],
  ["kvmd/auth/external", "no external service can be asked for accounts"],
  ["kvmd/auth/allow_redirects", "the pages that a login may lead to are fixed"],
  ["kvmd/info/hw", NO_NEED],
  ["kvmd/info/fan", "the fan is read from the kernel"],
  ["kvmd/info/extras", "what is offered besides is part of the daemon"],
  ["kvmd/hid", NO_NEED],
  ["kvmd/atx/hdd_led_debounce", "both lights have the debounce time of the power light"],
  ["kvmd/atx", "not a key that has a counterpart here"],
  ["kvmd/msd", NO_NEED],
  [`${STREAMER}/cmd_remove`, "the arguments of the capture program are made from device.streamer"],
  [STREAMER, NO_NEED],
  [
    "kvmd/ocr/tessdata",
    "tesseract knows where its data is; TESSDATA_PREFIX tells it another place",
  ],
  ["kvmd/snapshot", "there are no snapshots that are taken regularly"],
  ["kvmd/gpio/state_poll", "inputs report their changes by themselves"],
  ["media", NO_NEED],
  ["pst", NO_NEED],
  ["otgnet", "there is no network over USB here"],
  ["otg/devices", "which USB devices there are follows from device.hid and device.msd"],
  ["otg", NO_NEED],
  ["nbd", NO_DAEMON],
  ["ipmi", NO_DAEMON],
  ["vnc", NO_DAEMON],
  ["janus", NO_DAEMON],
  ["watchdog", "systemd watches the daemon"],
  ["oled", NO_DAEMON],
  ["nginx", "the daemon serves HTTP by itself"],
];
