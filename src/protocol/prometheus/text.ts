/**
 * The text format of Prometheus as PiKVM writes it (PiKVM API 4.10): a type line and a sample for each gauge, no help,
 * labels or timestamps, an empty line between metrics.
 */

/** One gauge; a truth value becomes 0 or 1. */
export interface Gauge {
  readonly name: string;
  readonly value: number | boolean;
}

/** Values to export: nested objects with truth values and numbers as leaves; any other leaf is left out. */
export interface GaugeTree {
  readonly [key: string]: unknown;
}

function isTree(value: unknown): value is GaugeTree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A part of a metric name: everything that such a name may not contain becomes `_`. */
export function metricName(text: string): string {
  return text.replaceAll(/\W/g, "_");
}

/**
 * Gauges of a tree in the order of sorted keys, names joined by `_`. Keys in `transparent` add their content but not
 * their name.
 */
export function gaugesOf(
  prefix: string,
  tree: GaugeTree,
  transparent: ReadonlySet<string> = new Set(),
): Gauge[] {
  const gauges: Gauge[] = [];
  for (const key of Object.keys(tree).sort()) {
    const value = tree[key];
    const name = transparent.has(key) ? prefix : `${prefix}_${metricName(key)}`;
    if (isTree(value)) gauges.push(...gaugesOf(name, value, transparent));
    else if (typeof value === "number" || typeof value === "boolean") gauges.push({ name, value });
  }
  return gauges;
}

function sampleText(value: number | boolean): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "+Inf" : "-Inf";
}

/** The document. */
export function encodeGauges(gauges: readonly Gauge[]): string {
  return gauges
    .map(({ name, value }) => `# TYPE ${name} gauge\n${name} ${sampleText(value)}\n`)
    .join("\n");
}
