import { createHash } from "node:crypto";
import { recognizeBoard } from "./board-table.ts";
import { parseCpuInfo } from "./parse.ts";
import type { BoardIdentity } from "./port.ts";
import type { FileTree } from "./tree.ts";

const DEVICE_TREE = "/proc/device-tree";
const DMI = "/sys/class/dmi/id";

/** What makers of mainboards leave in the firmware when they name nothing. */
const PLACEHOLDER =
  /^(?:to be filled|default string|system product name|system name|not applicable|none$|o\.?e\.?m|unknown|x\.x)/i;

function meaningful(text: string | undefined): string | undefined {
  return text === undefined || PLACEHOLDER.test(text) ? undefined : text;
}

function dmiModel(tree: FileTree): string | undefined {
  const product = meaningful(tree.text(`${DMI}/product_name`) ?? tree.text(`${DMI}/board_name`));
  const vendor = meaningful(tree.text(`${DMI}/sys_vendor`));
  if (product === undefined || vendor === undefined) return product;
  return product.startsWith(vendor) ? product : `${vendor} ${product}`;
}

function readModel(tree: FileTree): string | null {
  const cpuinfo = tree.text("/proc/cpuinfo") ?? "";
  return (
    tree.text(`${DEVICE_TREE}/model`) ??
    parseCpuInfo(cpuinfo, "Model") ??
    parseCpuInfo(cpuinfo, "Hardware") ??
    dmiModel(tree) ??
    null
  );
}

/** Sixteen hexadecimal digits that stay the same for this installation without giving away what they come from. */
function derivedSerial(tree: FileTree): string {
  const source =
    tree.text("/etc/machine-id") ??
    tree.text("/var/lib/dbus/machine-id") ??
    [
      tree.text("/proc/sys/kernel/hostname") ?? "",
      ...tree.list("/sys/class/net").map((name) => tree.text(`/sys/class/net/${name}/address`)),
    ].join();
  return createHash("sha256").update(`farhand board serial ${source}`).digest("hex").slice(0, 16);
}

/** Boards without a serial number report zeros. */
function nonZero(serial: string | undefined): string | undefined {
  return serial === undefined || /^0*$/.test(serial) ? undefined : serial;
}

/** Who this board is, from the device tree, /proc/cpuinfo or the firmware's tables, in this order. */
export function readIdentity(tree: FileTree): BoardIdentity {
  const model = readModel(tree);
  const compatible = tree.entries(`${DEVICE_TREE}/compatible`);
  const serial =
    nonZero(tree.text(`${DEVICE_TREE}/serial-number`)) ??
    nonZero(parseCpuInfo(tree.text("/proc/cpuinfo") ?? "", "Serial")) ??
    derivedSerial(tree);
  return { preset: recognizeBoard(model, compatible), model, serial, compatible };
}
