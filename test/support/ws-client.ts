import { WebSocket } from "ws";
import type { RawData } from "ws";

/** A JSON frame of the server. */
export interface WsMessage {
  readonly eventType: string;
  readonly event: Readonly<Record<string, unknown>>;
}

/** A client of `/api/ws` that remembers everything it was told. */
export interface WsClient {
  readonly socket: WebSocket;
  readonly messages: readonly WsMessage[];
  readonly binaries: readonly Uint8Array[];
  /** Resolves with the close code; never rejects. */
  readonly closed: Promise<number>;
  /** The first message, received already or to come, that fits. Rejects when the socket closes before. */
  waitFor(
    eventType: string,
    fits?: (event: Readonly<Record<string, unknown>>) => boolean,
  ): Promise<WsMessage>;
  /** Resolves when a binary frame has come since the call. */
  nextBinary(): Promise<Uint8Array>;
  send(eventType: string, event: object): void;
  sendRaw(frame: string | Uint8Array): void;
  /** Closes properly and waits for the end. */
  close(): Promise<number>;
  /** Vanishes without a goodbye. */
  vanish(): void;
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

function createClient(socket: WebSocket): WsClient {
  const messages: WsMessage[] = [];
  const binaries: Uint8Array[] = [];
  const checks = new Set<() => void>();
  let isOver = false;
  const runChecks = (): void => {
    for (const check of checks) check();
  };
  socket.on("message", (data: RawData, isBinary: boolean) => {
    if (isBinary) {
      binaries.push(bytesOf(data));
    } else {
      const { event_type, event }: { event_type: string; event: WsMessage["event"] } = JSON.parse(
        Buffer.from(bytesOf(data)).toString("utf8"),
      );
      messages.push({ eventType: event_type, event });
    }
    runChecks();
  });
  socket.on("error", () => undefined);
  const closed = new Promise<number>((resolve) => {
    socket.once("close", (code: number) => {
      isOver = true;
      runChecks();
      resolve(code);
    });
  });
  const wait = <T>(what: string, find: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = find();
        if (found !== undefined) resolve(found);
        else if (isOver) reject(new Error(`The socket closed before ${what}`));
        else return;
        checks.delete(check);
      };
      checks.add(check);
      check();
    });
  return {
    socket,
    messages,
    binaries,
    closed,
    waitFor: (eventType, fits = () => true) =>
      wait(`"${eventType}" came`, () =>
        messages.find((message) => message.eventType === eventType && fits(message.event)),
      ),
    nextBinary: () => {
      const seen = binaries.length;
      return wait("a binary frame came", () => binaries[seen]);
    },
    send: (eventType, event) => {
      socket.send(JSON.stringify({ event_type: eventType, event }));
    },
    sendRaw: (frame) => {
      socket.send(frame);
    },
    close: () => {
      socket.close();
      return closed;
    },
    vanish: () => {
      socket.terminate();
    },
  };
}

/** Connects; rejects with the HTTP status in the message when the upgrade is refused. */
export function connectWs(
  base: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<WsClient> {
  const socket = new WebSocket(`${base.replace(/^http/, "ws")}${path}`, {
    headers,
    rejectUnauthorized: false,
  });
  const client = createClient(socket);
  return new Promise((resolve, reject) => {
    socket.once("open", () => {
      resolve(client);
    });
    socket.once("unexpected-response", (_request, response) => {
      reject(new Error(`Upgrade refused: ${response.statusCode}`));
      response.resume();
      socket.terminate();
    });
    socket.once("error", reject);
  });
}
