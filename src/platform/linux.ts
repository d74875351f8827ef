import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/log.ts";
import type { FileStore } from "./files/port.ts";
import { createLinuxGadgetHost } from "./gadget/linux-gadget.ts";
import { selectGpioBank } from "./gpio/select.ts";
import type { HostProbe } from "./host/port.ts";
import { createPictureTools } from "./picture/worker-picture-tools.ts";
import type { Journal } from "./journal/port.ts";
import { createNodeLoopback } from "./loopback/node-loopback.ts";
import { createGrpcDialer } from "./net/grpc/grpc-dialer.ts";
import type { DatagramSender } from "./net/port.ts";
import type { Platform } from "./platform.ts";
import { createNetworkProbe } from "./probe/node-probe.ts";
import type { ProcessRunner } from "./process/port.ts";
import type { PtyHost } from "./pty/port.ts";
import { createLinuxMachine } from "./sampling/linux-machine.ts";
import { createNodeSerialBus } from "./serial/node-serial.ts";
import { createImageStorage } from "./storage/file-images.ts";
import { createHttpFiles } from "./storage/remote/http-files.ts";
import type { ServiceNotifier } from "./systemd/port.ts";
import { createUstreamerCapture } from "./ustreamer/ustreamer-capture.ts";
import { createOutbound } from "./outbound/node-outbound.ts";
import { createWebClient } from "./web/node-web.ts";
import { createWorkerHost } from "./worker/node-worker.ts";

/** What both platforms share and the process builds first. */
export interface PlatformParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly files: FileStore;
  readonly journal: Journal;
  readonly datagrams: DatagramSender;
  readonly service: ServiceNotifier;
  readonly process: ProcessRunner;
  readonly pty: PtyHost;
}

/** The real machine. Native packages are loaded when the part that needs them is first used. */
export function createLinuxPlatform(parts: PlatformParts, host: HostProbe): Platform {
  const { clock, log, files, journal, datagrams, service, process, pty } = parts;
  const gpio = selectGpioBank({ clock, log });
  const pictures = createPictureTools(clock);
  return {
    kind: "linux",
    clock,
    files,
    host,
    machine: createLinuxMachine({ process, clock }),
    serial: createNodeSerialBus(),
    gpio,
    gadget: createLinuxGadgetHost({ clock, log, process }),
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
    video: createUstreamerCapture({ process, files, clock, log }),
    pictures,
    service,
    async close() {
      await pictures.close();
      await gpio.close();
    },
  };
}
