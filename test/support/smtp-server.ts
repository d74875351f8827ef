import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface SmtpServer {
  readonly port: number;
  /** Commands as they came; the lines of messages are in `messages`. */
  readonly commands: readonly string[];
  readonly messages: readonly string[];
}

export interface SmtpOptions {
  /** The answer to a recipient. Default: taken. */
  readonly recipient?: string;
  /** Part of the addresses that are refused. */
  readonly refuse?: string;
  /** The first line; empty: the server says nothing. */
  readonly greeting?: string;
}

function answerTo(line: string, { recipient = "250 fine", refuse }: SmtpOptions): string {
  const word = line.slice(0, 4).toUpperCase();
  if (word === "EHLO") return "250-localhost\r\n250-AUTH PLAIN\r\n250 SIZE 100000";
  if (word === "AUTH") {
    const right = Buffer.from("\0ada\0secret word").toString("base64");
    return line.endsWith(right) ? "235 welcome" : "535 5.7.8 wrong password";
  }
  if (refuse !== undefined && line.includes(refuse)) return "550 nobody here";
  if (word === "RCPT") return recipient;
  if (word === "DATA") return "354 go on";
  return word === "QUIT" ? "221 bye" : "250 fine";
}

/** A mail server without encryption that takes mail for everybody. */
export async function smtpServer(options: SmtpOptions = {}): Promise<SmtpServer> {
  const { greeting = "220 localhost ready" } = options;
  const commands: string[] = [];
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  const talk = (socket: Socket): void => {
    let buffered = "";
    let mail: string[] | undefined;
    const take = (line: string): void => {
      if (mail === undefined) {
        commands.push(line);
        if (line.toUpperCase() === "DATA") mail = [];
        socket.write(`${answerTo(line, options)}\r\n`);
      } else if (line === ".") {
        messages.push(mail.join("\n"));
        mail = undefined;
        socket.write("250 2.0.0 queued as 42\r\n");
      } else mail.push(line);
    };
    if (greeting !== "") socket.write(`${greeting}\r\n`);
    socket.on("data", (chunk) => {
      buffered += chunk.toString("utf8");
      const lines = buffered.split("\r\n");
      buffered = lines.pop() ?? "";
      for (const line of lines) take(line);
    });
    socket.on("error", () => undefined);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    talk(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, commands, messages };
}
