import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Clock } from "../core/clock.ts";
import { parseQuery } from "./query.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The handler reads the body itself and at its own pace: no deadline. */
    streamsBody?: boolean;
  }
}

/** A client that sends its (at most 1 MiB of) body slower than this is cut off. */
const BODY_DEADLINE_MS = 30_000;
const TOO_LARGE = 413;

function declaresBody({ headers }: FastifyRequest): boolean {
  if (headers["transfer-encoding"] !== undefined) return true;
  return headers["content-length"] !== undefined && headers["content-length"] !== "0";
}

/** Ends requests whose body trickles in. Uploads are told by `config.streamsBody` and have no deadline while they last. */
function installDeadline(app: FastifyInstance, clock: Clock): void {
  const limit = ({ raw }: FastifyRequest): void => {
    const { socket } = raw;
    const cancel = clock.setTimer(BODY_DEADLINE_MS, () => {
      raw.destroy();
    });
    const release = (): void => {
      cancel();
      socket.off("close", release);
    };
    raw.once("end", release).once("close", release);
    // A request that is answered is not told any more when its connection ends.
    socket.once("close", release);
  };
  app.addHook("preParsing", (request, _reply, payload, done) => {
    if (declaresBody(request) && request.routeOptions.config.streamsBody !== true) limit(request);
    done(null, payload);
  });
  // What follows after the answer, as when it was a refusal, is for nobody.
  app.addHook("onResponse", (request, _reply, done) => {
    const { raw } = request;
    // Of a connection that is gone nothing follows.
    if (declaresBody(request) && !raw.complete && !raw.socket.destroyed) limit(request);
    done();
  });
}

/** Fastify would close the connection under a client that is still sending and has not yet read why. */
function keepUntilRead(app: FastifyInstance): void {
  app.addHook("onSend", (_request, reply, payload, done) => {
    if (reply.statusCode === TOO_LARGE) {
      reply.removeHeader("connection");
      // Also for those who want it closed: they close it themselves, or the deadline does.
      reply.raw.shouldKeepAlive = true;
    }
    done(null, payload);
  });
}

/**
 * Parsers of request bodies: JSON (an empty one is undefined), forms, text, and bytes for every other type, because
 * PiKVM's clients label bodies as they like.
 */
export function installBodyParsers(app: FastifyInstance, clock: Clock): void {
  installDeadline(app, clock);
  keepUntilRead(app);
  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser<string>(
    "application/json",
    { parseAs: "string" },
    (request, body, done) => {
      if (body === "") done(null, undefined);
      else void parseJson(request, body, done);
    },
  );
  app.addContentTypeParser<string>(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    (_request, body, done) => {
      done(null, parseQuery(body));
    },
  );
  app.addContentTypeParser<string>(/^text\//, { parseAs: "string" }, (_request, body, done) => {
    done(null, body);
  });
  app.addContentTypeParser<Buffer>("*", { parseAs: "buffer" }, (_request, body, done) => {
    done(null, body);
  });
}
