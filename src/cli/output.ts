/** Where a command writes; `CliIo` is one. Each text is one or more whole lines, and the last line end is added. */
export interface CliOutput {
  /** Results. */
  stdout(text: string): void;
  /** Remarks and problems. */
  stderr(text: string): void;
}
