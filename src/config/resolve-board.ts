import { boardPreset } from "./boards.ts";
import type { BoardPreset } from "./boards.ts";
import { freezeDeep } from "./freeze.ts";
import type { LoadedConfig } from "./load.ts";
import type { Origin } from "./problems.ts";
import type { AtxConfig, GadgetConfig, GpioConfig, HidConfig, MsdConfig } from "./schema.ts";

type PinKey = keyof BoardPreset["atx"];

/** Takes the board's value for a key and notes that it came from there. */
type Take = <T>(path: string, value: T) => T;

function resolvePin(
  atx: AtxConfig,
  key: PinKey,
  preset: BoardPreset,
  take: Take,
): AtxConfig[PinKey] {
  if (atx[key] !== "auto") return atx[key];
  return take(`device.atx.${key}`, preset.atx[key] ?? "none");
}

function resolveAtx(atx: AtxConfig, preset: BoardPreset, take: Take): AtxConfig {
  const pins = {
    powerSwitch: resolvePin(atx, "powerSwitch", preset, take),
    resetSwitch: resolvePin(atx, "resetSwitch", preset, take),
    powerLed: resolvePin(atx, "powerLed", preset, take),
    hddLed: resolvePin(atx, "hddLed", preset, take),
  };
  const hasPins = Object.values(pins).some((pin) => pin !== "none");
  const enabled = atx.enabled === "auto" ? take("device.atx.enabled", hasPins) : atx.enabled;
  return { ...atx, ...pins, enabled };
}

function resolveHid(hid: HidConfig, preset: BoardPreset, take: Take): HidConfig {
  const { backend, serialCandidates } = preset.hid;
  const isFixed = hid.backend !== "auto" || backend === "auto";
  return {
    ...hid,
    backend: isFixed ? hid.backend : take("device.hid.backend", backend),
    serialCandidates:
      hid.serialCandidates.length > 0 || serialCandidates.length === 0
        ? hid.serialCandidates
        : take("device.hid.serialCandidates", serialCandidates),
  };
}

function resolveGadget(gadget: GadgetConfig, preset: BoardPreset, take: Take): GadgetConfig {
  if (gadget.enabled !== "auto") return gadget;
  return { ...gadget, enabled: take("device.gadget.enabled", preset.gadget.isPossible) };
}

/** Images need the gadget. */
function resolveMsd(msd: MsdConfig, gadget: GadgetConfig, take: Take): MsdConfig {
  if (msd.enabled !== "auto") return msd;
  return { ...msd, enabled: take("device.msd.enabled", gadget.enabled === true) };
}

/** The driver that channels without one use, as PiKVM names it. */
const BUILT_IN_DRIVER = "__gpio__";

function resolveGpio(gpio: GpioConfig, preset: BoardPreset, take: Take): GpioConfig {
  if (preset.gpioChip === undefined || Object.hasOwn(gpio.drivers, BUILT_IN_DRIVER)) return gpio;
  const builtIn = { type: "gpio", device: preset.gpioChip };
  const drivers = { ...gpio.drivers, [BUILT_IN_DRIVER]: builtIn };
  return { ...gpio, drivers: take("device.gpio.drivers", drivers) };
}

/**
 * Puts the board's values where the configuration says `auto`. `recognized` is the name that `HostProbe.identity`
 * gives; a board named in the configuration wins. Pins that the board does not have become `none`. The HID back end
 * stays `auto` where the board has more than one way.
 */
export function resolveBoard(loaded: LoadedConfig, recognized: string): LoadedConfig {
  const origins = new Map<string, Origin>(loaded.origins);
  const take: Take = (path, value) => {
    origins.set(path, "board");
    return value;
  };
  const { device } = loaded.config;
  const board = device.board === "auto" ? take("device.board", recognized) : device.board;
  const preset = boardPreset(board);
  const gadget = resolveGadget(device.gadget, preset, take);
  const config = freezeDeep({
    ...loaded.config,
    device: {
      ...device,
      board,
      hid: resolveHid(device.hid, preset, take),
      atx: resolveAtx(device.atx, preset, take),
      gpio: resolveGpio(device.gpio, preset, take),
      gadget,
      msd: resolveMsd(device.msd, gadget, take),
    },
  });
  return { ...loaded, config, origins };
}
