import Type from "typebox";

const Closed = { additionalProperties: false } as const;
const Role = Type.Enum(["viewer", "operator", "admin"]);

export const AccountBody = Type.Object(
  {
    user: Type.String({ minLength: 1, maxLength: 128 }),
    password: Type.String({ minLength: 1, maxLength: 1024 }),
    role: Role,
  },
  Closed,
);
export type AccountBody = Type.Static<typeof AccountBody>;

export const AccountPatch = Type.Object(
  {
    password: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
    role: Type.Optional(Role),
  },
  Closed,
);
export type AccountPatch = Type.Static<typeof AccountPatch>;

/** `GET /native/fleet/accounts`. */
export interface AccountView {
  readonly user: string;
  readonly role: "viewer" | "operator" | "admin";
  /** False when its password hash is in a format that is refused. */
  readonly isUsable: boolean;
  readonly sessions: readonly SessionView[];
}

export interface SessionView {
  readonly id: string;
  readonly createdAt: number;
  /** Null when it does not expire by itself. */
  readonly secondsLeft: number | null;
  /** Open sockets that came with its cookie. */
  readonly sockets: number;
  readonly method: "password" | "oidc";
  /** Of the newest request. */
  readonly lastSeenAt: number;
  readonly address: string;
  readonly userAgent: string;
  /** The one that asks. */
  readonly isMine: boolean;
}

export const TokenBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    /** What it may do at most. */
    role: Role,
    /** Epoch milliseconds; null: until it is revoked. */
    expiresAt: Type.Union([Type.Integer(), Type.Null()], { default: null }),
  },
  Closed,
);
export type TokenBody = Type.Static<typeof TokenBody>;

/** `GET /native/fleet/tokens`: for programs, in the header `Authorization: Bearer`. */
export interface TokenView {
  readonly id: string;
  readonly user: string;
  readonly name: string;
  readonly role: "viewer" | "operator" | "admin";
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
}

/** `POST /native/fleet/tokens`: the only moment at which the token is told. */
export interface IssuedTokenView extends TokenView {
  readonly token: string;
}

/** `GET /native/fleet/audit?before=&limit=&user=&action=&node=`: newest first. */
export interface AuditView {
  readonly entries: readonly AuditEntryView[];
  /** Pass it as `before` for the next page; null at the end. */
  readonly before: number | null;
}

export interface AuditEntryView {
  readonly id: number;
  readonly at: number;
  readonly user: string;
  readonly address: string;
  /** A fixed word: `node.add`, `terminal.open`, `command.run`, `account.add`. */
  readonly action: string;
  /** `FleetNode.id`; 0 for none. */
  readonly node: number;
  readonly detail: string;
}

/** `GET /native/fleet/storage`. `GET /native/fleet/backup` is the file itself. */
export interface StorageView {
  readonly status: "starting" | "ready" | "failed" | "closed";
  /** Why it is failed, for people. */
  readonly problem: string;
  readonly droppedRows: number;
  readonly fileBytes: number;
  readonly logBytes: number;
  readonly freeBytes: number;
  readonly looseRows: number;
  readonly nodes: number;
  readonly online: number;
}

export const CommandBody = Type.Object(
  {
    nodes: Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, maxItems: 1000 }),
    command: Type.String({ minLength: 1, maxLength: 65_536 }),
  },
  Closed,
);
export type CommandBody = Type.Static<typeof CommandBody>;

/** `POST /native/fleet/commands`, `GET /native/fleet/commands/{id}`; without outputs in `GET /native/fleet/commands`. */
export interface CommandRunView {
  readonly id: string;
  readonly command: string;
  readonly user: string;
  readonly startedAt: number;
  readonly outcomes: readonly {
    readonly node: number;
    readonly output: string;
    /** Null while it runs, and for agents that do not tell. */
    readonly exitCode: number | null;
    /** Null while it runs. */
    readonly finishedAt: number | null;
  }[];
}
