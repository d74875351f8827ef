import { language } from "../i18n/language.ts";

const formats = new Map<string, Intl.NumberFormat>();

function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language.value} ${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(language.value, options);
    formats.set(key, format);
  }
  return format;
}

/** With a fixed number of digits after the point, so that nothing moves when it changes. */
export function formatNumber(value: number, digits = 0): string {
  return numberFormat({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(
    value,
  );
}

/** From 0 to 1. */
export function formatPercent(share: number, digits = 0): string {
  return `${formatNumber(share * 100, digits)} %`;
}

const SIZES = ["B", "KB", "MB", "GB", "TB", "PB"] as const;

/** In steps of 1024, with three figures: `1.42 GB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let step = 0;
  while (value >= 999.5 && step < SIZES.length - 1) {
    value /= 1024;
    step += 1;
  }
  const digits = step === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${formatNumber(value, digits)} ${SIZES[step] ?? ""}`;
}

export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

/** The two largest units: `3 days 4 hours`, short: `3d 4h`. */
export function formatDuration(seconds: number, display: "narrow" | "long" = "narrow"): string {
  let rest = Math.max(0, Math.round(seconds));
  const first = UNITS.findIndex(([, size]) => rest >= size);
  if (first === -1) return unitText(0, "second", display);
  const parts: string[] = [];
  for (const [unit, size] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || parts.length === 0) parts.push(unitText(count, unit, display));
  }
  return parts.join(" ");
}

function unitText(count: number, unit: string, unitDisplay: "narrow" | "long"): string {
  return numberFormat({ style: "unit", unit, unitDisplay }).format(count);
}

/** In the viewer's zone. `at` in milliseconds since 1970. */
export function formatTime(at: number, style: "time" | "date" | "both" = "both"): string {
  return new Intl.DateTimeFormat(language.value, {
    ...(style === "time" ? {} : { dateStyle: "medium" }),
    ...(style === "date" ? {} : { timeStyle: "medium" }),
  }).format(at);
}

/** `5 minutes ago`, `in 2 hours`. */
export function formatAgo(at: number, now: number): string {
  const seconds = (at - now) / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  const relative = new Intl.RelativeTimeFormat(language.value, { numeric: "auto" });
  return relative.format(Math.round(seconds / size), unit);
}

/** `one, two and three`. */
export function formatList(items: readonly string[]): string {
  return new Intl.ListFormat(language.value, { type: "conjunction" }).format(items);
}
