import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { FileStore } from "../platform/files/port.ts";
import type { Access } from "./auth/principal.ts";

/**
 * For pages with their scripts and pictures, all from here: no other site is asked, and none may frame them. Inline parts
 * are permitted because pages that are served unmodified have them.
 */
const PAGE_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self' data: blob:",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'self'",
  "frame-ancestors 'self'",
].join("; ");

/** Headers of a page or a part of one. Browsers always ask again: what is served may have been replaced by an update. */
export function setPageHeaders(reply: FastifyReply): FastifyReply {
  return reply
    .header("Content-Security-Policy", PAGE_POLICY)
    .header("X-Frame-Options", "SAMEORIGIN")
    .header("Cache-Control", "no-store, no-cache, must-revalidate, max-age=0");
}

/** Answers with a file below the folder; a path or link that leads out of it, or to a hidden file, is a miss. */
export type SendFile = (reply: FastifyReply, path: string) => Promise<FastifyReply>;

export interface ServedFolder {
  readonly root: string;
  readonly files: Pick<FileStore, "staysWithin">;
}

/** Prepares a folder for serving. The package that does it is loaded only by those who have a folder to serve. */
export async function openFolder(
  app: FastifyInstance,
  { root, files }: ServedFolder,
): Promise<SendFile> {
  const { default: fastifyStatic } = await import("@fastify/static");
  await app.register(fastifyStatic, {
    root,
    serve: false,
    index: ["index.html"],
    dotfiles: "ignore",
    cacheControl: false,
    etag: false,
    lastModified: false,
  });
  return async (reply, path) => {
    // Whoever may put files into the folder may still not have all files of the machine served.
    if (await files.staysWithin(root, path)) return setPageHeaders(reply).sendFile(path);
    reply.callNotFound();
    return reply;
  };
}

export interface StaticRoute {
  /** With `/*` at the end for everything below. */
  readonly url: string;
  readonly access: Access;
  readonly handler: (request: FastifyRequest, reply: FastifyReply) => unknown;
}

/** A route for looking at something. */
export function staticRoute(app: FastifyInstance, { url, access, handler }: StaticRoute): void {
  app.route({ method: ["GET", "HEAD"], url, config: { access }, handler });
}
