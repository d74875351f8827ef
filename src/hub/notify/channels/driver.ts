import { AppError } from "../../../core/errors.ts";
import type { ChannelKind, ChannelSettings } from "../../../protocol/fleet/channels.ts";
import type { Outbound, OutboundReply, OutboundRequest } from "../../../platform/outbound/port.ts";
import type { Message } from "../messages.ts";

/** The server was reached and did not take the message; the message is what it said. */
export class DeliveryRefusedError extends AppError {
  static readonly code = "DELIVERY_REFUSED";
  /** Trying again will not help: wrong key, no such chat. */
  readonly isFinal: boolean;
  /** The server's own wish; 0 without one. */
  readonly retryAfterSeconds: number;
  constructor(message: string, isFinal: boolean, retryAfterSeconds = 0) {
    super("unavailable", DeliveryRefusedError.code, message);
    this.isFinal = isFinal;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** What every driver is given. */
export interface Delivery {
  readonly message: Message;
  readonly outbound: Outbound;
  /** Networks that may be called although they are not on the public internet. */
  readonly allow: readonly string[];
  readonly signal: AbortSignal;
}

export type SettingsOf<K extends ChannelKind> = Extract<ChannelSettings, { kind: K }>;

/** Resolves with what the server said. Rejects with `DeliveryRefusedError` or like `Outbound`. */
export type Driver<K extends ChannelKind> = (
  settings: SettingsOf<K>,
  delivery: Delivery,
) => Promise<string>;

export const TIMEOUT_MS = 20_000;
const MOST_WORDS = 300;

/** What a server said, short enough for a line. */
export function wordsOf({ status, body }: OutboundReply): string {
  const text = body.replaceAll(/\s+/g, " ").trim().slice(0, MOST_WORDS);
  return text === "" ? String(status) : `${status} ${text}`;
}

/** Which refusals will be the same next time. */
export function isFinalStatus(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 425 && status !== 429;
}

export function send(
  { outbound, allow, signal }: Delivery,
  request: Pick<OutboundRequest, "method" | "url" | "headers" | "body">,
): Promise<OutboundReply> {
  if (!URL.canParse(request.url)) {
    return Promise.reject(new DeliveryRefusedError("The address of the server is not one", true));
  }
  return outbound.request({ ...request, allow, signal, timeoutMs: TIMEOUT_MS });
}

export function sendJson(
  delivery: Delivery,
  url: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<OutboundReply> {
  return send(delivery, {
    method: "POST",
    url,
    headers: { "Content-Type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(body),
  });
}

/** Members of an answer; none when it is no JSON object. */
export function membersOf({ body }: OutboundReply): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

/** An address without the slashes at its end. */
export function baseOf(server: string, standard: string): string {
  return (server === "" ? standard : server).replace(/\/+$/, "");
}
