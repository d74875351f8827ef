import type { Message } from "../messages.ts";
import { DeliveryRefusedError, isFinalStatus, send, wordsOf } from "./driver.ts";
import type { Driver } from "./driver.ts";

const FIELD = /\{\{\s*(title|body|node|rule|severity|event|time)\s*\}\}/g;
const NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/;
/** The connection's own. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  "upgrade",
]);

type Escape = (text: string) => string;

const asJson: Escape = (text) => JSON.stringify(text).slice(1, -1);
const asIs: Escape = (text) => text;

function fieldsOf({ title, body, node, rule, severity, event, time }: Message) {
  return new Map(Object.entries({ title, body, node, rule, severity, event, time }));
}

/** Fills `{{title}}` and the like in; anything else stays as it is. */
export function fillTemplate(template: string, message: Message, escape: Escape): string {
  const fields = fieldsOf(message);
  return template.replaceAll(FIELD, (_all, name: string) => escape(fields.get(name) ?? ""));
}

/** Lines of `Name: value`; what is none, or belongs to the connection, is left out. */
export function parseHeaders(text: string): Record<string, string> {
  const pairs = text.split("\n").map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim(), colon] as const;
  });
  const usable = pairs.filter(
    ([name, value, colon]) =>
      colon > 0 && NAME.test(name) && !FORBIDDEN.has(name.toLowerCase()) && !value.includes("\0"),
  );
  return Object.fromEntries(usable.map(([name, value]) => [name, value]));
}

function bodyOf(template: string, contentType: string, message: Message): string {
  if (template === "") return JSON.stringify(message);
  const isJson = contentType === "" || contentType.includes("json");
  return fillTemplate(template, message, isJson ? asJson : asIs);
}

export const sendWebhook: Driver<"webhook"> = async (settings, delivery) => {
  const { url = "", method, contentType, body, headers = "" } = settings;
  const { message } = delivery;
  const type = contentType === "" ? "application/json; charset=utf-8" : contentType;
  const hasBody = method !== "GET";
  const reply = await send(delivery, {
    method,
    url: fillTemplate(url, message, encodeURIComponent),
    headers: { ...(hasBody ? { "Content-Type": type } : {}), ...parseHeaders(headers) },
    ...(hasBody ? { body: bodyOf(body, contentType, message) } : {}),
  });
  if (reply.status >= 200 && reply.status < 300) return wordsOf(reply);
  throw new DeliveryRefusedError(wordsOf(reply), isFinalStatus(reply.status));
};
