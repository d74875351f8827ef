import koffi from "koffi";
import { unixAddress } from "../../src/platform/systemd/datagram.ts";

/** A bound unix datagram socket, as a service manager has one. */
export interface DatagramListener {
  /** The next message that has already arrived, or undefined. */
  receive(): string | undefined;
  close(): void;
}

const AF_UNIX = 1;
const SOCK_DGRAM_NONBLOCK = 2 | 0o4000;

/** Binds a path or, with a leading `@`, an abstract name. */
export function listenForDatagrams(name: string): DatagramListener {
  const libc = koffi.load(null);
  const socket = libc.func("int socket(int domain, int type, int protocol)");
  const bind = libc.func("int bind(int fd, const uint8_t *address, uint32_t length)");
  const recv = libc.func("intptr_t recv(int fd, _Out_ uint8_t *data, size_t size, int flags)");
  const close = libc.func("int close(int fd)");
  const fd: number = socket(AF_UNIX, SOCK_DGRAM_NONBLOCK, 0);
  const address = unixAddress(name);
  if (bind(fd, address, address.length) !== 0) throw new Error(`cannot bind ${name}`);
  return {
    receive() {
      const data = Buffer.alloc(4096);
      const size = Number(recv(fd, data, data.length, 0));
      return size < 0 ? undefined : data.subarray(0, size).toString();
    },
    close() {
      close(fd);
    },
  };
}
