/**
 * WebSocket `/api/clients` (Komari 3): viewers ask with "get" and are answered once. Deliberately different from the
 * original: a token reveals hidden nodes as a session does, and who may see what is looked up at every question.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { WebSocket } from "ws";
import type { Clock } from "../../core/clock.ts";
import { LatestSender } from "../../http/latest-sender.ts";
import type { Hub } from "../../hub/hub.ts";
import { demandOpenSite, seesHidden } from "./calls/call.ts";
import type { LiveFrames } from "./calls/live-frames.ts";
import { visibleNode } from "./calls/node-view.ts";
import { callerOf } from "./rest.ts";

/** RFC 6455 7.4.1. */
const POLICY_VIOLATION = 1008;
/** Front ends ask every second or two; whoever asks more often than this in one second is sent away. */
const MOST_QUESTIONS = 20;
const PERIOD_MS = 1000;
const INVALID = JSON.stringify({ status: "error", error: "Invalid message" });
/** The longest question is "get " and a UUID. */
const MOST_CHARACTERS = 64;

export interface ClientsSocketOptions {
  readonly hub: Hub;
  readonly frames: LiveFrames;
  readonly clock: Clock;
}

/** Counts questions of one socket. */
class Patience {
  readonly #clock: Clock;
  #since = 0;
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isOver(): boolean {
    const now = this.#clock.monotonic();
    if (now - this.#since >= PERIOD_MS) {
      this.#since = now;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count > MOST_QUESTIONS;
  }
}

function answerTo(
  question: string,
  request: FastifyRequest,
  { hub, frames }: ClientsSocketOptions,
): Uint8Array | string {
  const caller = callerOf(request);
  if (question === "get") return frames.frame(seesHidden(caller) ? "all" : "public");
  const match = /^get (.*)$/.exec(question);
  if (match === null) return INVALID;
  return frames.single(visibleNode(hub, caller, match[1]?.trim() ?? ""));
}

function serve(socket: WebSocket, request: FastifyRequest, options: ClientsSocketOptions): void {
  const patience = new Patience(options.clock);
  // A viewer that reads slowly gets the newest answer, not one after the other.
  const sender = new LatestSender<Uint8Array | string>((item, done) => {
    socket.send(item, { binary: false }, () => {
      done();
    });
  });
  socket.on("message", (data, isBinary) => {
    if (patience.isOver()) {
      socket.close(POLICY_VIOLATION, "too many questions");
      return;
    }
    const { site } = options.hub;
    if (request.principal === null && site.values.isPrivate) {
      socket.close(POLICY_VIOLATION, "private site");
      return;
    }
    // Text arrives as one buffer.
    const isQuestion = !isBinary && data instanceof Uint8Array && data.length <= MOST_CHARACTERS;
    sender.post(isQuestion ? answerTo(data.toString(), request, options) : INVALID);
  });
}

export function clientsSocket(app: FastifyInstance, options: ClientsSocketOptions): void {
  app.route({
    method: "GET",
    url: "/api/clients",
    config: { access: "guest" },
    preHandler: (request, _reply, done) => {
      demandOpenSite(callerOf(request), options.hub);
      done();
    },
    handler: (_request, reply) =>
      reply.code(400).send({ status: "error", error: "Require WebSocket upgrade" }),
    wsHandler: (socket, request) => {
      serve(socket, request, options);
    },
  });
}
