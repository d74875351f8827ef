/**
 * `/extras/webterm/ttyd` (PiKVM API 1.2, 10): the WebSocket and the token of ttyd, so that PiKVM's terminal window and
 * ttyd's own page work. Deliberately different from the original: administrators only, and the token is empty, because
 * the request's credentials have been checked already. The reason of the closing frame is a code that says why the
 * terminal has ended; a client that asks with `?ends=code` has its own words for it, and is shown none of the device's
 * but those that name a cure.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { WebSocket } from "ws";
import type { Clock } from "../../core/clock.ts";
import { AppError, describeError, MissingPartError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { Terminal } from "../../device/terminal/terminal.ts";
import type { TerminalEnd, TerminalSession } from "../../device/terminal/terminal-session.ts";
import { plainAddress } from "../../http/address.ts";
import { SendWindow } from "../../http/send-window.ts";
import { bytesOf } from "../../http/socket-bytes.ts";
import type { FileStore } from "../../platform/files/port.ts";
import {
  decodeTerminalFrame,
  encodeTerminalOutput,
  encodeTerminalPreferences,
  encodeTerminalTitle,
} from "../../protocol/kvmd/terminal-frames.ts";
import type { TerminalFrame } from "../../protocol/kvmd/terminal-frames.ts";
import { TERMINAL_PATH, terminalPageRoutes } from "./terminal-page.ts";

export interface TerminalRoutesOptions {
  readonly terminal: Terminal;
  readonly files: FileStore;
  /** Shown in the window's title. */
  readonly hostName: () => string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The client stays on this code: on every other one it would connect again at once. */
const NORMAL_CLOSURE = 1000;
/** A client that does not say how large its window is by then is sent away. */
const HELLO_WITHIN_MS = 10_000;

/** What may be typed before the shell is there. */
const EARLY_FRAMES = 64;

/** The words of the device, by code. */
export const TERMINAL_ENDINGS = {
  exited: "The shell has ended.",
  left: "",
  idle: "Ended: nothing was typed for too long.",
  stopped: "The device is stopping.",
  noHello: "The terminal waited for a first message in vain.",
} as const satisfies Readonly<Record<TerminalEnd["reason"] | "noHello", string>>;

function pass(frame: TerminalFrame, session: TerminalSession): void {
  if (frame.kind === "input") session.write(frame.bytes);
  else if (frame.kind === "resize") session.resize(frame.cols, frame.rows);
}

function asksForCode({ query }: FastifyRequest): boolean {
  return typeof query === "object" && query !== null && "ends" in query && query.ends === "code";
}

