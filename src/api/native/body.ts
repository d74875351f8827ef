import Type from "typebox";

const Closed = { additionalProperties: false } as const;

const Values = Type.Record(Type.String({ maxLength: 128 }), Type.Unknown());

/** `seen`: the values that were shown when the changes were made. */
export const SettingsPatch = Type.Object({ changes: Values, seen: Type.Optional(Values) }, Closed);
export type SettingsPatch = Type.Static<typeof SettingsPatch>;

export const PasswordBody = Type.Object(
  {
    current: Type.String({ maxLength: 512 }),
    /** Where one-time codes are on. */
    code: Type.Optional(Type.String({ maxLength: 16 })),
    password: Type.String({ minLength: 8, maxLength: 512 }),
  },
  Closed,
);
export type PasswordBody = Type.Static<typeof PasswordBody>;

export const CodeBody = Type.Object({ code: Type.String({ maxLength: 16 }) }, Closed);
export type CodeBody = Type.Static<typeof CodeBody>;

export const TlsBody = Type.Object(
  {
    certificate: Type.String({ minLength: 1, maxLength: 262_144 }),
    key: Type.String({ minLength: 1, maxLength: 65_536 }),
  },
  Closed,
);
export type TlsBody = Type.Static<typeof TlsBody>;

export const PairBody = Type.Object(
  {
    address: Type.String({ minLength: 1, maxLength: 2048 }),
    kind: Type.Enum(["komari-token", "komari-key", "nezha-secret", "nezha-token"]),
    secret: Type.String({ minLength: 1, maxLength: 1024 }),
    acceptsAnyCertificate: Type.Boolean({ default: false }),
  },
  Closed,
);
export type PairBody = Type.Static<typeof PairBody>;

export const UnpairBody = Type.Object(
  { address: Type.String({ minLength: 1, maxLength: 2048 }) },
  Closed,
);
export type UnpairBody = Type.Static<typeof UnpairBody>;
