import type { HidLeds } from "./driver.ts";

/** Public state of the input subsystem. */
export interface HidState {
  readonly enabled: boolean;
  readonly online: boolean;
  readonly busy: boolean;
  /** Null when the hardware cannot detach. */
  readonly connected: boolean | null;
  readonly keyboard: {
    readonly online: boolean;
    readonly leds: HidLeds;
    readonly outputs: { readonly available: readonly string[]; readonly active: string };
  };
  readonly mouse: {
    readonly online: boolean;
    readonly absolute: boolean;
    readonly outputs: { readonly available: readonly string[]; readonly active: string };
  };
  readonly jiggler: {
    readonly enabled: boolean;
    readonly active: boolean;
    readonly intervalSeconds: number;
  };
  /** For people: chip and port, or why it is offline. */
  readonly description: string | null;
  readonly lastError: string | null;
}
