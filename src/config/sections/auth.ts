import Type from "typebox";
import { Flag, Secret, Section, Text, Word } from "./common.ts";

const ROLES = ["viewer", "operator", "admin"] as const;

export const AuthSection = Section(
  {
    initialUser: Text(
      "admin",
      "Owner account made at first start; used only while no account exists.",
    ),
    initialPassword: Secret(
      "Owner's first password; empty = a random one is made and printed once. Used only while no account exists.",
    ),
    htpasswdFile: Text("", "Password file; empty = 'htpasswd' in the data directory."),
    totpSecretFile: Text(
      "",
      "TOTP secret (base32); empty = 'totp.secret' in the data directory. No file, no TOTP.",
    ),
    defaultRole: Word(ROLES, {
      default: "admin",
      description:
        "Role of accounts in the password file that have no role of their own. PiKVM has one level only: everybody may do everything.",
    }),
    expireSeconds: Type.Integer({
      default: 0,
      minimum: 0,
      description: "Longest life of a login session in seconds; 0 = until logout or restart.",
    }),
    extend: Flag(false, "An open WebSocket keeps its login session alive."),
    checkCacheSeconds: Type.Number({
      default: 10,
      minimum: 0,
      maximum: 60,
      description: "How long a successful password check is remembered; 0 = never.",
    }),
    throttle: Section(
      {
        freeAttempts: Type.Integer({
          default: 5,
          minimum: 1,
          description: "Failed logins per account and per address before waiting begins.",
        }),
        maxWaitSeconds: Type.Integer({
          default: 300,
          minimum: 1,
          description: "Longest wait; it doubles with each further failure, from one second.",
        }),
      },
      "Brake on password guessing.",
    ),
  },
  "Accounts and sign-in.",
);
