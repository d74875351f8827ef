import Type from "typebox";

const Closed = { additionalProperties: false } as const;
const Line = (maxLength = 1024) => Type.String({ minLength: 1, maxLength });
const Text = (maxLength = 1024) => Type.String({ maxLength, default: "" });
/** Never told again; left out or empty in an edit it stays as it is. */
const Secret = () => Type.Optional(Type.String({ maxLength: 4096 }));

/** Where messages go. In texts of webhooks `{{title}}`, `{{body}}`, `{{node}}`, `{{rule}}`, `{{severity}}`, `{{event}}`, `{{time}}` are filled in. */
export const ChannelSettings = Type.Union([
  Type.Object(
    {
      kind: Type.Literal("webhook"),
      /** Secret, because many of these addresses are all that it takes. Needed. */
      url: Secret(),
      method: Type.Enum(["POST", "GET", "PUT"], { default: "POST" }),
      contentType: Text(128),
      /** Empty: a JSON object with all fields. Filled-in values are escaped for JSON in a JSON body. */
      body: Text(16_384),
      /** Lines of `Name: value`. */
      headers: Secret(),
    },
    Closed,
  ),
  Type.Object(
    {
      kind: Type.Literal("email"),
      host: Line(253),
      port: Type.Integer({ minimum: 1, maximum: 65_535 }),
      /** `tls`: from the first byte. `starttls`: demanded before anything else. `none`: only for servers in the own network. */
      security: Type.Enum(["tls", "starttls", "none"]),
      user: Text(256),
      password: Secret(),
      from: Line(320),
      to: Type.Array(Line(320), { minItems: 1, maxItems: 50 }),
    },
    Closed,
  ),
  Type.Object(
    {
      kind: Type.Literal("telegram"),
      /** Another server that speaks the bot protocol; empty: Telegram's own. */
      server: Text(2048),
      chatId: Line(64),
      /** Number of a topic; empty for none. */
      topic: Text(32),
      token: Secret(),
    },
    Closed,
  ),
  Type.Object(
    {
      kind: Type.Literal("bark"),
      /** Empty: the public server. */
      server: Text(2048),
      key: Secret(),
    },
    Closed,
  ),
  Type.Object({ kind: Type.Literal("serverchan"), key: Secret() }, Closed),
  Type.Object(
    {
      kind: Type.Literal("ntfy"),
      /** Empty: the public server. */
      server: Text(2048),
      topic: Line(64),
      token: Secret(),
    },
    Closed,
  ),
]);
export type ChannelSettings = Type.Static<typeof ChannelSettings>;
export type ChannelKind = ChannelSettings["kind"];

export const ChannelBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 128 }),
    isEnabled: Type.Boolean({ default: true }),
    /** Less severe messages are not sent here. */
    leastSeverity: Type.Enum(["info", "warning", "critical"], { default: "info" }),
    settings: ChannelSettings,
  },
  Closed,
);
export type ChannelBody = Type.Static<typeof ChannelBody>;

/** `GET /native/fleet/channels`: secrets are left out of `settings`; `secrets` names those that are set. */
export interface ChannelView extends ChannelBody {
  readonly id: number;
  readonly secrets: readonly string[];
  /** Where it goes, for people: a server, or who gets the mail. */
  readonly target: string;
  readonly state: {
    /** Epoch milliseconds; null before the first. */
    readonly deliveredAt: number | null;
    readonly failedAt: number | null;
    /** Of the last failure, for people; empty when the last message was delivered. */
    readonly problem: string;
    /** The code of that error; empty where it has none. */
    readonly problemCode: string;
    readonly waiting: number;
    readonly delivered: number;
    readonly failed: number;
  };
}

/** `POST /native/fleet/channels/{id}/test` and `POST /native/fleet/channels/test` with a body like one to save. */
export interface ChannelTest {
  readonly isDelivered: boolean;
  /** What the server said, for people; never holds secrets. */
  readonly answer: string;
  /** The code of the error when it was not delivered; empty where it has none. */
  readonly code: string;
}

/** `GET` and `PUT /native/fleet/notification-settings`. */
export const NotificationSettings = Type.Object(
  {
    language: Type.Enum(["en", "zh"]),
    /** IANA name; for times in messages, quiet hours and the months of traffic limits. */
    timeZone: Type.String({ minLength: 1, maxLength: 64 }),
    quietHours: Type.Object(
      {
        isEnabled: Type.Boolean(),
        /** Minutes from midnight; from after to spans midnight. What is raised meanwhile is told in one message after. */
        fromMinute: Type.Integer({ minimum: 0, maximum: 1439 }),
        toMinute: Type.Integer({ minimum: 0, maximum: 1439 }),
        /** Critical ones are told at once all the same. */
        exceptCritical: Type.Boolean(),
      },
      Closed,
    ),
  },
  Closed,
);
export type NotificationSettings = Type.Static<typeof NotificationSettings>;
