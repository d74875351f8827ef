/** One line of what the benchmark prints. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  readonly target: string;
}

export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

export function table(rows: readonly Row[]): string {
  return [
    "| What | Measured | Target |",
    "| --- | --- | --- |",
    ...rows.map(({ what, measured, target }) => `| ${what} | ${measured} | ${target} |`),
  ].join("\n");
}
