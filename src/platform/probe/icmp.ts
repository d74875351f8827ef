import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Clock } from "../../core/clock.ts";
import { howToRestore, MissingPartError } from "../../core/errors.ts";
import { connectionError } from "../web/network-error.ts";
import { withDeadline } from "./deadline.ts";
import type { ProbeLimits } from "./port.ts";

/** Makes a socket of the kernel; a negative number is a refusal. */
export type SocketCall = (domain: number, type: number, protocol: number) => number;

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const IPPROTO_ICMP = 1;
const IPPROTO_ICMPV6 = 58;

const ECHO_REQUEST = { four: 8, six: 128 } as const;
const ECHO_REPLY = { four: 0, six: 129 } as const;
const HEADER_BYTES = 8;
const PACKET_BYTES = 64;
const SEQUENCE_AT = 6;
/** The call wants one; ICMP has none. */
const ANY_PORT = 1;

/** Binds the C library's `socket`. Rejects with `MissingPartError` where the addon is missing. */
export async function loadSocketCall(): Promise<SocketCall> {
  try {
    const { default: koffi } = await import("koffi");
    return koffi.load(null).func("int socket(int domain, int type, int protocol)");
  } catch (cause) {
    throw new MissingPartError(
      `ICMP without the program 'ping' needs the package 'koffi': ${howToRestore("koffi")}`,
      { cause },
    );
  }
}

function packetOf(isSix: boolean, sequence: number): Buffer {
  const packet = Buffer.alloc(PACKET_BYTES);
  packet[0] = isSix ? ECHO_REQUEST.six : ECHO_REQUEST.four;
  packet.writeUInt16BE(sequence, SEQUENCE_AT);
  return packet;
}

function isReply(isSix: boolean, sequence: number, message: Buffer): boolean {
  const type = isSix ? ECHO_REPLY.six : ECHO_REPLY.four;
  if (message.length < HEADER_BYTES || message[0] !== type) return false;
  return message.readUInt16BE(SEQUENCE_AT) === sequence;
}

let lastSequence = 0;

/**
 * One echo through an unprivileged ICMP socket, which the kernel gives to the groups in
 * net.ipv4.ping_group_range. It fills in identifier and checksum, and delivers only our own replies; to Node it is a
 * datagram socket like any other. Undefined when the kernel does not permit it.
 */
export function echoBySocket(
  call: SocketCall,
  clock: Clock,
  address: string,
  limits: ProbeLimits,
): Promise<number> | undefined {
  const isSix = isIPv6(address);
  const protocol = isSix ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
  const fd = call(isSix ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, protocol);
  if (fd < 0) return undefined;
  lastSequence = (lastSequence + 1) % 0x1_00_00;
  const sequence = lastSequence;
  return withDeadline<number>(clock, limits, address, ({ resolve, reject }) => {
    const socket = createSocket(isSix ? "udp6" : "udp4");
    const fail = (error: unknown): void => {
      reject(connectionError(error, address, clock.now()));
    };
    let sentAt = 0;
    socket.on("error", fail);
    socket.on("message", (message) => {
      if (isReply(isSix, sequence, message)) resolve(clock.monotonic() - sentAt);
    });
    socket.bind({ fd }, () => {
      sentAt = clock.monotonic();
      socket.send(packetOf(isSix, sequence), ANY_PORT, address, (error) => {
        if (error !== null) fail(error);
      });
    });
    return () => {
      socket.close();
    };
  });
}
