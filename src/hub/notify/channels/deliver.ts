import { CHANNEL_SECRETS } from "../../../protocol/fleet/channel-words.ts";
import type { ChannelSettings } from "../../../protocol/fleet/channels.ts";
import type { Delivery } from "./driver.ts";
import { sendEmail } from "./email.ts";
import { createBark, createNtfy, createServerChan, createTelegram } from "./messengers.ts";
import type { Endpoints } from "./messengers.ts";
import { sendWebhook } from "./webhook.ts";

/** Sends a message by a channel; resolves with what the server said. */
export type Deliver = (settings: ChannelSettings, delivery: Delivery) => Promise<string>;

export function createDeliver(endpoints: Endpoints): Deliver {
  const telegram = createTelegram(endpoints);
  const bark = createBark(endpoints);
  const serverChan = createServerChan(endpoints);
  const ntfy = createNtfy(endpoints);
  return (settings, delivery) => {
    switch (settings.kind) {
      case "webhook":
        return sendWebhook(settings, delivery);
      case "email":
        return sendEmail(settings, delivery);
      case "telegram":
        return telegram(settings, delivery);
      case "bark":
        return bark(settings, delivery);
      case "serverchan":
        return serverChan(settings, delivery);
      case "ntfy":
        return ntfy(settings, delivery);
    }
  };
}

/** The secrets of a channel, by name. */
export function secretsOf(settings: ChannelSettings): Map<string, string> {
  const names: readonly string[] = CHANNEL_SECRETS[settings.kind];
  const found = Object.entries(settings).flatMap(([name, value]) =>
    names.includes(name) && typeof value === "string" && value !== ""
      ? [[name, value] as const]
      : [],
  );
  return new Map(found);
}

/** What of a secret a server could repeat: all of it, its words, or parts of an address's path. */
function partsOf(secret: string): string[] {
  if (!URL.canParse(secret)) return [secret, encodeURIComponent(secret), ...secret.split(/[\s:]+/)];
  const { pathname, search } = new URL(secret);
  return [secret, pathname, search, ...pathname.split("/"), ...search.split(/[?&=]/)];
}

const LEAST_LENGTH = 6;

/** A text in which no secret of the channel can be read; servers like to repeat what they were sent. */
export function withoutSecrets(text: string, settings: ChannelSettings): string {
  const parts = [...secretsOf(settings).values()]
    .flatMap(partsOf)
    .filter(({ length }) => length >= LEAST_LENGTH)
    .sort((a, b) => b.length - a.length);
  return parts.reduce((clean, part) => clean.replaceAll(part, "***"), text);
}
