import type { Clock } from "../../core/clock.ts";
import { systemLookup } from "./allowed-addresses.ts";
import type { LookupAll } from "./allowed-addresses.ts";
import type { Outbound } from "./port.ts";

/** `find` is a seam for tests. The parts are loaded with the first message. */
export function createOutbound(clock: Clock, find: LookupAll = systemLookup): Outbound {
  const parts = { clock, find };
  return {
    async request(request) {
      const { sendOutbound } = await import("./http.ts");
      return sendOutbound(request, parts);
    },
    async mail(mail) {
      const { sendMail } = await import("./mail.ts");
      return sendMail(mail, parts);
    },
  };
}
