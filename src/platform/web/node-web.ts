import type { Clock } from "../../core/clock.ts";
import { sendRequest } from "./http-request.ts";
import type { WebClient } from "./port.ts";

/** Node's HTTP client; the WebSocket client is loaded when the first socket is opened. */
export function createWebClient(clock: Clock): WebClient {
  return {
    request: (request) => sendRequest(clock, request),
    async openSocket(options) {
      const { openSocket } = await import("./socket.ts");
      return openSocket(clock, options);
    },
  };
}
