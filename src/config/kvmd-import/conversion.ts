/** One of our settings and where it comes from. */
export interface ImportedSetting {
  /** `device.hid.backend`. */
  readonly path: string;
  readonly value: unknown;
  /** The key and the file of PiKVM's configuration. */
  readonly origin: string;
}

/** A key that has no counterpart here, and why. */
export interface KeyLeft {
  readonly path: string;
  readonly source: string;
  readonly reason: string;
}

export interface Conversion {
  readonly settings: readonly ImportedSetting[];
  readonly left: readonly KeyLeft[];
}
