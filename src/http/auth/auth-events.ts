import type { LoginMethod } from "./sessions.ts";

/** What happened with credentials, for those who keep a record. Holds no secrets. */
export type AuthEvent =
  /** A session began. */
  | {
      readonly kind: "signedIn";
      readonly user: string;
      readonly address: string;
      readonly method: LoginMethod;
    }
  /** Somebody ended all sessions of the user. */
  | { readonly kind: "signedOut"; readonly user: string }
  /** A wrong credential, as the client wrote it; the user is empty when it names none. */
  | { readonly kind: "refused"; readonly user: string; readonly address: string };
