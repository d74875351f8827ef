import type { JSX } from "preact";

/** Quiet border that readers need, in modules. */
const BORDER = 2;

/** A QR code; dark on light in every theme, because cameras expect it so. */
export function QrCode({
  rows,
  label,
}: {
  /** `1` is dark. */
  readonly rows: readonly string[];
  readonly label: string;
}): JSX.Element {
  const size = rows.length + 2 * BORDER;
  const path = rows
    .flatMap((row, y) =>
      Array.from(row, (bit, x) => (bit === "1" ? `M${x + BORDER} ${y + BORDER}h1v1h-1z` : "")),
    )
    .join("");
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <rect width={size} height={size} class="light" />
      <path d={path} class="dark" />
    </svg>
  );
}
