import { MissingPartError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { Store, Unsubscribe } from "../../core/store.ts";
import { createNodeSerialBus } from "../serial/node-serial.ts";
import { LinkClosedError, PortOpenError } from "../serial/port.ts";
import type { ByteLink, SerialBus, SerialPortInfo } from "../serial/port.ts";
import { createMemoryLine } from "./memory-line.ts";

/** Where the simulated board shows its HID chip. The node exists on the simulated bus only. */
export const SIM_SERIAL_PATH = "/dev/ttySIM0";

/** Ids of the USB-to-serial bridge in the usual cable. */
const PORT_INFO: SerialPortInfo = {
  path: SIM_SERIAL_PATH,
  vendorId: "1a86",
  productId: "7523",
  manufacturer: "Farhand simulator",
};

/** What is plugged into the simulated port; `Ch9329Chip` is one. */
export interface SimSerialDevice {
  readonly plugged: Store<boolean>;
  /** The device owns its end of the line. */
  attach(link: ByteLink, lineBaudRate: number): void;
}

/** Both ends of an open line. */
export interface SimLine {
  readonly host: ByteLink;
  readonly peer: ByteLink;
}

/** Makes the line for one opening of the port. */
export type LineMaker = (baudRate: number) => Promise<SimLine>;

/** A pseudo-terminal whose slave is opened by the real serial bus, with real terminal settings. */
export async function makePtyLine(baudRate: number): Promise<SimLine> {
  const { createPtyPair } = await import("./pty-pair.ts");
  const pair = await createPtyPair();
  try {
    const host = await createNodeSerialBus().open(pair.path, { baudRate });
    pair.attached();
    return { host, peer: pair.link };
  } catch (error) {
    await pair.link.close();
    throw error;
  }
}

/** A line that never leaves the process. */
export function makeMemoryLine(): Promise<SimLine> {
  return Promise.resolve(createMemoryLine(SIM_SERIAL_PATH));
}

/** Lines of `preferred` where its parts are installed, else lines in memory, with one warning. */
export function withMemoryFallback(preferred: LineMaker, log: Logger): LineMaker {
  let make = preferred;
  return async (baudRate) => {
    try {
      return await make(baudRate);
    } catch (error) {
      if (!(error instanceof MissingPartError)) throw error;
      log.warn({ err: error }, "simulated serial port has no pseudo-terminal, staying in memory");
      make = makeMemoryLine;
      return makeMemoryLine();
    }
  };
}

/** The host's end under the port's own name. It ends at once when the device is unplugged, whatever the line notices. */
class SimHostLink implements ByteLink {
  readonly name = SIM_SERIAL_PATH;
  readonly #line: ByteLink;
  readonly #closers = new Set<(reason: Error | undefined) => void>();
  readonly #unsubscribe: Unsubscribe;
  #isOpen = true;
  /** Why it was closed from this side. */
  #reason: Error | undefined;

  constructor(line: ByteLink, plugged: Store<boolean>) {
    this.#line = line;
    // NOTE: children inherit the master of a pseudo-terminal, so the hang-up may come only after they have ended.
    this.#unsubscribe = plugged.subscribe((isPlugged) => {
      if (!isPlugged) void this.#end(new LinkClosedError(`${SIM_SERIAL_PATH} was unplugged`));
    });
    line.onClose((reason) => {
      this.#isOpen = false;
      this.#unsubscribe();
      for (const closed of this.#closers) closed(this.#reason ?? reason);
      this.#closers.clear();
    });
  }

  send(bytes: Uint8Array): Promise<void> {
    if (!this.#isOpen) return Promise.reject(new LinkClosedError());
    return this.#line.send(bytes);
  }

  onReceive(listener: (bytes: Uint8Array) => void): Unsubscribe {
    return this.#line.onReceive(listener);
  }

  onClose(listener: (reason: Error | undefined) => void): Unsubscribe {
    this.#closers.add(listener);
    return () => {
      this.#closers.delete(listener);
    };
  }

  close(): Promise<void> {
    return this.#end(undefined);
  }

  #end(reason: Error | undefined): Promise<void> {
    if (this.#isOpen) this.#reason = reason;
    this.#isOpen = false;
    return this.#line.close();
  }
}

function refusal(path: string, problem: string): PortOpenError {
  return new PortOpenError(`Serial port ${path} ${problem}`);
}

/** A bus with one port, behind which the device stands. Nothing native is loaded before the first `open`. */
export function createSimSerialBus(device: SimSerialDevice, makeLine: LineMaker): SerialBus {
  let isTaken = false;
  const connect = async (baudRate: number): Promise<ByteLink> => {
    const { host, peer } = await makeLine(baudRate);
    const link = new SimHostLink(host, device.plugged);
    link.onClose(() => {
      isTaken = false;
    });
    if (device.plugged.value) {
      device.attach(peer, baudRate);
      return link;
    }
    await Promise.all([link.close(), peer.close()]);
    throw refusal(SIM_SERIAL_PATH, "was unplugged");
  };
  return {
    list: () => Promise.resolve(device.plugged.value ? [PORT_INFO] : []),
    async open(path, { baudRate }) {
      if (path !== SIM_SERIAL_PATH || !device.plugged.value) {
        throw refusal(path, `does not exist; the simulated board has ${SIM_SERIAL_PATH}`);
      }
      if (isTaken) throw refusal(path, "is used by another program; stop that program");
      isTaken = true;
      try {
        return await connect(baudRate);
      } catch (error) {
        isTaken = false;
        throw error;
      }
    },
  };
}
