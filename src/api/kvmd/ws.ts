/**
 * `/api/ws` (PiKVM API 5). Additional to the original: `presence=1`. Deliberately different from the original: a newcomer gets the full state alone, a leaving
 * client releases what it holds instead of what everybody holds (all is released when the last one leaves), input of
 * accounts that may only watch is refused, and a client that does not read is sent away.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { RawData, WebSocket } from "ws";
import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { Store } from "../../core/store.ts";
import type { Hid } from "../../device/hid/hid.ts";
import { bytesOf } from "../../http/socket-bytes.ts";
import { TEXT_TYPE } from "../../protocol/kvmd/envelope.ts";
import { queryOf } from "../../protocol/kvmd/query.ts";
import { optional, validateBool } from "../../protocol/kvmd/validators.ts";
import { BINARY_PONG, decodeBinaryFrame } from "../../protocol/kvmd/ws-binary.ts";
import type { ControlOutcome } from "../../protocol/kvmd/ws-control.ts";
import { decodeJsonFrame, encodeWsEvent } from "../../protocol/kvmd/ws-json.ts";
import { WsControls } from "./ws-controls.ts";
import { WsHub } from "./ws-hub.ts";
import type { PresenceHandle, WsPresence } from "./ws-presence.ts";
import type { WsMember } from "./ws-hub.ts";
import type { WsSource } from "./ws-source.ts";

export interface WsRoutesOptions {
  readonly sources: readonly WsSource[];
  /** Changes whenever everybody has to be told the full state again. */
  readonly renewals?: Store<number>;
  readonly hid: Hid;
  readonly presence: WsPresence;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told how many clients want video, whenever that changes. */
  readonly onViewersChanged?: (count: number) => void;
}

const NORMAL_CLOSURE = 1000;
const JSON_PONG = new TextEncoder().encode(encodeWsEvent("pong", {}));

function wantsVideo(request: FastifyRequest): boolean {
  return optional(queryOf(request.query)["stream"], validateBool, true);
}

function wantsPresence(request: FastifyRequest): boolean {
  return optional(queryOf(request.query)["presence"], validateBool, false);
}

function answerPing({ outbox }: WsMember, isBinary: boolean): void {
  if (isBinary) outbox.send("binary pong", BINARY_PONG, true);
  else outbox.send("pong", JSON_PONG);
}

/** Decodes a frame into the member's controls and answers pings. */
function takeFrame(member: WsMember, data: RawData, isBinary: boolean): ControlOutcome {
  const bytes = bytesOf(data);
  const outcome = isBinary
    ? decodeBinaryFrame(bytes, member.controls)
    : decodeJsonFrame(bytes.toString("utf8"), member.controls);
  if (outcome === "ping") answerPing(member, isBinary);
  return outcome;
}

function isEmpty(data: RawData): boolean {
  return Array.isArray(data) ? data.length === 0 : data.byteLength === 0;
}

interface WsServer extends WsRoutesOptions {
  readonly hub: WsHub;
}

/** Takes what a client sends, as long as it is connected. */
function listen(socket: WebSocket, member: WsMember, log: Logger): void {
  socket.on("message", (data, isBinary) => {
    if (isBinary && isEmpty(data)) {
      socket.close(NORMAL_CLOSURE);
      return;
    }
    try {
      const outcome = takeFrame(member, data, isBinary);
      if (outcome === "done" || outcome === "ping") return;
      log.debug({ outcome, isBinary }, "WebSocket event dropped");
    } catch (error) {
      log.warn({ reason: describeError(error) }, "WebSocket event failed");
    }
  });
}

function serve(server: WsServer, socket: WebSocket, request: FastifyRequest): void {
  const { hub, presence, hid } = server;
  const { principal } = request;
  const user = principal?.user ?? "";
  const log = server.log.child({ user });
  let present: PresenceHandle | undefined;
  const onPress = (): void => present?.noteInput();
  const controls = new WsControls({ hid, log, principal, onPress });
  const member = hub.join(socket, controls, wantsVideo(request));
  present = presence.join({ outbox: member.outbox, user, isTold: wantsPresence(request) });
  const leave = (): void => {
    principal?.revoked.removeEventListener("abort", leave);
    hub.leave(member);
    present.leave();
  };
  listen(socket, member, log);
  socket.once("close", leave);
  // What a signed-out client holds is released now, not when it has said goodbye.
  if (principal?.revoked.aborted === true || socket.readyState !== socket.OPEN) leave();
  else principal?.revoked.addEventListener("abort", leave, { once: true });
}

function refusePlainRequest(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const upgrade = request.headers.upgrade ?? "None";
  return reply
    .code(400)
    .type(TEXT_TYPE)
    .send(`No WebSocket UPGRADE hdr: ${upgrade}\n Can "Upgrade" only to "WebSocket".`);
}

/** Declares the route relative to the dialect's prefix. The plug-in `webSockets` must be registered. */
export function wsRoutes(app: FastifyInstance, options: WsRoutesOptions): void {
  const server = { ...options, hub: new WsHub(options) };
  app.route({
    method: "GET",
    url: "/ws",
    config: { access: "viewer" },
    preValidation: (request, _reply, done) => {
      wantsVideo(request);
      wantsPresence(request);
      done();
    },
    handler: refusePlainRequest,
    wsHandler: (socket, request) => {
      serve(server, socket, request);
    },
  });
}
