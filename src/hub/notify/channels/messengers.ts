/** Services for telephones: Telegram (Bot API), Bark (push API v2), ServerChan (Turbo and 3), ntfy (publishing as JSON). */
import type { Severity } from "../../../protocol/fleet/alerts.ts";
import type { OutboundReply } from "../../../platform/outbound/port.ts";
import {
  baseOf,
  DeliveryRefusedError,
  isFinalStatus,
  membersOf,
  sendJson,
  wordsOf,
} from "./driver.ts";
import type { Driver } from "./driver.ts";

/** Telegram takes 4096 characters; ServerChan Turbo 32 in a title. */
const TELEGRAM_MOST = 4000;
const SERVERCHAN_TITLE = 32;

/** The services' own addresses; a seam for tests. */
export interface Endpoints {
  readonly telegram: string;
  readonly bark: string;
  readonly ntfy: string;
  readonly serverChan: (key: string) => string;
}

/** Keys of ServerChan 3 have their user's number in them. */
const SERVERCHAN_3 = /^sctp(\d+)t/i;

export const PUBLIC_ENDPOINTS: Endpoints = {
  telegram: "https://api.telegram.org",
  bark: "https://api.day.app",
  ntfy: "https://ntfy.sh",
  serverChan(key) {
    const user = SERVERCHAN_3.exec(key)?.[1];
    const safe = encodeURIComponent(key);
    return user === undefined
      ? `https://sctapi.ftqq.com/${safe}.send`
      : `https://${user}.push.ft07.com/send/${safe}.send`;
  },
};

const isFine = ({ status }: OutboundReply): boolean => status >= 200 && status < 300;

function demand(value: string | undefined, what: string): string {
  if (value === undefined || value === "")
    throw new DeliveryRefusedError(`The ${what} is missing`, true);
  return value;
}

function textOf(value: unknown, reply: OutboundReply): string {
  return typeof value === "string" && value !== "" ? `${reply.status} ${value}` : wordsOf(reply);
}

function retryAfter(parameters: unknown): number {
  if (typeof parameters !== "object" || parameters === null) return 0;
  const { retry_after: seconds } = { retry_after: 0, ...parameters };
  return typeof seconds === "number" && seconds > 0 ? seconds : 0;
}

export function createTelegram({ telegram }: Endpoints): Driver<"telegram"> {
  return async ({ server, chatId, topic, token }, delivery) => {
    const { title, body } = delivery.message;
    const bot = encodeURIComponent(demand(token, "bot's token")).replaceAll("%3A", ":");
    const thread = /^\d+$/.test(topic) ? { message_thread_id: Number(topic) } : {};
    const reply = await sendJson(delivery, `${baseOf(server, telegram)}/bot${bot}/sendMessage`, {
      chat_id: chatId,
      text: `${title}\n${body}`.slice(0, TELEGRAM_MOST),
      link_preview_options: { is_disabled: true },
      ...thread,
    });
    const { ok, description, parameters } = {
      ok: false,
      description: "",
      parameters: {},
      ...membersOf(reply),
    };
    if (isFine(reply) && ok) return wordsOf({ status: reply.status, body: "ok" });
    throw new DeliveryRefusedError(
      textOf(description, reply),
      isFinalStatus(reply.status),
      retryAfter(parameters),
    );
  };
}

const BARK_LEVELS: Readonly<Record<Severity, string>> = {
  info: "active",
  warning: "active",
  critical: "timeSensitive",
};

export function createBark({ bark }: Endpoints): Driver<"bark"> {
  return async ({ server, key }, delivery) => {
    const { title, body, severity } = delivery.message;
    const reply = await sendJson(delivery, `${baseOf(server, bark)}/push`, {
      device_key: demand(key, "device's key"),
      title,
      body,
      group: "Farhand",
      level: BARK_LEVELS[severity],
    });
    const { code, message } = { code: reply.status, message: "", ...membersOf(reply) };
    if (isFine(reply) && code === 200) return textOf(message, reply);
    throw new DeliveryRefusedError(textOf(message, reply), isFinalStatus(reply.status));
  };
}

/** Never ends within a character that takes two places. */
function shortTitle(title: string): string {
  return Array.from(title).slice(0, SERVERCHAN_TITLE).join("");
}

export function createServerChan({ serverChan }: Endpoints): Driver<"serverchan"> {
  return async ({ key }, delivery) => {
    const { title, body } = delivery.message;
    const reply = await sendJson(delivery, serverChan(demand(key, "key")), {
      title: shortTitle(title),
      // Its texts are Markdown: a line needs an empty one after it.
      desp: `${title}\n\n${body.replaceAll("\n", "\n\n")}`,
    });
    const { code, message } = { code: reply.status, message: "", ...membersOf(reply) };
    if (isFine(reply) && code === 0) return wordsOf({ status: reply.status, body: "ok" });
    throw new DeliveryRefusedError(textOf(message, reply), isFinalStatus(reply.status));
  };
}

const NTFY_PRIORITIES: Readonly<Record<Severity, number>> = { info: 3, warning: 4, critical: 5 };

export function createNtfy({ ntfy }: Endpoints): Driver<"ntfy"> {
  return async ({ server, topic, token }, delivery) => {
    const { title, body, severity } = delivery.message;
    const isSigned = token !== undefined && token !== "";
    const reply = await sendJson(
      delivery,
      `${baseOf(server, ntfy)}/`,
      { topic, title, message: body, priority: NTFY_PRIORITIES[severity] },
      isSigned ? { Authorization: `Bearer ${token}` } : {},
    );
    const { id, error } = { id: "", error: "", ...membersOf(reply) };
    if (isFine(reply) && typeof id === "string" && id !== "") {
      return wordsOf({ status: reply.status, body: "ok" });
    }
    throw new DeliveryRefusedError(
      textOf(error, reply),
      isFinalStatus(reply.status) || isFine(reply),
    );
  };
}
