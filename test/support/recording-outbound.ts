import type {
  Outbound,
  OutboundMail,
  OutboundReply,
  OutboundRequest,
} from "../../src/platform/outbound/port.ts";

/** Takes every message and remembers it; failures are switched on by the test. */
export interface RecordingOutbound extends Outbound {
  readonly requests: readonly OutboundRequest[];
  readonly mails: readonly OutboundMail[];
  /** JSON bodies of the requests. */
  readonly bodies: readonly Readonly<Record<string, unknown>>[];
  /** Answers of the next requests; a thrown error is a failed connection. */
  answer: () => OutboundReply;
}

export function recordingOutbound(): RecordingOutbound {
  const requests: OutboundRequest[] = [];
  const mails: OutboundMail[] = [];
  return {
    requests,
    mails,
    get bodies() {
      return requests.map(({ body }) => {
        const parsed: Readonly<Record<string, unknown>> = JSON.parse(body ?? "{}");
        return parsed;
      });
    },
    answer: () => ({ status: 200, body: "fine" }),
    async request(request) {
      requests.push(request);
      await Promise.resolve();
      return this.answer();
    },
    async mail(mail) {
      mails.push(mail);
      await Promise.resolve();
      return this.answer().body;
    },
  };
}
