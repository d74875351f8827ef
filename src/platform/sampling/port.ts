/** Kernel counters since boot, of all processors together. */
export interface CpuTicks {
  readonly busy: number;
  readonly total: number;
}

export interface MemoryReading {
  readonly totalBytes: number;
  readonly freeBytes: number;
  /** Undefined on kernels that do not tell. */
  readonly availableBytes: number | undefined;
  readonly buffersBytes: number;
  readonly cachedBytes: number;
  readonly reclaimableBytes: number;
  readonly sharedBytes: number;
  readonly swapTotalBytes: number;
  readonly swapFreeBytes: number;
  readonly swapCachedBytes: number;
}

export interface InterfaceCounters {
  readonly name: string;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** One reading of /proc. What could not be read is undefined, or zero, and named in `problems`. */
export interface MachineReading {
  readonly cpu: CpuTicks | undefined;
  readonly memory: MemoryReading | undefined;
  readonly load: readonly [one: number, five: number, fifteen: number];
  readonly interfaces: readonly InterfaceCounters[];
  /** Sockets in every state, IPv4 and IPv6. */
  readonly tcpConnections: number;
  readonly udpConnections: number;
  readonly processCount: number;
  /** Whole seconds since boot. */
  readonly uptimeSeconds: number;
  readonly problems: readonly string[];
}

export interface Mount {
  /** What is mounted: `/dev/mmcblk0p2`, `overlay`, `tank/data`. */
  readonly device: string;
  /** `major:minor` of the kernel. */
  readonly deviceId: string;
  readonly mountPoint: string;
  readonly fsType: string;
  /** Options of the mount and of the file system. */
  readonly options: readonly string[];
}

export interface MountUsage extends Mount {
  readonly totalBytes: number;
  readonly usedBytes: number;
}

export interface TemperatureReading {
  /** Chip and label in lower case, joined by `_`. */
  readonly name: string;
  readonly celsius: number;
}

/** A graphics device as the kernel measures it; null where it does not. */
export interface GraphicsReading {
  readonly name: string;
  readonly utilizationPercent: number | null;
  readonly memoryTotalBytes: number | null;
  readonly memoryUsedBytes: number | null;
  readonly celsius: number | null;
}

export interface SensorReading {
  /** Sorted by name. */
  readonly temperatures: readonly TemperatureReading[];
  /** Only devices of which the kernel tells load or memory. */
  readonly graphics: readonly GraphicsReading[];
}

export interface ProcessorModel {
  readonly name: string;
  /** Logical processors of this model. */
  readonly count: number;
}

/** What stays as it is until the machine is restarted. */
export interface MachineFacts {
  readonly osName: string;
  readonly platform: string;
  readonly platformVersion: string;
  /** Never empty. */
  readonly processors: readonly ProcessorModel[];
  readonly logicalCores: number;
  readonly physicalCores: number;
  /** `none` on bare metal. */
  readonly virtualization: string;
  /** Model names; empty without a graphics device. */
  readonly graphics: readonly string[];
  /** Changes with every start of the machine; empty when unknown. */
  readonly bootId: string;
}

/** Figures of this machine. Nothing here rejects or throws, and no program is started except once by `facts`. */
export interface MachineSource {
  /** Cheap: a few hundred microseconds, for every second. */
  read(): MachineReading;
  /** Mounts that `keeps` accepts, with their sizes. A file system that does not answer is left out. */
  mounts(keeps: (mount: Mount) => boolean): Promise<readonly MountUsage[]>;
  /** Sensors may be slow: for every few seconds. */
  sensors(): Promise<SensorReading>;
  /** Cached after the first call. */
  facts(): Promise<MachineFacts>;
  /** Gives back what reading keeps open. */
  close(): void;
}
