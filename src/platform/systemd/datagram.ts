import { describeError, MissingPartError } from "../../core/errors.ts";

/** Sends one datagram to a unix socket of this machine. */
export interface UnixDatagramSocket {
  /** Never waits. False when nobody listens or the receiver's queue is full. */
  send(message: string): boolean;
}

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const FAMILY_BYTES = 2;

/** `struct sockaddr_un`: family, then the path; a name that begins with `@` is in the abstract namespace. */
export function unixAddress(name: string): Uint8Array {
  const path = Buffer.from(name.startsWith("@") ? `\0${name.slice(1)}` : `${name}\0`);
  const address = Buffer.alloc(FAMILY_BYTES + path.length);
  address.writeUInt16LE(AF_UNIX);
  address.set(path, FAMILY_BYTES);
  return address;
}

/**
 * Node.js has no datagram sockets in the unix domain, so the C library is called. The socket lives as long as the
 * process. Rejects with `MissingPartError` where koffi or the calls are not to be had.
 */
export async function openUnixDatagram(name: string): Promise<UnixDatagramSocket> {
  try {
    const { default: koffi } = await import("koffi");
    const libc = koffi.load(null);
    const socket = libc.func("int socket(int domain, int type, int protocol)");
    const sendto = libc.func(
      "intptr_t sendto(int fd, const uint8_t *data, size_t size, int flags, const uint8_t *address, uint32_t length)",
    );
    const fd: unknown = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (typeof fd !== "number" || fd < 0) throw new Error("no socket");
    const address = unixAddress(name);
    return {
      send(message) {
        const data = Buffer.from(message);
        const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
        const sent: unknown = sendto(fd, data, data.length, flags, address, address.length);
        return sent === data.length;
      },
    };
  } catch (error) {
    throw new MissingPartError(
      `Unix datagrams are not available (optional package koffi): ${describeError(error)}`,
      { cause: error },
    );
  }
}
