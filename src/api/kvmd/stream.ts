/**
 * `/streamer/...`, where PiKVM puts ustreamer's own paths (PiKVM API 6.1). Here one connection to the source is passed on
 * to all readers, each at its own pace. As there, nothing of this starts the video: that takes a `stream=1` WebSocket.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { speakDialect } from "../../http/dialect.ts";
import type { Clock } from "../../core/clock.ts";
import type { Streamer } from "../../device/streamer/streamer.ts";
import { JSON_TYPE, ok } from "../../protocol/kvmd/envelope.ts";
import { queryOf } from "../../protocol/kvmd/query.ts";
import type { Query } from "../../protocol/kvmd/query.ts";
import {
  clientCookie,
  NO_CACHE_HEADERS,
  STREAM_TYPE,
  streamStart,
} from "../../protocol/ustreamer/multipart-writer.ts";
import type { StreamOptions } from "../../protocol/ustreamer/multipart-writer.ts";
import { clientLife } from "./client-life.ts";
import { handleKvmdError } from "./errors.ts";
import type { StreamViewers } from "./stream-viewers.ts";
import { sourceView } from "./streamer-view.ts";

export interface StreamRoutesOptions {
  readonly streamer: Streamer;
  readonly viewers: StreamViewers;
  readonly clock: Clock;
}

const HTML_TYPE = "text/html; charset=utf-8";
const INDEX = `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Picture stream</title>
<ul><li><a href="state">state</a></li><li><a href="snapshot">snapshot</a></li><li><a href="stream">stream</a></li></ul>
<img src="stream" alt="The picture of the computer">
</html>
`;
const KEY_PATTERN = /^[A-Za-z0-9_.:-]{0,64}$/;

/** As the original reads flags: anything but these is no. */
function flag(query: Query, name: string): boolean {
  return ["1", "true", "yes"].includes(query[name]?.toLowerCase() ?? "");
}

function streamOptions(query: Query): StreamOptions {
  const { key = "" } = query;
  return {
    // It becomes part of a cookie.
    key: KEY_PATTERN.test(key) ? key : "",
    extraHeaders: flag(query, "extra_headers"),
    advanceHeaders: flag(query, "advance_headers"),
    dualFinalFrames: flag(query, "dual_final_frames"),
    zeroData: flag(query, "zero_data"),
  };
}

/** As the proxy in front of a streamer that does not run. */
function badGateway(reply: FastifyReply): FastifyReply {
  return reply
    .code(502)
    .type(HTML_TYPE)
    .send(
      "<html><head><title>502 Bad Gateway</title></head><body>The streamer is not running</body></html>",
    );
}

function createStream({ streamer, viewers, clock }: StreamRoutesOptions) {
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const source = streamer.state.value.streamer;
    if (source === null) return badGateway(reply);
    const options = streamOptions(queryOf(request.query));
    const id = viewers.reserve();
    const instanceId = "instance_id" in source ? String(source["instance_id"]) : "";
    const response = reply.hijack().raw;
    // No chunks and no length: the answer ends with the connection, which every MJPEG reader understands.
    response.removeHeader("Transfer-Encoding");
    response.writeHead(200, {
      ...NO_CACHE_HEADERS,
      "Content-Type": STREAM_TYPE,
      "Set-Cookie": clientCookie(options.key, id, instanceId),
      "X-Accel-Buffering": "no",
      Connection: "close",
    });
    response.write(streamStart(options, clock.now()));
    response.socket?.setNoDelay(true);
    const remove = viewers.add(id, response, options);
    const { principal } = request;
    const onRevoked = (): void => void response.destroy();
    const onGone = (): void => {
      principal?.revoked.removeEventListener("abort", onRevoked);
      remove();
    };
    principal?.revoked.addEventListener("abort", onRevoked, { once: true });
    if (principal?.revoked.aborted === true) onRevoked();
    const life = clientLife(request, reply);
    if (life.aborted) onGone();
    else life.addEventListener("abort", onGone, { once: true });
    // A reader that vanishes is noticed by its close.
    response.on("error", () => undefined);
    return reply;
  };
}

function createSnapshot({ streamer }: StreamRoutesOptions) {
  return async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    if (streamer.state.value.streamer === null) return badGateway(reply);
    const request = { allowOffline: true, save: false };
    const { frame, headers } = await streamer.snapshot(request, new AbortController().signal);
    return reply
      .headers({ ...NO_CACHE_HEADERS, ...headers })
      .type("image/jpeg")
      .send(frame.jpeg);
  };
}

function sendState({ streamer, viewers }: StreamRoutesOptions, reply: FastifyReply): FastifyReply {
  const result = sourceView({
    state: streamer.state.value,
    viewers: viewers.stats.value,
    hasH264Clients: streamer.h264.isWatched.value,
  });
  return result === null ? badGateway(reply) : reply.type(JSON_TYPE).send(ok(result));
}

function sendIndex(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const [path = ""] = request.url.split("?");
  // The links of the page are relative, so that it also works behind a prefix.
  if (!path.endsWith("/")) return reply.redirect("streamer/", 301);
  return reply
    .type(HTML_TYPE)
    .header("Content-Security-Policy", "default-src 'none'; img-src 'self'")
    .send(INDEX);
}

/** Declares the paths below its prefix. */
export function streamRoutes(
  app: FastifyInstance,
  options: StreamRoutesOptions,
  done: () => void,
): void {
  speakDialect(app, "kvmd");
  const stream = createStream(options);
  const snapshot = createSnapshot(options);
  const config = { access: "viewer" } as const;
  app.setErrorHandler(handleKvmdError);
  app.addHook("preClose", (next) => {
    options.viewers.close();
    next();
  });
  app.route({ method: "GET", url: "/stream", config, handler: stream });
  app.route({ method: "GET", url: "/snapshot", config, handler: snapshot });
  app.route({
    method: "GET",
    url: "/state",
    config,
    handler: (_request, reply) => sendState(options, reply),
  });
  app.route({
    method: "GET",
    url: "/",
    config,
    handler: (request, reply) => {
      const { action } = queryOf(request.query);
      if (action === "stream") return stream(request, reply);
      return action === "snapshot" ? snapshot(request, reply) : sendIndex(request, reply);
    },
  });
  done();
}
