import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/log.ts";
import type { FileStore } from "./files/port.ts";
import { createPictureTools } from "./picture/worker-picture-tools.ts";
import type { Journal } from "./journal/port.ts";
import { createNodeLoopback } from "./loopback/node-loopback.ts";
import { createGrpcDialer } from "./net/grpc/grpc-dialer.ts";
import type { DatagramSender } from "./net/port.ts";
import type { Platform } from "./platform.ts";
import { createNetworkProbe } from "./probe/node-probe.ts";
import { createProcessRunner } from "./process/node-process.ts";
import type { ProcessRunner } from "./process/port.ts";
import { createNodePtyHost } from "./pty/node-pty.ts";
import type { PtyHost } from "./pty/port.ts";
import { createLinuxMachine } from "./sampling/linux-machine.ts";
import { createCh9329Chip } from "./sim/ch9329-chip.ts";
import type { Ch9329Chip } from "./sim/ch9329-chip.ts";
import { createSimGadgetHost } from "./sim/gadget.ts";
import type { SimGadgetHost } from "./sim/gadget.ts";
import { createSimGpio } from "./sim/gpio.ts";
import type { SimGpioBank } from "./sim/gpio.ts";
import { createSimHost } from "./sim/host.ts";
import type { SimHost } from "./sim/host.ts";
import { createSimSerialBus, makePtyLine, withMemoryFallback } from "./sim/serial.ts";
import type { LineMaker } from "./sim/serial.ts";
import { createSimVideoCapture } from "./sim/streamer.ts";
import { createTargetPc } from "./sim/target-pc.ts";
import type { TargetPc } from "./sim/target-pc.ts";
import { createImageStorage } from "./storage/file-images.ts";
import { createHttpFiles } from "./storage/remote/http-files.ts";
import type { ServiceNotifier } from "./systemd/port.ts";
import { createOutbound } from "./outbound/node-outbound.ts";
import { createWebClient } from "./web/node-web.ts";
import { createWorkerHost } from "./worker/node-worker.ts";

/** The simulated board: a platform whose hardware is models; the rest is what the caller gives. */
export interface SimPlatform extends Platform {
  readonly kind: "sim";
  /** The controlled computer. */
  readonly target: TargetPc;
  /** The HID chip on the serial port, with its fault switches. */
  readonly chip: Ch9329Chip;
  readonly gpio: SimGpioBank;
  /** The USB device port, with its fault switches and what the computer sees there. */
  readonly gadget: SimGadgetHost;
  readonly host: SimHost;
}

/** State in which the simulation begins. */
export interface SimSeed {
  /** The computer runs from the start. Default true. */
  readonly isOn?: boolean;
  /** Speed the chip is set to. Default 9600. */
  readonly chipBaudRate?: number;
  /** The chip answers as slowly as a real wire does. Default false. */
  readonly wireTiming?: boolean;
}

export interface SimPlatformOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly files: FileStore;
  readonly journal: Journal;
  readonly datagrams: DatagramSender;
  readonly service: ServiceNotifier;
  readonly process?: ProcessRunner;
  readonly pty?: PtyHost;
  /** How the serial port's line is made. Default: a pseudo-terminal, in memory where there is none. */
  readonly makeLine?: LineMaker;
  readonly seed?: SimSeed;
}

/** Builds the simulated board. Native packages are loaded when the serial port or a terminal is first opened. */
export function createSimPlatform(options: SimPlatformOptions): Promise<SimPlatform> {
  const { clock, log, files, journal, datagrams, service, seed = {} } = options;
  const target = createTargetPc(clock, { isOn: seed.isOn ?? true });
  const chip = createCh9329Chip({
    clock,
    target,
    wireTiming: seed.wireTiming ?? false,
    ...(seed.chipBaudRate === undefined ? {} : { baudRate: seed.chipBaudRate }),
  });
  const gpio = createSimGpio(clock, target);
  const pictures = createPictureTools(clock);
  const gadget = createSimGadgetHost(target);
  const process = options.process ?? createProcessRunner(clock);
  const pty = options.pty ?? createNodePtyHost();
  return Promise.resolve({
    kind: "sim",
    clock,
    files,
    host: createSimHost(files),
    machine: createLinuxMachine({ process, clock }),
    serial: createSimSerialBus(chip, options.makeLine ?? withMemoryFallback(makePtyLine, log)),
    gpio,
    gadget,
    images: createImageStorage({ clock }),
    remoteFiles: createHttpFiles({ clock }),
    process,
    pty,
    journal,
    datagrams,
    grpc: createGrpcDialer(),
    loopback: createNodeLoopback(),
    web: createWebClient(clock),
    outbound: createOutbound(clock),
    probe: createNetworkProbe({ clock, process }),
    workers: createWorkerHost(clock, pty),
    video: createSimVideoCapture(target, clock),
    pictures,
    service,
    target,
    chip,
    async close() {
      await pictures.close();
      await chip.close();
      await gpio.close();
      target.close();
    },
  });
}
