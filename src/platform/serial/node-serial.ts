import { createRequire } from "node:module";
import { isMainThread } from "node:worker_threads";
import type { SerialPort } from "serialport";
import { howToRestore, MissingPartError } from "../../core/errors.ts";
import { listLinuxPorts } from "./linux-ports.ts";
import type { PortRoots } from "./linux-ports.ts";
import { explainOpenFailure } from "./open-error.ts";
import { PortOpenError } from "./port.ts";
import type { ByteLink, SerialBus, SerialPortInfo } from "./port.ts";
import { TtyLink } from "./tty-link.ts";
import type { TtyPort } from "./tty-link.ts";

/** What Linux has constants for. */
const MIN_BAUD_RATE = 50;
const MAX_BAUD_RATE = 4_000_000;

interface SerialPackage {
  readonly SerialPort: typeof SerialPort;
}

const requirePackage = createRequire(import.meta.url);

function isSerialPackage(loaded: unknown): loaded is SerialPackage {
  return typeof loaded === "object" && loaded !== null && "SerialPort" in loaded;
}

/**
 * Loads the package on first use; it brings a native addon. Not by `import()`, which reads the text of all its files
 * for the names that they export: five megabytes of memory.
 */
function loadSerialPort(): SerialPackage["SerialPort"] {
  if (!isMainThread) {
    // The addon's poller runs on the process's main loop: used from a worker it would abort the process.
    throw new MissingPartError("Serial ports work only in the main thread of the process");
  }
  try {
    const loaded: unknown = requirePackage("serialport");
    if (!isSerialPackage(loaded)) throw new TypeError("The package has no SerialPort");
    return loaded.SerialPort;
  } catch (cause) {
    throw new MissingPartError(
      `Serial ports need the package 'serialport': ${howToRestore("serialport")}`,
      { cause },
    );
  }
}

function isTtyPort(port: object): port is TtyPort {
  return "fd" in port && "poller" in port;
}

/** 8N1 without flow control; `hupcl` off because on some boards the modem lines are wired to reset. */
async function openTty(path: string, baudRate: number): Promise<TtyPort> {
  if (!Number.isInteger(baudRate) || baudRate < MIN_BAUD_RATE || baudRate > MAX_BAUD_RATE) {
    throw new PortOpenError(`Serial port ${path} cannot run at ${baudRate} baud`);
  }
  const port = await loadSerialPort()
    .binding.open({
      path,
      baudRate,
      dataBits: 8,
      parity: "none",
      stopBits: 1,
      lock: true,
      rtscts: false,
      xon: false,
      xoff: false,
      hupcl: false,
    })
    .catch(async (error: unknown) => {
      throw await explainOpenFailure(path, error);
    });
  if (isTtyPort(port)) return port;
  throw new MissingPartError("Serial ports need a POSIX system");
}

type PackagePort = Awaited<ReturnType<SerialPackage["SerialPort"]["list"]>>[number];

function toPortInfo({ path, vendorId, productId, manufacturer }: PackagePort): SerialPortInfo {
  return {
    path,
    ...(vendorId === undefined ? {} : { vendorId: vendorId.toLowerCase() }),
    ...(productId === undefined ? {} : { productId: productId.toLowerCase() }),
    ...(manufacturer === undefined ? {} : { manufacturer }),
  };
}

async function listElsewhere(): Promise<readonly SerialPortInfo[]> {
  const ports = await loadSerialPort()
    .list()
    .catch(() => []);
  return ports.map(toPortInfo);
}

/**
 * Real serial ports, through the bindings of the `serialport` package. `open` rejects with `PortOpenError`, or with
 * `MissingPartError` when the package is not installed.
 */
export function createNodeSerialBus(roots: PortRoots = { dev: "/dev", sys: "/sys" }): SerialBus {
  return {
    async list() {
      return (await listLinuxPorts(roots)) ?? listElsewhere();
    },
    async open(path, { baudRate }): Promise<ByteLink> {
      return new TtyLink(path, await openTty(path, baudRate));
    },
  };
}
