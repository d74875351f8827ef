/** Where our answers differ from the recorded ones on purpose. */
export interface Deviation {
  /** `group/name`; `*` stands for any text. */
  readonly case: string;
  /** The beginning of the difference as the comparison words it. */
  readonly difference: string;
  readonly reason: string;
}

export const DEVIATIONS: readonly Deviation[] = [
  {
    case: "auth/login with allowed redirect",
    difference: "set-cookie: ",
    reason: "A login with a redirect sets the same safe cookie as any other.",
  },
  {
    case: "auth/logout with cookie",
    difference: 'set-cookie: "auth_token=; ',
    reason: "The browser is told to forget the cookie that is worthless now.",
  },
  {
    case: "gpio/GET /gpio",
    difference: "body.result.model.view.table[3]",
    reason:
      "An output that can neither be switched nor pulsed is left out of the view too: PiKVM's own page fails on a cell whose channel it does not know.",
  },
  {
    case: "info/GET /info*",
    difference: "body.result.extras.webterm: unexpected",
    reason: "PiKVM's terminal is an installed extra; the recorded daemon had none installed.",
  },
  {
    case: "info/GET /info*",
    difference: "body.result.system.farhand: unexpected",
    reason: "Clients of Farhand learn the real version and whether the board is simulated.",
  },
  {
    case: "info/GET /info*",
    difference: "body.result.hw.platform.video: null instead of string",
    reason: "No capture hardware is known: null, as PiKVM answers without a platform file.",
  },
  {
    case: "export/GET /export/prometheus/metrics",
    difference: "body.farhand_",
    reason: "Figures that PiKVM does not have are exported under a prefix of their own.",
  },
  {
    case: "msd/*",
    difference: "body.result.storage.size: unexpected",
    reason: "Kept from before 4.21 for the clients that read it (PiKVM API 12.3).",
  },
  {
    case: "msd/*",
    difference: "body.result.storage.free: unexpected",
    reason: "Kept from before 4.21 for the clients that read it (PiKVM API 12.3).",
  },
];
