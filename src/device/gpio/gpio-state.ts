import type { GpioView } from "../../protocol/kvmd/gpio-view.ts";

export interface GpioInputState {
  /** False while the driver cannot be used; `state` is then the last one known. */
  readonly online: boolean;
  readonly state: boolean;
}

export interface GpioOutputState extends GpioInputState {
  /** An operation is going on, or its rest time; `state` is false meanwhile, as clients expect (PiKVM API 15, Q17). */
  readonly busy: boolean;
}

export interface GpioState {
  readonly inputs: Readonly<Record<string, GpioInputState>>;
  readonly outputs: Readonly<Record<string, GpioOutputState>>;
}

/** Where a channel is connected. */
export interface GpioConnection {
  readonly driver: string;
  readonly pin: string;
}

export interface GpioInputModel {
  readonly hw: GpioConnection;
}

export interface GpioOutputModel {
  readonly hw: GpioConnection;
  readonly canSwitch: boolean;
  /** All zero where the channel cannot pulse. */
  readonly pulse: {
    readonly delaySeconds: number;
    readonly minDelaySeconds: number;
    readonly maxDelaySeconds: number;
  };
}

/** Channels that clients may show and use. Constant outputs are not among them. */
export interface GpioScheme {
  readonly inputs: Readonly<Record<string, GpioInputModel>>;
  readonly outputs: Readonly<Record<string, GpioOutputModel>>;
}

export interface GpioModel {
  readonly scheme: GpioScheme;
  readonly view: GpioView;
}