/** Joins one socket to one shell. */
class TerminalSocket {
  readonly #options: TerminalRoutesOptions;
  readonly #socket: WebSocket;
  readonly #request: FastifyRequest;
  readonly #cancelHello: () => void;
  #session: TerminalSession | undefined;
  #early: TerminalFrame[] = [];
  #isOpening = false;
  #isOver = false;
  readonly #window = new SendWindow(() => {
    this.#hold();
  });
  #isHeldByClient = false;

  constructor(options: TerminalRoutesOptions, socket: WebSocket, request: FastifyRequest) {
    this.#options = options;
    this.#socket = socket;
    this.#request = request;
    this.#cancelHello = options.clock.setTimer(HELLO_WITHIN_MS, () => {
      this.#finish("noHello");
    });
    socket.on("message", (data) => {
      const frame = decodeTerminalFrame(bytesOf(data));
      if (frame !== undefined && !this.#isOver) this.#take(frame);
    });
  }

  /** Ends both, with a code that says why; idempotent. */
  end(code = ""): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelHello();
    this.#socket.close(NORMAL_CLOSURE, code);
    this.#session?.close().catch((error: unknown) => {
      this.#options.log.warn({ reason: describeError(error) }, "Terminal could not be closed");
    });
  }

  #take(frame: TerminalFrame): void {
    switch (frame.kind) {
      case "hello":
        if (!this.#isOpening) void this.#open(frame.cols, frame.rows);
        return;
      case "input":
      case "resize":
        if (this.#session !== undefined) pass(frame, this.#session);
        else if (this.#isOpening && this.#early.length < EARLY_FRAMES) this.#early.push(frame);
        return;
      case "pause":
      case "resume":
        this.#isHeldByClient = frame.kind === "pause";
        this.#hold();
    }
  }

  async #open(cols: number, rows: number): Promise<void> {
    this.#isOpening = true;
    this.#cancelHello();
    const { terminal, hostName } = this.#options;
    const user = this.#request.principal?.user ?? "";
    const address = plainAddress(this.#request.ip);
    this.#socket.send(encodeTerminalTitle(`Terminal (${hostName()})`));
    this.#socket.send(encodeTerminalPreferences({}));
    try {
      const session = await terminal.open({
        user,
        address,
        cols,
        rows,
        onData: (bytes) => {
          this.#send(bytes);
        },
        onEnd: ({ reason }) => {
          this.#finish(reason);
        },
      });
      this.#session = session;
      if (this.#isOver) await session.close();
      else this.#hold();
      for (const frame of this.#early) pass(frame, session);
      this.#early = [];
    } catch (error) {
      this.#refuse(error);
    }
  }

  #refuse(error: unknown): void {
    const isExpected = error instanceof AppError && error.kind !== "internal";
    if (!isExpected) this.#options.log.error({ err: error }, "Terminal failed");
    else this.#options.log.warn({ reason: error.message }, "Terminal refused");
    if (!asksForCode(this.#request) || error instanceof MissingPartError)
      this.#say(isExpected ? error.message : "The terminal failed; see the log.");
    this.end(isExpected ? error.code : "INTERNAL");
  }

  #finish(code: keyof typeof TERMINAL_ENDINGS): void {
    if (!asksForCode(this.#request)) this.#say(TERMINAL_ENDINGS[code]);
    this.end(code);
  }

  #send(bytes: Uint8Array): void {
    this.#window.leave(bytes.length);
    this.#socket.send(encodeTerminalOutput(bytes), () => {
      this.#window.arrive(bytes.length);
    });
  }

  #hold(): void {
    if (this.#window.isFull || this.#isHeldByClient) this.#session?.pause();
    else this.#session?.resume();
  }

  /** Words of the device in the client's window. */
  #say(text: string): void {
    if (text === "" || this.#isOver) return;
    this.#socket.send(encodeTerminalOutput(new TextEncoder().encode(`\r\n[${text}]\r\n`)));
  }
}

function serve(options: TerminalRoutesOptions, socket: WebSocket, request: FastifyRequest): void {
  const joined = new TerminalSocket(options, socket, request);
  const leave = (): void => {
    request.principal?.revoked.removeEventListener("abort", leave);
    joined.end();
  };
  socket.once("close", leave);
  // The shell of somebody who is signed out ends now, not when the client has said goodbye.
  if (request.principal?.revoked.aborted === true) leave();
  else request.principal?.revoked.addEventListener("abort", leave, { once: true });
}

/** Declares the routes relative to the root. Nothing is declared while the terminal is switched off. */
export function terminalRoutes(app: FastifyInstance, options: TerminalRoutesOptions): void {
  if (!options.terminal.state.value.enabled) return;
  terminalPageRoutes(app, options.files);
  app.route({
    method: "GET",
    url: `${TERMINAL_PATH}/token`,
    config: { access: "admin" },
    handler: (_request, reply) => reply.type("application/json; charset=utf-8").send({ token: "" }),
  });
  app.route({
    method: "GET",
    url: `${TERMINAL_PATH}/ws`,
    config: { access: "admin" },
    handler: (_request, reply) =>
      reply
        .code(426)
        .header("Upgrade", "websocket")
        .type("text/plain; charset=utf-8")
        .send("426: Upgrade Required"),
    wsHandler: (socket, request) => {
      serve(options, socket, request);
    },
  });
}
