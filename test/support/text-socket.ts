import { WebSocket } from "ws";

/** A WebSocket whose frames are taken one after the other. */
export interface TextSocket {
  readonly socket: WebSocket;
  /** Resolves with the close code; never rejects. */
  readonly closed: Promise<number>;
  send(text: string): void;
  /** The next text frame, received already or to come. Rejects when the socket closes before. */
  next(): Promise<string>;
  /** The answer to a question, as JSON. */
  ask<T>(text: string): Promise<T>;
}

function textOf(data: unknown): string {
  return data instanceof Uint8Array ? Buffer.from(data).toString("utf8") : "";
}

/** Connects; rejects with the HTTP status in the message when the upgrade is refused. */
export async function openTextSocket(
  base: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<TextSocket> {
  const socket = new WebSocket(`${base.replace(/^http/, "ws")}${path}`, { headers });
  const frames: string[] = [];
  const waiting: { resolve: (text: string) => void; reject: (error: Error) => void }[] = [];
  socket.on("message", (data) => {
    const text = textOf(data);
    const first = waiting.shift();
    if (first === undefined) frames.push(text);
    else first.resolve(text);
  });
  const closed = new Promise<number>((resolve) => {
    socket.once("close", (code: number) => {
      for (const { reject } of waiting.splice(0)) reject(new Error(`Closed with ${code}`));
      resolve(code);
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("unexpected-response", (_request, response) => {
      reject(new Error(`Upgrade refused: ${response.statusCode}`));
      response.resume();
      socket.terminate();
    });
    socket.once("error", reject);
  });
  socket.on("error", () => undefined);
  const next = (): Promise<string> => {
    const ready = frames.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
    });
  };
  return {
    socket,
    closed,
    send: (text) => {
      socket.send(text);
    },
    next,
    async ask<T>(text: string): Promise<T> {
      socket.send(text);
      const answer: T = JSON.parse(await next());
      return answer;
    },
  };
}
