import { MissingPartError } from "../../core/errors.ts";
import { connectionError } from "../web/network-error.ts";
import { allowedAddresses } from "./allowed-addresses.ts";
import type { OutboundParts } from "./http.ts";
import { MailRefusedError } from "./port.ts";
import type { OutboundMail } from "./port.ts";

async function loadMailer() {
  try {
    return await import("nodemailer");
  } catch (cause) {
    throw new MissingPartError("E-mail needs the package nodemailer: npm install nodemailer", {
      cause,
    });
  }
}

/** The part of the mailer's errors that says what the server said. */
function serverWords(error: unknown): { readonly code: number; readonly text: string } | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { responseCode, response } = { responseCode: 0, response: "", ...error };
  if (typeof responseCode !== "number" || responseCode < 400) return undefined;
  return { code: responseCode, text: typeof response === "string" ? response : "" };
}

/** Codes of 500 and more mean for ever (RFC 5321 4.2.1). */
function refusal(error: unknown, host: string, now: number): Error {
  const words = serverWords(error);
  if (words === undefined) return connectionError(error, host, now);
  const text = words.text.slice(0, 500);
  return new MailRefusedError(`${host} refuses: ${text}`, words.code >= 500, { cause: error });
}

/** See `Outbound.mail`. */
export async function sendMail(
  mail: OutboundMail,
  { clock, find }: OutboundParts,
): Promise<string> {
  const { host, port, security, user, password, allow, timeoutMs, signal } = mail;
  const { createTransport } = await loadMailer();
  let addresses;
  try {
    addresses = await allowedAddresses(host, allow, find);
  } catch (error) {
    throw connectionError(error, host, clock.now());
  }
  const transport = createTransport({
    // The address that was checked; certificates are compared with the name.
    host: addresses[0]?.address ?? "",
    port,
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    tls: { servername: host },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(user === "" ? {} : { auth: { user, pass: password } }),
  });
  const stop = (): void => {
    transport.close();
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    const { from, to, subject, text } = mail;
    const sent = await transport.sendMail({ from, to: [...to], subject, text });
    return sent.response;
  } catch (error) {
    throw refusal(error, host, clock.now());
  } finally {
    signal.removeEventListener("abort", stop);
    transport.close();
  }
}
