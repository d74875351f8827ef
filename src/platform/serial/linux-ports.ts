import { readdir, readFile, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { SerialPortInfo } from "./port.ts";

/** Where the kernel and udev show things; other folders in tests. */
export interface PortRoots {
  readonly dev: string;
  readonly sys: string;
}

/** How far above a tty's device its USB device stands: interface, port driver, hub. */
const PARENTS = 4;

async function text(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").then(
    (content) => content.trim() || undefined,
    () => undefined,
  );
}

async function entries(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

/** Real node -> name that survives replugging; `by-id` wins over `by-path`. */
async function stableNames(dev: string): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const folder of ["by-path", "by-id"]) {
    const parent = join(dev, "serial", folder);
    for (const name of await entries(parent)) {
      const link = join(parent, name);
      const node = await realpath(link).catch(() => undefined);
      if (node !== undefined) names.set(node, link);
    }
  }
  return names;
}

type UsbFacts = Pick<SerialPortInfo, "vendorId" | "productId" | "manufacturer">;

async function usbFacts(device: string): Promise<UsbFacts> {
  let folder = device;
  for (let step = 0; step < PARENTS; step += 1) {
    const vendorId = await text(join(folder, "idVendor"));
    const productId = await text(join(folder, "idProduct"));
    if (vendorId !== undefined && productId !== undefined) {
      const manufacturer = await text(join(folder, "manufacturer"));
      return { vendorId, productId, ...(manufacturer === undefined ? {} : { manufacturer }) };
    }
    folder = dirname(folder);
  }
  return {};
}

/** The 8250 driver registers a row of ports whether or not there is a chip; `type` 0 is "unknown". */
async function hasHardware(sysTty: string): Promise<boolean> {
  return (await text(join(sysTty, "type"))) !== "0";
}

async function describePort(
  sysTty: string,
  roots: PortRoots,
  stable: ReadonlyMap<string, string>,
): Promise<SerialPortInfo | undefined> {
  const device = await realpath(join(sysTty, "device")).catch(() => undefined);
  if (device === undefined || !(await hasHardware(sysTty))) return undefined;
  const path = join(roots.dev, basename(sysTty));
  const stablePath = stable.get(path);
  return { path, ...(stablePath === undefined ? {} : { stablePath }), ...(await usbFacts(device)) };
}

/**
 * Serial ports with hardware behind them, USB adapters first, read from sysfs: no udev needed, and nothing is spawned.
 * Undefined where there is no such tree.
 */
export async function listLinuxPorts(
  roots: PortRoots,
): Promise<readonly SerialPortInfo[] | undefined> {
  const folder = join(roots.sys, "class", "tty");
  const names = await entries(folder);
  if (names.length === 0) return undefined;
  const stable = await stableNames(roots.dev);
  const found = await Promise.all(
    names.map((name) => describePort(join(folder, name), roots, stable)),
  );
  const ports = found.filter((port) => port !== undefined);
  const rank = (port: SerialPortInfo): number => (port.vendorId === undefined ? 1 : 0);
  return ports.sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path));
}
