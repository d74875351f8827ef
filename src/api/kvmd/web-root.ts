/**
 * An unmodified copy of PiKVM's web interface (PiKVM API 1.2). Its top folder is listed once, at the start, so that
 * every path outside of it stays a miss. Deliberately different from the original: a malformed session cookie leads to
 * the login page too.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { WebConfig } from "../../config/schema.ts";
import { AppError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { Access } from "../../http/auth/principal.ts";
import { openFolder, setPageHeaders, staticRoute } from "../../http/static.ts";
import type { SendFile } from "../../http/static.ts";
import type { FileStore } from "../../platform/files/port.ts";
import { handleKvmdError } from "./errors.ts";

export interface WebRootOptions {
  readonly config: WebConfig;
  readonly files: FileStore;
  readonly log: Logger;
}

/** What a visitor sees before signing in: the login page and what pages are made of. */
const PUBLIC = new Set(["login", "share", "favicon.ico", "robots.txt"]);
/** Of the video gateway; they are public nowhere. */
const GUARDED_SCRIPTS = ["/share/js/kvm/janus.js", "/share/js/kvm/adapter.js"];
/** Served by others; a folder of that name must not hide them. */
const RESERVED = new Set(
  "api assets console fleet health index.html metrics native redfish streamer".split(" "),
);
const USER_CSS = "/share/css/user.css";
/** Names that a path can hold as they are. */
const PLAIN_NAME = /^[\w][\w.-]*$/;

const accessOf = (name: string): Access => (PUBLIC.has(name) ? "public" : "viewer");

/** The path inside of the folder; parameters of the query are not part of it. */
function pathOf({ url }: FastifyRequest): string {
  const path = url.split("?", 1)[0] ?? "/";
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * Whether a path says where it leads as it stands. One that climbs, or hides its slashes from the router, would reach a
 * file by another route than its own, whose access counts.
 */
function isStraight({ url }: FastifyRequest, path: string): boolean {
  if (/%2f|%5c/i.test(url.split("?", 1)[0] ?? "") || path.includes("\\")) return false;
  return !path.split("/").some((part) => part === "." || part === "..");
}

/** Folders have a slash at the end: the pages' own links build on it. */
function sendFolder(send: SendFile, name: string) {
  return (request: FastifyRequest, reply: FastifyReply): unknown => {
    const path = pathOf(request).replaceAll(/\/{2,}/g, "/");
    if (!isStraight(request, path)) {
      reply.callNotFound();
      return reply;
    }
    if (path === `/${name}`) return reply.code(301).header("Location", `/${name}/`).send();
    return send(reply, path === `/${name}/` ? `${name}/index.html` : path.slice(1));
  };
}

async function sendUserCss(
  { config, files }: WebRootOptions,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const text = config.userCss === "" ? undefined : await files.read(config.userCss);
  return setPageHeaders(reply)
    .type("text/css; charset=utf-8")
    .send(text ?? "");
}

function isRefusal(error: unknown): boolean {
  if (!(error instanceof AppError)) return false;
  return error.kind === "unauthenticated" || error.kind === "forbidden" || error.kind === "invalid";
}

function mountEntry(app: FastifyInstance, send: SendFile, name: string): void {
  const access = accessOf(name);
  if (name.includes(".")) {
    staticRoute(app, { url: `/${name}`, access, handler: (_request, reply) => send(reply, name) });
    return;
  }
  const handler = sendFolder(send, name);
  staticRoute(app, { url: `/${name}`, access, handler });
  staticRoute(app, { url: `/${name}/*`, access, handler });
}

/** Declares the routes in the scope of `app`; false when the folder holds no web interface. */
export async function webRootRoutes(
  app: FastifyInstance,
  options: WebRootOptions,
): Promise<boolean> {
  const { config, files, log } = options;
  const root = config.pikvmRoot;
  const names = await files.list(root);
  if (!names.includes("index.html")) {
    log.error({ root }, "device.web.pikvmRoot holds no index.html: no web interface is served");
    return false;
  }
  const send = await openFolder(app, { root, files });
  app.setErrorHandler((error, request, reply) => {
    // Pages are for people, who would not know what to do with a refusal.
    if (isRefusal(error)) void reply.code(302).header("Location", "/login").send();
    else handleKvmdError(error, request, reply);
  });
  const page = (_request: FastifyRequest, reply: FastifyReply) => send(reply, "index.html");
  // A hub on the same machine shows its fleet there.
  if (!app.hasRoute({ method: "GET", url: "/" })) {
    staticRoute(app, { url: "/", access: "viewer", handler: page });
  }
  staticRoute(app, { url: "/index.html", access: "viewer", handler: page });
  staticRoute(app, {
    url: USER_CSS,
    access: "public",
    handler: (_request, reply) => sendUserCss(options, reply),
  });
  for (const url of GUARDED_SCRIPTS) {
    staticRoute(app, { url, access: "viewer", handler: (_request, reply) => send(reply, url) });
  }
  for (const name of names) {
    if (PLAIN_NAME.test(name) && !RESERVED.has(name)) mountEntry(app, send, name);
  }
  return true;
}
