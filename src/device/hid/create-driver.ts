import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import { until } from "../../core/store.ts";
import type { HidConfig } from "../../config/schema.ts";
import type { UsbGadget } from "../../platform/gadget/port.ts";
import type { SerialBus, SerialPortInfo } from "../../platform/serial/port.ts";
import { createCh9329Hid } from "./ch9329.ts";
import type { HidDriver } from "./driver.ts";
import { FindingHid } from "./finding-driver.ts";
import { createMcuHid } from "./mcu.ts";
import { createNullDriver } from "./null-driver.ts";
import { createOtgHid } from "./otg.ts";
import { probeHidChip } from "./probe.ts";
import { isSwitchPort } from "../switch/find-unit.ts";

export interface CreateHidDriverOptions {
  readonly config: HidConfig;
  readonly serial: SerialBus;
  readonly gadget: UsbGadget;
  /** As the gadget is described. */
  readonly horizontalWheel: boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

type SerialChip = "ch9329" | "mcu";

/** WCH adapters first: that is what HID cables are built from. */
function byLikelihood(a: SerialPortInfo, b: SerialPortInfo): number {
  return Number(b.vendorId === "1a86") - Number(a.vendorId === "1a86");
}

async function candidatePaths({ config, serial }: CreateHidDriverOptions): Promise<string[]> {
  const usb = (await serial.list()).filter(
    (port) => port.vendorId !== undefined && !isSwitchPort(port),
  );
  const found = usb.toSorted(byLikelihood).map((port) => port.stablePath ?? port.path);
  return [...new Set([...config.serialCandidates, ...found])];
}

function openChip(options: CreateHidDriverOptions, chip: SerialChip, path: string): HidDriver {
  const { config, serial, clock, log } = options;
  const common = {
    bus: serial,
    path,
    baudRate: config.baudRate,
    clock,
    log,
    mouseMode: config.mouse,
  };
  return chip === "mcu" ? createMcuHid(common) : createCh9329Hid(common);
}

function openGadget(options: CreateHidDriverOptions): HidDriver {
  const { config, gadget, clock, log, horizontalWheel } = options;
  return createOtgHid({ gadget, clock, log, mouseMode: config.mouse, horizontalWheel });
}

/** The USB gadget comes first: where it can be made, the board was wired for it. */
async function findGadget(
  options: CreateHidDriverOptions,
  signal: AbortSignal,
): Promise<HidDriver | undefined> {
  const { gadget, log } = options;
  const known = until(gadget.state, ({ phase }) => phase !== "starting", signal);
  const state = await known.catch(() => undefined);
  if (state?.phase !== "ready" || !state.hid.includes("keyboard")) return undefined;
  log.info({ devices: state.hid }, "USB gadget is used for keyboard and mouse");
  return openGadget(options);
}

/** Looks for a chip on every likely port; a back end named in the configuration is not exchanged for another. */
function createFinder(options: CreateHidDriverOptions): HidDriver {
  const { config, serial, clock, log } = options;
  let tried: readonly string[] = [];
  return new FindingHid({
    clock,
    log,
    mouseMode: config.mouse,
    capabilities: openChip(options, "ch9329", "").capabilities,
    async find(signal) {
      const otg = config.backend === "auto" ? await findGadget(options, signal) : undefined;
      if (otg !== undefined) return otg;
      tried = config.serialPath === "auto" ? await candidatePaths(options) : [config.serialPath];
      for (const path of tried) {
        if (signal.aborted) return undefined;
        const probed = await probeHidChip(serial, path, clock);
        if (probed === undefined) continue;
        if (config.backend !== "auto" && config.backend !== probed.chip) continue;
        log.info({ path, chip: probed.chip, baudRate: probed.baudRate }, "HID chip found");
        return openChip(options, probed.chip, path);
      }
      return undefined;
    },
    explain() {
      const serialPart =
        tried.length === 0
          ? "No serial port that could carry a HID chip was found; set device.hid.serialPath"
          : `No HID chip answered on ${tried.join(", ")}`;
      const { phase, reason } = options.gadget.state.value;
      return phase === "failed" && reason !== null ? `${serialPart}. ${reason}` : serialPart;
    },
  });
}

/** The driver that the configuration asks for. Opens nothing: that is the driver's `run`. */
export function createHidDriver(options: CreateHidDriverOptions): HidDriver {
  const { config } = options;
  switch (config.backend) {
    case "none":
      return createNullDriver({
        reason: "Switched off by device.hid.backend",
        mouseMode: config.mouse,
      });
    case "otg":
      return openGadget(options);
    case "auto":
      return createFinder(options);
    case "ch9329":
    case "mcu":
      return config.serialPath === "auto"
        ? createFinder(options)
        : openChip(options, config.backend, config.serialPath);
  }
}
