/** `/api/media` and `/api/media/ws` (PiKVM API 6.2). As there, a `stream=1` WebSocket has to keep the video running. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { RawData, WebSocket } from "ws";
import type { Streamer } from "../../device/streamer/streamer.ts";
import { LatestSender } from "../../http/latest-sender.ts";
import { bytesOf } from "../../http/socket-bytes.ts";
import { JSON_TYPE, ok, TEXT_TYPE } from "../../protocol/kvmd/envelope.ts";
import {
  decodeMediaBinary,
  decodeMediaText,
  isMediaFormat,
  MEDIA_PONG,
  mediaTree,
} from "../../protocol/kvmd/media.ts";
import type { MediaFormat } from "../../protocol/kvmd/media.ts";
import { queryOf } from "../../protocol/kvmd/query.ts";
import { KvmdValidatorError } from "../../protocol/kvmd/validators.ts";
import { encodeWsEvent } from "../../protocol/kvmd/ws-json.ts";
import { MediaSession } from "./media-session.ts";

export interface MediaRoutesOptions {
  readonly streamer: Pick<Streamer, "state" | "watch" | "h264">;
}

const JSON_PONG = encodeWsEvent("pong", {});

function treeOf({ streamer }: MediaRoutesOptions) {
  return mediaTree(streamer.state.value.features.h264);
}

/** The format of pure mode; undefined for the regular one. */
function pureFormat(request: FastifyRequest, options: MediaRoutesOptions): MediaFormat | undefined {
  const { video } = queryOf(request.query);
  if (video === undefined) return undefined;
  const offered = Object.keys(treeOf(options).video);
  if (!isMediaFormat(video) || !offered.includes(video)) {
    throw new KvmdValidatorError("Unsupported video type");
  }
  return video;
}

function takeMessage(
  session: MediaSession,
  pongs: LatestSender<boolean>,
  data: RawData,
  { isBinary, options }: { readonly isBinary: boolean; readonly options: MediaRoutesOptions },
): void {
  const bytes = bytesOf(data);
  const request = isBinary ? decodeMediaBinary(bytes) : decodeMediaText(bytes.toString("utf8"));
  switch (request.kind) {
    case "ping":
      pongs.post(isBinary);
      break;
    case "key":
      session.requestKey();
      break;
    case "start":
      if (Object.keys(treeOf(options).video).includes(request.format))
        session.start(request.format);
      break;
    case "unknown":
      break;
  }
}

function serve(socket: WebSocket, request: FastifyRequest, options: MediaRoutesOptions): void {
  const format = pureFormat(request, options);
  const isPure = format !== undefined;
  const session = new MediaSession(socket, options.streamer, { isPure });
  socket.once("close", () => {
    session.close();
  });
  if (format !== undefined) {
    session.start(format);
    return;
  }
  const pongs = new LatestSender<boolean>((isBinary, done) => {
    socket.send(isBinary ? MEDIA_PONG : JSON_PONG, { binary: isBinary }, done);
  });
  socket.on("message", (data, isBinary) => {
    takeMessage(session, pongs, data, { isBinary, options });
  });
  socket.send(encodeWsEvent("media", treeOf(options)));
}

function refusePlainRequest(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.code(400).type(TEXT_TYPE).send("This is a WebSocket");
}

/** Declares the routes relative to the dialect's prefix. The plug-in `webSockets` must be registered. */
export function mediaRoutes(app: FastifyInstance, options: MediaRoutesOptions): void {
  const config = { access: "viewer" } as const;
  app.route({
    method: "GET",
    url: "/media",
    config,
    handler: (_request, reply) => reply.type(JSON_TYPE).send(ok({ media: treeOf(options) })),
  });
  app.route({
    method: "GET",
    url: "/media/ws",
    config,
    preValidation: (request, _reply, done) => {
      pureFormat(request, options);
      done();
    },
    handler: refusePlainRequest,
    wsHandler: (socket, request) => {
      serve(socket, request, options);
    },
  });
}
