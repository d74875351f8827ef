export interface AtxState {
  readonly enabled: boolean;
  /** Power and reset lines are separate exclusive regions. */
  readonly acts: { readonly power: boolean; readonly reset: boolean };
  readonly leds: { readonly power: boolean; readonly hdd: boolean };
  /** For people: why a line is unusable. */
  readonly lastError: string | null;
}

export type AtxAction = "on" | "off" | "off_hard" | "reset_hard";
export type AtxButton = "power" | "power_long" | "reset";
