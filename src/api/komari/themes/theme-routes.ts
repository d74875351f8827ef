/**
 * Serving unmodified themes (Komari 6.3). Only files that were in the folder when it was read are served; links,
 * hidden files and every path that does not name one of them as it stands lead to the page instead. Deliberately
 * different from the original: what is below `/api` is never a page, and in the place of a theme's service worker, which
 * would take over the other pages of this address, an empty one is served.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { posix } from "node:path";
import { readCookie } from "../../../http/auth/credentials.ts";
import { staticRoute } from "../../../http/static.ts";
import type { SiteSettings } from "../../../hub/site-settings.ts";
import type { FileStore } from "../../../platform/files/port.ts";
import { pageInLanguage, pageWithSettings } from "./theme-page.ts";
import type { Theme } from "./theme.ts";

/** Themes bring scripts in the page, and admins add those of other sites; only below the theme's own paths. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline' https: blob:",
  "style-src 'self' 'unsafe-inline' https:",
  "font-src 'self' https: data:",
  "img-src 'self' https: data: blob:",
  "media-src 'self' https: data: blob:",
  "connect-src 'self' https: wss: data: blob:",
  "frame-src 'self' https:",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'self'",
  "frame-ancestors 'self'",
].join("; ");

/** Front ends keep the pages of admins here; a theme has none of its own. */
const ADMIN_PATH = /^\/(?:admin|terminal)(?:$|[/?])/;
const DEFAULT_THEME = "default";
/** What belongs to somebody else is a miss, not a page. */
const FOREIGN = /^\/(?:api|native|metrics|health|redfish)(?:$|\/)/;

export interface ThemeRoutesOptions {
  readonly themes: readonly Theme[];
  readonly active: Theme;
  readonly site: SiteSettings;
  readonly files: FileStore;
  /** Folder of all themes. */
  readonly path: string;
}

/** The path as it is meant; undefined for one that hides where it leads. */
export function plainPath(url: string): string | undefined {
  const [raw = "/"] = url.split("?", 1);
  if (/%2f|%5c|%00|\\/i.test(raw)) return undefined;
  try {
    const path = decodeURIComponent(raw);
    return path.split("/").some((part) => part.startsWith(".")) ? undefined : path;
  } catch {
    return undefined;
  }
}

function miss(reply: FastifyReply): FastifyReply {
  reply.callNotFound();
  return reply;
}

function withHeaders(reply: FastifyReply): FastifyReply {
  return reply
    .header("Content-Security-Policy", POLICY)
    .header("X-Frame-Options", "SAMEORIGIN")
    .header("Cache-Control", "no-cache");
}

class ThemePages {
  readonly #options: ThemeRoutesOptions;

  constructor(options: ThemeRoutesOptions) {
    this.#options = options;
  }

  /** A file of the active theme, or its page. */
  async serve(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const path = plainPath(request.url);
    if (path === undefined || FOREIGN.test(path)) return miss(reply);
    if (isWorker(request)) return sendEmptyWorker(reply);
    if (ADMIN_PATH.test(path)) return this.#serveAdmin(request, reply);
    const { active, site } = this.#options;
    const file = this.#fileOf(path);
    if (file !== undefined) return withHeaders(reply).sendFile(file);
    const html = await this.#index(active);
    if (html === undefined) return miss(reply);
    return this.#send(request, reply, pageWithSettings(html, site.values));
  }

  /** A file of any theme: its picture, its manifest. */
  serveFrom(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const path = plainPath(request.url);
    const [, short = "", name = ""] = /^\/themes\/([^/]+)\/(.+)$/.exec(path ?? "") ?? [];
    const theme = this.#options.themes.find((known) => known.short === short);
    if (theme?.files.has(name) !== true) return miss(reply);
    if (isWorker(request)) return sendEmptyWorker(reply);
    return withHeaders(reply).sendFile(posix.join(short, name));
  }

  /** As on the original, files of the stock front end are found beside those of the theme. The page is none of them. */
  #fileOf(path: string): string | undefined {
    if (path === "/" || path.endsWith("/index.html")) return undefined;
    const places = [this.#options.active, this.#stock()].flatMap((theme) => theme ?? []);
    const theme = places.find(({ files, pages }) => files.has(`${pages}${path.slice(1)}`));
    if (theme === undefined) return undefined;
    return posix.join(theme.short, `${theme.pages}${path.slice(1)}`);
  }

  #stock(): Theme | undefined {
    return this.#options.themes.find(({ short }) => short === DEFAULT_THEME);
  }

  /** The stock front end where it is installed; our own pages otherwise. */
  async #serveAdmin(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const stock = this.#stock();
    const html = stock === undefined ? undefined : await this.#index(stock);
    if (html === undefined) return reply.redirect("/fleet", 302);
    return this.#send(request, reply, html);
  }

  #index({ folder, pages }: Theme): Promise<string | undefined> {
    return this.#options.files.read(posix.join(folder, `${pages}index.html`));
  }

  #send(request: FastifyRequest, reply: FastifyReply, html: string): FastifyReply {
    const language = readCookie(request.headers.cookie ?? "", "language");
    return withHeaders(reply).type("text/html; charset=utf-8").send(pageInLanguage(html, language));
  }
}

/** Browsers say so when they ask for the script of a service worker. */
const isWorker = ({ headers }: FastifyRequest): boolean => headers["service-worker"] !== undefined;

/** Stands in for a theme's own: it answers nothing and goes at once, which a page takes better than a refusal. */
const EMPTY_WORKER = `self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", () => self.registration.unregister());
`;

function sendEmptyWorker(reply: FastifyReply): FastifyReply {
  return withHeaders(reply).type("text/javascript; charset=utf-8").send(EMPTY_WORKER);
}

/** Declares the routes in a scope of its own. */
export async function themeRoutes(
  app: FastifyInstance,
  options: ThemeRoutesOptions,
): Promise<void> {
  const pages = new ThemePages(options);
  await app.register(async (scope) => {
    const { default: fastifyStatic } = await import("@fastify/static");
    await scope.register(fastifyStatic, {
      root: options.path,
      serve: false,
      index: false,
      dotfiles: "ignore",
      cacheControl: false,
    });
    const serve = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
      pages.serve(request, reply);
    staticRoute(scope, { url: "/", access: "public", handler: serve });
    staticRoute(scope, { url: "/*", access: "public", handler: serve });
    staticRoute(scope, {
      url: "/themes/*",
      access: "public",
      handler: (request, reply) => pages.serveFrom(request, reply),
    });
  });
}
