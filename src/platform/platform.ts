import type { Clock } from "../core/clock.ts";
import type { FileStore } from "./files/port.ts";
import type { GadgetHost } from "./gadget/port.ts";
import type { GpioBank } from "./gpio/port.ts";
import type { HostProbe } from "./host/port.ts";
import type { PictureTools } from "./picture/port.ts";
import type { Journal } from "./journal/port.ts";
import type { Loopback } from "./loopback/port.ts";
import type { GrpcDialer } from "./net/grpc/port.ts";
import type { DatagramSender } from "./net/port.ts";
import type { Outbound } from "./outbound/port.ts";
import type { NetworkProbe } from "./probe/port.ts";
import type { ProcessRunner } from "./process/port.ts";
import type { PtyHost } from "./pty/port.ts";
import type { MachineSource } from "./sampling/port.ts";
import type { SerialBus } from "./serial/port.ts";
import type { ImageStorage } from "./storage/port.ts";
import type { RemoteFiles } from "./storage/remote/port.ts";
import type { ServiceNotifier } from "./systemd/port.ts";
import type { VideoCapture } from "./video/port.ts";
import type { WebClient } from "./web/port.ts";
import type { WorkerHost } from "./worker/port.ts";

/** Everything the program gets from the machine it runs on: the sum of the ports. */
export interface Platform {
  readonly kind: "linux" | "sim";
  readonly clock: Clock;
  readonly files: FileStore;
  readonly host: HostProbe;
  /** Figures of this machine; read by nobody but the agent. */
  readonly machine: MachineSource;
  readonly serial: SerialBus;
  readonly gpio: GpioBank;
  readonly gadget: GadgetHost;
  readonly images: ImageStorage;
  readonly remoteFiles: RemoteFiles;
  readonly process: ProcessRunner;
  readonly pty: PtyHost;
  readonly journal: Journal;
  readonly datagrams: DatagramSender;
  readonly grpc: GrpcDialer;
  readonly loopback: Loopback;
  readonly web: WebClient;
  /** For messages to servers that people have named; the web client is for servers of the configuration. */
  readonly outbound: Outbound;
  readonly probe: NetworkProbe;
  readonly workers: WorkerHost;
  readonly video: VideoCapture;
  readonly pictures: PictureTools;
  readonly service: ServiceNotifier;
  /** Releases whatever the platform still holds (simulated devices, GPIO lines). */
  close(): Promise<void>;
}
