import type { Clock } from "../../core/clock.ts";
import { ValidationError } from "../../core/errors.ts";
import { CodeWrongError } from "../../http/auth/errors.ts";
import { verifyCode } from "../../http/auth/totp.ts";
import type { FileStore } from "../../platform/files/port.ts";
import type { TotpOffer } from "../../protocol/native/settings.ts";

/** An offer that nobody confirms is worth nothing after this time. */
const OFFER_MS = 600_000;
const SECRET_MODE = 0o600;

export interface OneTimeCodesOptions {
  readonly files: FileStore;
  /** File of the secret, shared with the command `totp`. */
  readonly path: string;
  readonly hostName: string;
  readonly clock: Clock;
}

/** Switching one-time codes on and off: on only when a code has been shown, so that nobody is locked out. */
export interface OneTimeCodes {
  isOn(): Promise<boolean>;
  /** Rejects with `ValidationError` when codes are on already. */
  offer(): Promise<TotpOffer>;
  /** Rejects with `CodeWrongError`, or `ValidationError` without an offer. */
  confirm(code: string): Promise<void>;
  off(): Promise<void>;
}

export function createOneTimeCodes(options: OneTimeCodesOptions): OneTimeCodes {
  const { files, path, hostName, clock } = options;
  let offered: { readonly secret: string; readonly untilMs: number } | undefined;
  const isOn = async (): Promise<boolean> => ((await files.read(path)) ?? "").trim() !== "";
  return {
    isOn,
    async offer() {
      if (await isOn()) throw new ValidationError("One-time codes are on already");
      const [{ generateSecret, generateURI }, { encode }] = await Promise.all([
        import("otplib"),
        import("uqr"),
      ]);
      const secret = generateSecret();
      offered = { secret, untilMs: clock.monotonic() + OFFER_MS };
      const uri = generateURI({ issuer: "Farhand", label: hostName, secret });
      const qr = encode(uri).data.map((row) => row.map((dark) => (dark ? "1" : "0")).join(""));
      return { secret, uri, qr };
    },
    async confirm(code) {
      if (offered === undefined || clock.monotonic() > offered.untilMs) {
        throw new ValidationError("Begin again: this secret was not offered, or too long ago");
      }
      const { secret } = offered;
      if ((await verifyCode(secret, code, clock.now())) === undefined) throw new CodeWrongError();
      await files.writeAtomic(path, `${secret}\n`, { mode: SECRET_MODE });
      offered = undefined;
    },
    off: () => files.remove(path),
  };
}
