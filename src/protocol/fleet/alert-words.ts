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

export const SEVERITIES = ["info", "warning", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];
