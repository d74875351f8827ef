import { isIP } from "node:net";
import { howToRestore, MissingPartError } from "../../core/errors.ts";
import { connectionError } from "../web/network-error.ts";
import { allowedAddresses } from "./allowed-addresses.ts";
import type { OutboundParts } from "./http.ts";
import { Limits } from "./limits.ts";
import { MailRefusedError } from "./port.ts";
import type { OutboundMail } from "./port.ts";

async function loadMailer() {
  try {
    return await import("nodemailer");
  } catch (cause) {
    throw new MissingPartError(
      `E-mail needs the package 'nodemailer': ${howToRestore("nodemailer")}`,
      { cause },
    );
  }
}

/** The part of the mailer's errors that says what the server said. */
function serverWords(error: unknown): { readonly code: number; readonly text: string } | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { responseCode, response } = { responseCode: 0, response: "", ...error };
  if (typeof responseCode !== "number" || responseCode < 400) return undefined;
  return { code: responseCode, text: typeof response === "string" ? response : "" };
}

/** The mailer puts a code of its own in the place of the system's. */
function systemError(error: unknown): unknown {
  if (!(error instanceof Error) || !("originalCode" in error)) return error;
  return Object.assign(new Error(error.message, { cause: error }), { code: error.originalCode });
}

/** Codes of 500 and more mean for ever (RFC 5321 4.2.1). */
function refusal(error: unknown, host: string, now: number): Error {
  const words = serverWords(error);
  if (words === undefined) return connectionError(systemError(error), host, now);
  const text = words.text.slice(0, 500);
  return new MailRefusedError(`${host} refuses: ${text}`, words.code >= 500, { cause: error });
}

function transportFor(
  { host, port, security, user, password, timeoutMs }: OutboundMail,
  address: string,
) {
  return {
    // The address that was checked; certificates are compared with the name.
    host: address,
    port,
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    tls: isIP(host) === 0 ? { servername: host } : {},
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(user === "" ? {} : { auth: { user, pass: password } }),
  };
}

/** See `Outbound.mail`. */
export async function sendMail(
  mail: OutboundMail,
  { clock, find }: OutboundParts,
): Promise<string> {
  const { host, allow, from, to, subject, text } = mail;
  const { createTransport } = await loadMailer();
  const limits = new Limits(host, mail, clock);
  try {
    const [first] = await limits.race(allowedAddresses(host, allow, find));
    const transport = createTransport(transportFor(mail, first?.address ?? ""));
    const sent = await limits.race(transport.sendMail({ from, to: [...to], subject, text }));
    const { response, rejected } = sent;
    return rejected.length === 0 ? response : `${response}; not for ${rejected.join(", ")}`;
  } catch (error) {
    throw refusal(limits.stopped ?? error, host, clock.now());
  } finally {
    limits.close();
  }
}
