import type { HidCapabilities, HidDriverState, HidLeds, MouseMode } from "./driver.ts";

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

/** What the input subsystem knows besides its driver. */
export interface HidLocalState {
  readonly isEnabled: boolean;
  readonly jiggler: HidState["jiggler"];
}

/** Mouse outputs, by PiKVM's name, that take relative motion. */
const RELATIVE_OUTPUTS: ReadonlySet<string> = new Set(["usb_rel", "ps2"]);

/** The mode that a mouse output means. */
export function mouseModeOf(output: string): MouseMode {
  return RELATIVE_OUTPUTS.has(output) ? "relative" : "absolute";
}

function activeMouseOutput(available: readonly string[], mode: MouseMode): string {
  return available.find((output) => mouseModeOf(output) === mode) ?? "";
}

/** The public state that follows from the driver's and ours. */
export function hidStateOf(
  driver: HidDriverState,
  capabilities: HidCapabilities,
  local: HidLocalState,
): HidState {
  const { keyboardOutputs, mouseOutputs } = capabilities;
  // A chip that answers while the computer sleeps or is off takes reports, but nobody reads them.
  const isReadable = driver.online && driver.hostReady !== false;
  return {
    enabled: local.isEnabled,
    online: driver.online,
    busy: driver.busy,
    connected: driver.connected ?? null,
    keyboard: {
      online: isReadable,
      leds: driver.leds,
      outputs: {
        available: keyboardOutputs,
        active: driver.keyboardOutput ?? keyboardOutputs[0] ?? "",
      },
    },
    mouse: {
      online: isReadable,
      absolute: driver.mouseMode === "absolute",
      outputs: {
        available: mouseOutputs,
        active: activeMouseOutput(mouseOutputs, driver.mouseMode),
      },
    },
    jiggler: local.jiggler,
    description: driver.description,
    lastError: driver.lastError,
  };
}
