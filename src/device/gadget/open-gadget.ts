import { createHash } from "node:crypto";
import { join } from "node:path";
import type { DeviceConfig } from "../../config/schema.ts";
import { createStore } from "../../core/store.ts";
import { GadgetOfflineError, HID_ROLES } from "../../platform/gadget/port.ts";
import type {
  GadgetDescription,
  GadgetHost,
  GadgetState,
  HidRole,
  UsbGadget,
} from "../../platform/gadget/port.ts";

export interface OpenGadgetOptions {
  readonly config: DeviceConfig;
  readonly host: GadgetHost;
  readonly dataDir: string;
  readonly hostName: string;
}

/** The folder of the disk images. */
export function imageFolder(config: DeviceConfig, dataDir: string): string {
  return config.msd.path === "" ? join(dataDir, "images") : config.msd.path;
}

/** Stable for a machine and different for most. */
function serialOf(hostName: string): string {
  return createHash("sha256").update(hostName).digest("hex").slice(0, 12).toUpperCase();
}

/** A computer that is attached to a serial chip as well should not get a second keyboard. */
function rolesOf({ hid, gadget }: DeviceConfig): readonly HidRole[] {
  if (hid.backend !== "otg" && hid.backend !== "auto") return [];
  return HID_ROLES.filter((role) => role !== "media" || gadget.media);
}

function describe(config: DeviceConfig, hostName: string): GadgetDescription {
  const { vendorId, productId, manufacturer, product, serial, ...rest } = config.gadget;
  return {
    identity: {
      vendorId,
      productId,
      manufacturer,
      product,
      serial: serial === "" ? serialOf(hostName) : serial,
    },
    maxPower: rest.maxPower,
    horizontalWheel: rest.horizontalWheel,
    endpoints: rest.endpoints,
    hid: rolesOf(config),
    massStorage: config.msd.enabled === true,
  };
}

function absentGadget(reason: string): UsbGadget {
  const refuse = (): Promise<never> => Promise.reject(new GadgetOfflineError(reason));
  return {
    state: createStore<GadgetState>({
      phase: "absent",
      reason,
      binding: 0,
      configured: false,
      drive: undefined,
      hid: [],
      discLimits: undefined,
    }),
    run: () => Promise.resolve(),
    refresh: () => Promise.resolve(),
    insert: refuse,
    eject: refuse,
    openNode: refuse,
  };
}

/** This board as the configured USB device. Nothing happens before its `run`. */
export function openGadget({ config, host, dataDir, hostName }: OpenGadgetOptions): UsbGadget {
  const { enabled, udc, helperSocket } = config.gadget;
  if (enabled !== true) return absentGadget("Switched off by device.gadget.enabled");
  const description = describe(config, hostName);
  if (description.hid.length === 0 && !description.massStorage) {
    return absentGadget("Neither input devices nor a disk are wanted from the USB gadget");
  }
  const storageRoot = imageFolder(config, dataDir);
  return host.open({ description, udc, helperSocket, storageRoot });
}
