/**
 * The project's own pages: `/console` of a device and `/fleet` of a hub, with what they are made of below `/assets`. They
 * are public, because they hold nothing: every figure that they show is asked for with the visitor's credentials.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
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

/** Smallest first. */
const ENCODINGS = [
  { name: "br", suffix: ".br" },
  { name: "gzip", suffix: ".gz" },
] as const;

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
};

/** Answers with a file of the build; only names that the build has made may be asked for. */
type Send = (request: FastifyRequest, reply: FastifyReply, name: string) => Promise<FastifyReply>;

/** Whether a browser takes an encoding; one with the weight 0 it does not. */
function takes({ headers }: FastifyRequest, encoding: string): boolean {
  const accepted = headers["accept-encoding"]?.toString() ?? "";
  return accepted.split(",").some((item) => {
    const [name = "", ...more] = item.split(";").map((part) => part.trim());
    return name === encoding && !more.some((part) => /^q=0(\.0*)?$/.test(part));
  });
}

/**
 * The compressed files beside the originals are sent to browsers that take them. Read for every request: a browser keeps
 * them, so there are few, and a small board needs its memory for other things.
 */
function createSend({ files }: Pick<WebPagesOptions, "files">, root: string): Send {
  return async (request, reply, name) => {
    const encoding = ENCODINGS.find((candidate) => takes(request, candidate.name));
    const path = `${posix.join(root, name)}${encoding?.suffix ?? ""}`;
    const tag = `"${files.fingerprint(path) ?? ""}"`;
    void reply.header("Vary", "Accept-Encoding").header("ETag", tag);
    if (request.headers["if-none-match"] === tag) return reply.code(304).send();
    const bytes = await files.readBytes(path);
    if (bytes === undefined) {
      // An update is in progress: what is missing now must not be remembered.
      void reply.header("Cache-Control", "no-store");
      reply.callNotFound();
      return reply;
    }
    if (encoding !== undefined) void reply.header("Content-Encoding", encoding.name);
    return reply
      .type(TYPES[name.split(".").at(-1) ?? ""] ?? "application/octet-stream")
      .send(bytes);
  };
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
      handler: (request, reply) =>
        send(request, reply.header("Cache-Control", FOREVER), `assets/${name}`),
    });
  }
}

function pageRoutes(app: FastifyInstance, send: Send, config: WebPagesOptions["config"]): void {
  for (const { role, page } of PAGES) {
    if (!config.roles.includes(role)) continue;
    const handler = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      void reply.header("Content-Security-Policy", POLICY).header("Cache-Control", "no-cache");
      return send(request, reply, `${page}.html`);
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

/** What the build has called itself. Parts of a later one have no routes, although its files may be there already. */
async function buildOf(files: FileStore, root: string | undefined): Promise<string> {
  return root === undefined ? "" : ((await files.read(posix.join(root, "build-id"))) ?? "");
}

/** Declares the routes. Register it before the roles: what `/` shows is decided here. */
export async function webPages(app: FastifyInstance, options: WebPagesOptions): Promise<void> {
  const { root, config, files, version } = options;
  sessionRoute(app, { config, version, build: await buildOf(files, root) });
  const names = root === undefined ? [] : await files.list(posix.join(root, "assets"));
  if (root === undefined || names.length === 0) return;
  const send = createSend({ files }, root);
  assetRoutes(
    app,
    send,
    names.filter((name) => PLAIN_NAME.test(name)),
  );
  pageRoutes(app, send, config);
}
