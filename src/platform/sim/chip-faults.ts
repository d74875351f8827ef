/** Faults of the simulated chip and its wire; plain switches that may be changed at any time. */
export interface ChipFaults {
  /** Every nth reply is lost; 0 = none. */
  dropEveryNth: number;
  /** Replies carry a wrong sum. */
  corruptChecksum: boolean;
  /** Replies go out in two pieces, cut before this byte; 0 = whole. */
  splitAt: number;
  /** Pause between the two pieces. */
  splitGapMs: number;
  /** Replies wait this long. */
  delayMs: number;
  /** The chip hears and obeys, but answers nothing. */
  silent: boolean;
  /** The line's speed is not the chip's, whatever both were set to. */
  wrongBaud: boolean;
  /** The computer has not enumerated the chip: E6 for reports, and GET_INFO says so. */
  notEnumerated: boolean;
  /** Status with which every request but GET_INFO is refused; 0 = none. */
  refuseWith: number;
}

export function noFaults(): ChipFaults {
  return {
    dropEveryNth: 0,
    corruptChecksum: false,
    splitAt: 0,
    splitGapMs: 5,
    delayMs: 0,
    silent: false,
    wrongBaud: false,
    notEnumerated: false,
    refuseWith: 0,
  };
}
