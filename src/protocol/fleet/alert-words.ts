// Words of alert rules, without the schemas: pages choose from them.

/** Figures that a rule may watch. Percent of what is there, except where the name says otherwise. */
export const ALERT_METRICS = [
  "cpuPercent",
  "memoryPercent",
  "swapPercent",
  "diskPercent",
  "gpuPercent",
  "load1",
  "receivedBytesPerSecond",
  "sentBytesPerSecond",
  "temperatureCelsius",
  "connections",
  "processCount",
] as const;
export type AlertMetric = (typeof ALERT_METRICS)[number];

/** What a rule may watch of the computer behind a KVM, and of the KVM itself. */
export const KVM_ALERTS = ["poweredOff", "poweredOn", "noPicture", "unhealthy"] as const;
export type KvmAlert = (typeof KVM_ALERTS)[number];

export const SEVERITIES = ["info", "warning", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];
