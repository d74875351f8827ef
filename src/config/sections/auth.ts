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
    oidc: Section(
      {
        provider: Word(["off", "oidc", "github"], {
          default: "off",
          description:
            "Signing in through somebody else, on pages of the hub: any OpenID Connect provider, or GitHub.",
        }),
        issuer: Text(
          "",
          "Address of the OpenID Connect provider, https://id.example.com, or of a GitHub Enterprise server.",
        ),
        clientId: Text("", "What the provider calls this server."),
        clientSecret: Secret("What this server proves that with."),
        scope: Text("openid profile email", "What the provider is asked for (OpenID Connect)."),
        userClaim: Text(
          "sub",
          "What tells people apart (OpenID Connect): sub, or email, which the provider has to have verified. GitHub: always the number of the account.",
        ),
        redirectUri: Text(
          "",
          "Where the provider sends people back to, as registered there; empty = /api/oauth_callback at the address that they have come to.",
        ),
        users: Type.Array(
          Type.Object(
            {
              name: Type.String({ minLength: 1, description: "Who it is at the provider." }),
              account: Type.String({ minLength: 1, description: "Whose account here." }),
            },
            { additionalProperties: false },
          ),
          { default: [], description: "Who may sign in this way; nobody else does." },
        ),
      },
      "Sign-in through OpenID Connect or GitHub. Roles are those of the accounts here.",
    ),
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
