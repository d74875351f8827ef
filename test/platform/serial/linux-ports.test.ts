import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { listLinuxPorts } from "../../../src/platform/serial/linux-ports.ts";
import { plantTree } from "../../support/plant-tree.ts";

const USB = "/sys/devices/usb1/1-1";

function link(root: string, path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target.startsWith("/") ? join(root, target) : target, join(root, path));
}

/** A machine with a CH340 cable, an on-board UART, an empty 8250 slot and a virtual terminal. */
function machine(): string {
  const root = plantTree({
    [`${USB}/idVendor`]: "1a86\n",
    [`${USB}/idProduct`]: "7523\n",
    [`${USB}/manufacturer`]: "QinHeng\n",
    [`${USB}/1-1:1.0/ttyUSB0/port_number`]: "0\n",
    "/sys/devices/soc/uart0/driver_override": "(null)\n",
    "/sys/class/tty/ttyUSB0/dev": "188:0\n",
    "/sys/class/tty/ttyAML0/dev": "243:0\n",
    "/sys/class/tty/ttyAML0/type": "5\n",
    "/sys/class/tty/ttyS3/type": "0\n",
    "/sys/class/tty/tty1/dev": "4:1\n",
    "/dev/ttyUSB0": "",
    "/dev/ttyAML0": "",
  });
  link(root, "/sys/class/tty/ttyUSB0/device", `${USB}/1-1:1.0/ttyUSB0`);
  link(root, "/sys/class/tty/ttyAML0/device", "/sys/devices/soc/uart0");
  link(root, "/sys/class/tty/ttyS3/device", "/sys/devices/soc/uart0");
  return root;
}

function list(root: string) {
  return listLinuxPorts({ dev: join(root, "dev"), sys: join(root, "sys") });
}

describe("listLinuxPorts", () => {
  it("lists ports with hardware, USB adapters with their ids first", async () => {
    const root = machine();
    expect(await list(root)).toEqual([
      {
        path: join(root, "dev/ttyUSB0"),
        vendorId: "1a86",
        productId: "7523",
        manufacturer: "QinHeng",
      },
      { path: join(root, "dev/ttyAML0") },
    ]);
  });

  it("adds the name by id, and the one by path where there is no other", async () => {
    const root = machine();
    link(root, "/dev/serial/by-path/platform-usb-0:1", "../../ttyUSB0");
    link(root, "/dev/serial/by-path/platform-uart", "../../ttyAML0");
    link(root, "/dev/serial/by-id/usb-1a86_USB_Serial", "../../ttyUSB0");
    expect((await list(root))?.map(({ stablePath }) => stablePath)).toEqual([
      join(root, "dev/serial/by-id/usb-1a86_USB_Serial"),
      join(root, "dev/serial/by-path/platform-uart"),
    ]);
  });

  it("ignores a stable name whose port is gone", async () => {
    const root = machine();
    link(root, "/dev/serial/by-id/usb-gone", "../../ttyUSB7");
    expect((await list(root))?.every(({ stablePath }) => stablePath === undefined)).toBe(true);
  });

  it("knows nothing without sysfs", async () => {
    expect(await list(plantTree({ "/dev/null0": "" }))).toBeUndefined();
  });
});
