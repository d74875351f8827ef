// The simulated CH9329 at the other end of the machine's UART, and a small HTTP server through which scenarios see and
// change it. Both live outside the machine: a power cut does not touch them.
import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { systemClock } from "../../../src/core/clock.ts";
import type { ByteLink } from "../../../src/platform/serial/port.ts";
import { createCh9329Chip } from "../../../src/platform/sim/ch9329-chip.ts";
import { createTargetPc } from "../../../src/platform/sim/target-pc.ts";
import type { TargetState } from "../../../src/platform/sim/target-state.ts";

const BAUD_RATE = 9600;
const RETRY_MS = 100;

export interface ChipReport {
  readonly target: TargetState;
  /** Requests that the chip understood so far. */
  readonly requests: number;
}

export interface ChipWishes {
  /** Nothing is answered, as from a chip that lost its power. */
  readonly isSilent?: boolean;
  readonly caps?: boolean;
}

export interface ChipServer {
  readonly port: number;
  report(): ChipReport;
  /** Called with the path and body of every other request; its answer is sent as JSON. */
  onRequest: (path: string, body: unknown) => unknown;
  close(): void;
}

/** QEMU offers the UART as a socket; the chip is plugged in again with every start of the machine. */
function plugIn(path: string, attach: (link: ByteLink) => void): () => void {
  let socket: Socket | undefined;
  let retry: NodeJS.Timeout | undefined;
  const open = (): void => {
    const current = connect(path);
    socket = current;
    current.once("connect", () => {
      attach(linkOf(current));
    });
    current.on("error", () => undefined);
    current.once("close", () => {
      retry = setTimeout(open, RETRY_MS);
    });
  };
  open();
  return () => {
    socket?.removeAllListeners("close");
    socket?.destroy();
    clearTimeout(retry);
  };
}

function linkOf(socket: Socket): ByteLink {
  return {
    name: "uart",
    send: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => {
          if (error) reject(error);
          else resolve();
        });
      }),
    onReceive: (listener) => {
      socket.on("data", listener);
      return () => {
        socket.off("data", listener);
      };
    },
    onClose: (listener) => {
      const closed = (): void => {
        listener(undefined);
      };
      socket.once("close", closed);
      return () => {
        socket.off("close", closed);
      };
    },
    close: () => Promise.resolve(),
  };
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return text === "" ? undefined : JSON.parse(text);
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

/** Starts both; `uart` is the path of QEMU's socket, which need not be there yet. */
export async function startChipServer(uart: string): Promise<ChipServer> {
  const target = createTargetPc(systemClock);
  const chip = createCh9329Chip({
    clock: systemClock,
    target,
    baudRate: BAUD_RATE,
    wireTiming: true,
  });
  let requests = 0;
  chip.onRequest(() => {
    requests += 1;
  });
  const unplug = plugIn(uart, (link) => {
    chip.attach(link, BAUD_RATE);
  });
  const report = (): ChipReport => ({ target: target.state.value, requests });
  const change = ({ isSilent, caps }: ChipWishes): void => {
    if (isSilent !== undefined) chip.faults.silent = isSilent;
    if (caps === undefined || caps === target.state.value.leds.caps) return;
    // Another keyboard of the computer is used.
    target.keyboard(0, [57]);
    target.keyboard(0, []);
  };
  const answer = async (request: IncomingMessage): Promise<unknown> => {
    const body = await readBody(request);
    if (request.url !== "/chip") return self.onRequest(request.url ?? "", body);
    if (body !== undefined) change(body as ChipWishes);
    return report();
  };
  const server = createServer((request, response) => {
    answer(request).then(
      (result) => response.end(JSON.stringify(result ?? null)),
      () => response.destroy(),
    );
  });
  const self: ChipServer = {
    port: await listen(server),
    report,
    onRequest: () => null,
    close: () => {
      unplug();
      server.closeAllConnections();
      server.close();
      void chip.close();
      target.close();
    },
  };
  return self;
}
