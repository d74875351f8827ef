// What the settings pages read and write below /native; both ends are of one build.

type SettingKind = "flag" | "integer" | "number" | "text" | "word" | "words" | "secret" | "json";

/** What a value may be made of: the part of JSON Schema that the configuration is described with. */
export interface SettingSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SettingSchema>>;
  readonly patternProperties?: Readonly<Record<string, SettingSchema>>;
  readonly required?: readonly string[] | undefined;
  readonly items?: SettingSchema;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly SettingSchema[];
  readonly allOf?: readonly SettingSchema[];
  readonly default?: unknown;
  readonly description?: string;
  /** A secret. */
  readonly writeOnly?: boolean;
}

/** One value of the configuration file. */
export interface SettingView {
  /** Keys joined by dots: `http.port`. */
  readonly path: string;
  readonly kind: SettingKind;
  /** The effective value; null for a secret, which is never told. */
  readonly value: unknown;
  /** Of a secret: whether there is one. */
  readonly isSet: boolean;
  readonly default: unknown;
  readonly origin: string;
  /** Set by the environment or the command line, which beat the file. */
  readonly isFixed: boolean;
  readonly description: string;
  readonly words?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  /** Of `text`. */
  readonly pattern?: string;
  /** Of `json`. Secrets within are `(hidden: ...)`, and are kept when written back so, wherever they stand then. */
  readonly schema?: SettingSchema;
}

/** What can begin anew while everything else goes on, in the words of the configuration: to send another one does not compile. */
type RestartPart =
  | "log"
  | "agent"
  | "hid"
  | "atx"
  | "gpio"
  | "msd"
  | "streamer"
  | "info"
  | "switch"
  | "terminal"
  | "gadget";
export type RestartView = "everything" | readonly RestartPart[];

/**
 * `GET /native/settings`, and the answer of `PATCH` with `{ changes: { path: value }, seen: { path: value } }`; null goes
 * back to the default. `seen`, where it is given: 409 when a value is another one by now.
 */
export interface SettingsView {
  readonly file: string;
  readonly settings: readonly SettingView[];
  /** What `POST /native/restart` begins anew; no parts when the file says what runs. */
  readonly restarts: RestartView;
}

/** Answer of `POST /native/restart`: 202 with `everything`, which is about to happen, and 200 with what has. */
export interface TakeOverView {
  readonly restarted: RestartView;
  /** Why something of it runs with the settings before. */
  readonly problem: string | null;
  /** The same, part by part; none while the program itself starts or ends. */
  readonly failures: readonly TakeOverFailureView[];
}

export interface TakeOverFailureView {
  readonly parts: readonly RestartPart[];
  /** The code of the error; empty where it has none. */
  readonly code: string;
  readonly message: string;
}

/** `GET /native/setup`: what a newcomer still has to do. */
export interface SetupView {
  /** The owner still has the password that was made at the first start. */
  readonly hasFirstPassword: boolean;
  /** Whoever asks may only read until it is another one. */
  readonly mustChangePassword: boolean;
  readonly hasOneTimeCodes: boolean;
}

/** `POST /native/totp`: a secret that counts when a code of it is confirmed. */
export interface TotpOffer {
  readonly secret: string;
  /** For authenticator apps. */
  readonly uri: string;
  /** Rows of the QR code, `1` is dark. */
  readonly qr: readonly string[];
}

/** `GET /native/tls`. */
export interface TlsView {
  readonly mode: "off" | "self-signed" | "files";
  /** Null without a certificate. */
  readonly certificate: {
    readonly subject: string;
    readonly issuer: string;
    /** Epoch milliseconds. */
    readonly from: number;
    readonly to: number;
    /** SHA-256, pairs joined by colons. */
    readonly fingerprint: string;
    readonly names: readonly string[];
  } | null;
  /** Why the files are not in use as they are now, and `certificate` stays; null when they are. */
  readonly problem: string | null;
}
