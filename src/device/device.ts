import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/log.ts";
import type { Scope } from "../core/scope.ts";
import type { DeviceConfig } from "../config/schema.ts";
import type { Platform } from "../platform/platform.ts";
import { createAtx } from "./atx/atx.ts";
import type { Atx } from "./atx/atx.ts";
import { imageFolder, openGadget } from "./gadget/open-gadget.ts";
import { createUserGpio } from "./gpio/user-gpio.ts";
import type { UserGpio } from "./gpio/user-gpio.ts";
import { createHidDriver } from "./hid/create-driver.ts";
import { createHid } from "./hid/hid.ts";
import type { Hid } from "./hid/hid.ts";
import { extrasOf } from "./info/extras.ts";
import { createInfo } from "./info/info.ts";
import type { Info } from "./info/info.ts";
import { createStreamer } from "./streamer/streamer.ts";
import type { Streamer } from "./streamer/streamer.ts";
import { createMsd } from "./msd/msd.ts";
import type { Msd } from "./msd/msd.ts";
import type { Subsystem } from "./subsystem.ts";
import { createSwitch } from "./switch/switch.ts";
import type { Switch } from "./switch/switch.ts";
import { createTerminal } from "./terminal/terminal.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** A KVM device: everything that acts on, or knows about, the controlled computer and the board itself. */
export interface Device {
  readonly hid: Hid;
  readonly atx: Atx;
  readonly gpio: UserGpio;
  readonly info: Info;
  readonly streamer: Streamer;
  readonly msd: Msd;
  /** Several computers; `switch` is a word of the language. */
  readonly multiport: Switch;
  readonly terminal: Terminal;
  readonly subsystems: readonly Subsystem<unknown>[];
  /** Starts every subsystem; waits for no hardware. They stop, with nothing left pressed, when the scope closes. */
  start(scope: Scope): Promise<void>;
}

export interface DeviceOptions {
  /** With the board's values filled in (`resolveBoard`). */
  readonly config: DeviceConfig;
  readonly platform: Platform;
  readonly log: Logger;
  /** Version of this program. */
  readonly version: string;
  /** Folder of state; images lie below it by default. */
  readonly dataDir: string;
}

type PartMaker = (name: string) => { readonly clock: Clock; readonly log: Logger };

/** What reaches the computer by USB: input may, and the disk does, come from the board's own device port. */
function createUsbParts({ config, platform, dataDir }: DeviceOptions, part: PartMaker) {
  const { serial, host } = platform;
  const gadget = openGadget({ config, host: platform.gadget, dataDir, hostName: host.hostName() });
  const { horizontalWheel } = config.gadget;
  const hidPart = part("hid");
  const driver = createHidDriver({
    config: config.hid,
    serial,
    gadget,
    horizontalWheel,
    ...hidPart,
  });
  const hid = createHid({ config: config.hid, driver, ...hidPart });
  const images = platform.images.open(imageFolder(config, dataDir));
  const msd = createMsd({ config: config.msd, gadget, images, ...part("msd") });
  return { gadget, hid, msd };
}

export function createDevice(options: DeviceOptions): Device {
  const { config, platform, log, version, dataDir } = options;
  const { clock, gpio: bank, datagrams, process, host, files, serial, pty } = platform;
  const part: PartMaker = (name) => ({ clock, log: log.child({ sub: name }) });
  const { gadget, hid, msd } = createUsbParts(options, part);
  const atx = createAtx({ config: config.atx, gpio: bank, ...part("atx") });
  const gpio = createUserGpio({ config: config.gpio, bank, datagrams, process, ...part("gpio") });
  const farhand = { version, platform: platform.kind, simulated: platform.kind === "sim" };
  const multiport = createSwitch({
    config: config.switch,
    dataDir,
    serial,
    files,
    ...part("switch"),
  });
  const terminal = createTerminal({ config: config.terminal, pty, ...part("terminal") });
  const extras = extrasOf({ hasTerminal: config.terminal.enabled });
  const info = createInfo({ config: config.info, host, files, farhand, extras, ...part("info") });
  const streamer = createStreamer({
    config: config.streamer,
    capture: platform.video,
    pictures: platform.pictures,
    process,
    atx,
    hasPowerLight: config.atx.powerLed !== "none",
    ...part("streamer"),
  });
  // They end in reverse order: whatever the others take for it, keys and buttons are let go first.
  const subsystems: readonly Subsystem<unknown>[] = [
    terminal,
    streamer,
    info,
    msd,
    multiport,
    gpio,
    atx,
    hid,
  ];
  return {
    hid,
    atx,
    gpio,
    info,
    streamer,
    msd,
    multiport,
    terminal,
    subsystems,
    async start(scope) {
      scope.defer(streamer.identity.subscribe((identity) => info.setStreamer(identity)));
      scope.task("gadget", (signal) => gadget.run(signal));
      await Promise.all(
        subsystems.map((subsystem) => subsystem.start(scope.child(subsystem.name))),
      );
    },
  };
}
