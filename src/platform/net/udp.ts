import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import { describeError } from "../../core/errors.ts";
import { DatagramError } from "./port.ts";
import type { DatagramSender } from "./port.ts";

interface Target {
  readonly host: string;
  readonly port: number;
}

function transmit(socket: Socket, payload: Uint8Array, target: Target): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(0, () => {
      try {
        // Allowed only after binding; IPv6 has no broadcast.
        if (!isIPv6(target.host)) socket.setBroadcast(true);
        socket.send(payload, target.port, target.host, (error) => {
          if (error === null) resolve();
          else reject(error);
        });
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}

/** Sends each datagram from a socket of its own: they are rare, and an idle socket would only be in the way. */
export function createUdpSender(): DatagramSender {
  return {
    async send(payload, target) {
      const socket = createSocket(isIPv6(target.host) ? "udp6" : "udp4");
      try {
        await transmit(socket, payload, target);
      } catch (error) {
        throw new DatagramError(
          `Sending a datagram to ${target.host}:${target.port} failed: ${describeError(error)}`,
          { cause: error },
        );
      } finally {
        socket.close();
      }
    },
  };
}
