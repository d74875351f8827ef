import type { JSX } from "preact";
import { formatPercent } from "../../../lib/format.ts";

const WARN_FROM = 0.8;
const BAD_FROM = 0.92;

export function toneOf(share: number): "warn" | "bad" | undefined {
  if (share >= BAD_FROM) return "bad";
  return share >= WARN_FROM ? "warn" : undefined;
}

/**
 * How full something is, as a bar and in words. The bar is a background: a new value lays nothing out again, and costs
 * no layer of its own.
 */
export function Meter({
  label,
  share,
  detail,
}: {
  readonly label: string;
  /** From 0 to 1. */
  readonly share: number;
  readonly detail?: string | undefined;
}): JSX.Element {
  const bounded = Math.min(1, Math.max(0, share));
  return (
    <div class="meter" title={detail}>
      <span class="name">{label}</span>
      <span class="value">{formatPercent(bounded)}</span>
      <span
        class={`bar ${toneOf(bounded) ?? ""}`}
        aria-hidden="true"
        style={{ backgroundSize: `${(bounded * 100).toFixed(1)}% 100%` }}
      />
    </div>
  );
}
