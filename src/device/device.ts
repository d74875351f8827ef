import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/log.ts";
import type { Scope } from "../core/scope.ts";
import { createStore } from "../core/store.ts";
import type { Store } from "../core/store.ts";
import type { DevicePart, Restartable } from "../config/extent.ts";
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
import { Renewable, renew } from "./renewable.ts";
import type { AnyRenewable } from "./renewable.ts";
import { createStreamer } from "./streamer/streamer.ts";
import type { Streamer } from "./streamer/streamer.ts";
import { createMsd } from "./msd/msd.ts";
import type { Msd } from "./msd/msd.ts";
import type { Subsystem, SubsystemName } from "./subsystem.ts";
import { createSwitch } from "./switch/switch.ts";
import type { Switch } from "./switch/switch.ts";
import { createTerminal } from "./terminal/terminal.ts";
import type { Terminal } from "./terminal/terminal.ts";

/**
 * A KVM device: everything that acts on, or knows about, the controlled computer and the board itself. Its parts stay the
 * same objects while what is behind them is exchanged.
 */
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
  /** The parts in the order in which they start; they end in reverse. */
  readonly order: readonly DevicePart[];
  /** Counts exchanges of parts: whoever has shown their states and models shows them again. */
  readonly renewals: Store<number>;
  /** Starts every part; waits for no hardware. They stop, with nothing left pressed, when the scope closes. */
  start(scope: Scope): Promise<void>;
  /**
   * Exchanges these parts for ones with other settings; the others notice nothing. When one of them cannot start, all of
   * these run with the former settings again, and the promise rejects with the reason. Calls do not overlap.
   */
  reconfigure(config: DeviceConfig, parts: readonly Restartable[]): Promise<void>;
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

/** What every part is given besides its settings. */
interface Common {
  readonly clock: Clock;
  readonly log: Logger;
}

function subsystem<P extends Subsystem<unknown>>(
  { config, log, platform: { clock } }: DeviceOptions,
  name: SubsystemName,
  make: (config: DeviceConfig, common: Common) => P,
): Renewable<P> {
  const common = { clock, log: log.child({ sub: name }) };
  return new Renewable({
    name,
    config,
    log: common.log,
    make: (next) => make(next, common),
    start: (part, scope) => part.start(scope),
    finish: async (part) => {
      await part.finish?.();
    },
  });
}

/** What reaches the computer by USB: input may, and the disk does, come from the board's own device port. */
function createUsbParts(options: DeviceOptions) {
  const { config, platform, log, dataDir } = options;
  const { serial, host } = platform;
  const hostName = host.hostName();
  const gadget = new Renewable({
    name: "gadget",
    config,
    log,
    make: (next) => openGadget({ config: next, host: platform.gadget, dataDir, hostName }),
    start: (part, scope) => {
      scope.task("gadget", (signal) => part.run(signal));
      return Promise.resolve();
    },
  });
  const hid = subsystem(options, "hid", (next, common) => {
    const { horizontalWheel } = next.gadget;
    const parts = { config: next.hid, ...common };
    const driver = createHidDriver({ serial, gadget: gadget.part, horizontalWheel, ...parts });
    return createHid({ driver, ...parts });
  });
  const msd = subsystem(options, "msd", (next, common) => {
    const images = platform.images.open(imageFolder(next, dataDir));
    return createMsd({ config: next.msd, gadget: gadget.part, images, ...common });
  });
  return { gadget, hid, msd };
}

/** The picture, which asks the power light why there is none. */
function createVideoPart(options: DeviceOptions, atx: Pick<Atx, "state">) {
  const { pictures, process, video: capture } = options.platform;
  return subsystem(options, "streamer", ({ streamer, atx: { powerLed } }, common) =>
    createStreamer({
      config: streamer,
      capture,
      pictures,
      process,
      atx,
      hasPowerLight: powerLed !== "none",
      ...common,
    }),
  );
}

/** What belongs to the board itself and not to one computer. */
function createBoardParts(options: DeviceOptions, streamer: Pick<Streamer, "identity">) {
  const { platform, version, dataDir } = options;
  const { gpio: bank, datagrams, process, host, files, serial, pty } = platform;
  const farhand = { version, platform: platform.kind, simulated: platform.kind === "sim" };
  return {
    gpio: subsystem(options, "gpio", (next, common) =>
      createUserGpio({ config: next.gpio, bank, datagrams, process, ...common }),
    ),
    multiport: subsystem(options, "switch", (next, common) =>
      createSwitch({ config: next.switch, dataDir, serial, files, ...common }),
    ),
    terminal: subsystem(options, "terminal", (next, common) =>
      createTerminal({ config: next.terminal, pty, ...common }),
    ),
    info: subsystem(options, "info", (next, common) => {
      const extras = extrasOf({ hasTerminal: next.terminal.enabled });
      const { identity } = streamer;
      return createInfo({
        config: next.info,
        host,
        files,
        farhand,
        extras,
        streamer: identity,
        ...common,
      });
    }),
  };
}

export function createDevice(options: DeviceOptions): Device {
  const { gadget, hid, msd } = createUsbParts(options);
  const gpioBank = options.platform.gpio;
  const atx = subsystem(options, "atx", (next, common) =>
    createAtx({ config: next.atx, gpio: gpioBank, ...common }),
  );
  const streamer = createVideoPart(options, atx.part);
  const { gpio, multiport, terminal, info } = createBoardParts(options, streamer.part);
  // They end in reverse order: whatever the others take for it, keys and buttons are let go first.
  const parts: readonly AnyRenewable[] = [
    gadget,
    terminal,
    streamer,
    info,
    msd,
    multiport,
    gpio,
    atx,
    hid,
  ];
  const renewals = createStore(0);
  let { config } = options;
  return {
    hid: hid.part,
    atx: atx.part,
    gpio: gpio.part,
    info: info.part,
    streamer: streamer.part,
    msd: msd.part,
    multiport: multiport.part,
    terminal: terminal.part,
    order: parts.map(({ name }) => name),
    renewals,
    async start(scope) {
      await Promise.all(parts.map((part) => part.start(scope.child(part.name))));
    },
    async reconfigure(next, names) {
      const chosen = parts.filter(({ name }) => names.includes(name));
      try {
        await renew(chosen, next, config);
        config = next;
      } finally {
        renewals.set(renewals.value + 1);
      }
    },
  };
}
