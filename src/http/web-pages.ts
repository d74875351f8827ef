/**
 * The project's own pages: `/console` of a device and `/fleet` of a hub, with what they are made of below `/assets`. They
 * are public, because they hold nothing: every figure that they show is asked for with the visitor's credentials.
 */
import type { FastifyInstance, FastifyReply } from "fastify";
import { posix } from "node:path";
import type { Config } from "../config/schema.ts";
import type { FileStore } from "../platform/files/port.ts";
import { homePageOf } from "./home-page.ts";
import { sessionRoute } from "./session-route.ts";
import { staticRoute } from "./static.ts";

export interface WebPagesOptions {
  /** The folder that the build has made; undefined or empty: there are no pages. */
  readonly root: string | undefined;
  readonly version: string;
  readonly config: Pick<Config, "roles" | "device" | "hub">;
  readonly files: FileStore;
}

/** Nothing but this site's own files: no inline script or style, no other host, no frame around it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Their names change with their content. */
const FOREVER = "public, max-age=31536000, immutable";

/** Names that a route can hold as they are. The compressed files have no address of their own. */
const PLAIN_NAME = /^[\w-][\w.-]*(?<!\.br|\.gz)$/;

type Send = (reply: FastifyReply, name: string) => FastifyReply;

/** The compressed files beside the originals are sent to browsers that take them. */
async function openPages(app: FastifyInstance, root: string): Promise<Send> {
  const { default: fastifyStatic } = await import("@fastify/static");
  await app.register(fastifyStatic, {
    root,
    serve: false,
    index: false,
    dotfiles: "ignore",
    preCompressed: true,
    cacheControl: false,
    lastModified: false,
  });
  return (reply, name) => reply.header("Vary", "Accept-Encoding").sendFile(name);
}

/** Which page belongs to which role. */
const PAGES = [
  { role: "device", page: "console" },
  { role: "hub", page: "fleet" },
] as const;

/** A route for each file, and none for what is not there: a theme of the hub may have files in a folder of that name. */
function assetRoutes(app: FastifyInstance, send: Send, names: readonly string[]): void {
  for (const name of names) {
    staticRoute(app, {
      url: `/assets/${name}`,
      access: "public",
      handler: (_request, reply) => send(reply.header("Cache-Control", FOREVER), `assets/${name}`),
    });
  }
}

function pageRoutes(app: FastifyInstance, send: Send, config: WebPagesOptions["config"]): void {
  for (const { role, page } of PAGES) {
    if (!config.roles.includes(role)) continue;
    const handler = (_request: unknown, reply: FastifyReply): FastifyReply => {
      void reply.header("Content-Security-Policy", POLICY).header("Cache-Control", "no-cache");
      return send(reply, `${page}.html`);
    };
    staticRoute(app, { url: `/${page}`, access: "public", handler });
    staticRoute(app, { url: `/${page}/*`, access: "public", handler });
  }
  const home = homePageOf(config);
  if (home !== "console" && home !== "fleet") return;
  const handler = (_request: unknown, reply: FastifyReply): FastifyReply =>
    reply.redirect(`/${home}`, 302);
  staticRoute(app, { url: "/", access: "public", handler });
}

/** Declares the routes. Register it before the roles: what `/` shows is decided here. */
export async function webPages(app: FastifyInstance, options: WebPagesOptions): Promise<void> {
  const { root, config, files, version } = options;
  sessionRoute(app, { config, version });
  const names = root === undefined ? [] : await files.list(posix.join(root, "assets"));
  if (root === undefined || names.length === 0) return;
  // In a scope of its own: PiKVM's pages may be served beside these.
  await app.register(async (scope) => {
    const send = await openPages(scope, root);
    assetRoutes(
      scope,
      send,
      names.filter((name) => PLAIN_NAME.test(name)),
    );
    pageRoutes(scope, send, config);
  });
}
