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

export interface GpioLabelItem {
  readonly type: "label";
  readonly text: string;
}

export interface GpioInputItem {
  readonly type: "input";
  readonly channel: string;
  readonly color: string;
}

export interface GpioOutputItem {
  readonly type: "output";
  readonly channel: string;
  readonly text: string;
  readonly confirm: boolean;
  readonly hide: boolean;
}

export type GpioItem = GpioLabelItem | GpioInputItem | GpioOutputItem;

/** The menu that clients draw (PiKVM API 4.6). */
export interface GpioView {
  readonly header: { readonly title: readonly (GpioLabelItem | GpioInputItem)[] };
  /** Rows of cells; null separates. */
  readonly table: readonly (readonly GpioItem[] | null)[];
}

export interface GpioModel {
  readonly scheme: GpioScheme;
  readonly view: GpioView;
}
