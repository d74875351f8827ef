import { TIMEOUT_MS } from "./driver.ts";
import type { Driver } from "./driver.ts";

export const sendEmail: Driver<"email"> = (settings, { message, outbound, allow, signal }) => {
  const { host, port, security, user, password = "", from, to } = settings;
  return outbound.mail({
    host,
    port,
    security,
    user,
    password,
    from,
    to,
    subject: message.title,
    text: `${message.body}\n`,
    allow,
    signal,
    timeoutMs: TIMEOUT_MS,
  });
};
