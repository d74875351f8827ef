import type { FastifyInstance } from "fastify";
import { posix } from "node:path";
import type { HubConfig } from "../../../config/schema.ts";
import { describeError } from "../../../core/errors.ts";
import type { Logger } from "../../../core/log.ts";
import { staticRoute } from "../../../http/static.ts";
import type { SiteSettings } from "../../../hub/site-settings.ts";
import type { FileStore } from "../../../platform/files/port.ts";
import type { InstalledThemes, Params } from "../calls/call.ts";
import { isTree } from "../calls/params.ts";
import { defaultSettings, openThemes } from "./theme.ts";
import type { Theme } from "./theme.ts";
import { themeRoutes } from "./theme-routes.ts";

export interface ThemeShelfOptions {
  readonly config: Pick<HubConfig, "themes">;
  readonly site: SiteSettings;
  readonly files: FileStore;
  readonly log: Logger;
}

/** What `/` shows when the theme that it was meant for is not there. */
function showOwnPages(app: FastifyInstance): void {
  staticRoute(app, {
    url: "/",
    access: "public",
    handler: (_request, reply) => reply.redirect("/fleet", 302),
  });
}

/** The themes that are installed on this machine. They are put there by its owner, never over the network. */
export class ThemeShelf implements InstalledThemes {
  readonly #options: ThemeShelfOptions;
  #themes: readonly Theme[] = [];

  constructor(options: ThemeShelfOptions) {
    this.#options = options;
  }

  /** Reads the folder. Never rejects: a theme that cannot be served must not keep the hub from starting. */
  async open(): Promise<void> {
    const { config, files, log } = this.#options;
    const { path, active } = config.themes;
    try {
      this.#themes = await openThemes(files, path);
    } catch (error) {
      log.error({ path, problem: describeError(error) }, "hub.themes.path cannot be read");
    }
    if (active !== "" && this.active === undefined) {
      const folder = posix.join(path, active);
      log.error({ folder }, "hub.themes.active names no folder with a theme: none is served");
    }
  }

  get active(): Theme | undefined {
    return this.#themes.find(({ short }) => short === this.#options.config.themes.active);
  }

  get themes(): readonly Theme[] {
    return this.#themes;
  }

  settingsOf(short: string): Params {
    const theme = this.#themes.find((known) => known.short === short);
    const saved: unknown = JSON.parse(this.#options.site.themeSettings(short));
    return {
      ...(theme === undefined ? {} : defaultSettings(theme)),
      ...(isTree(saved) ? saved : {}),
    };
  }

  /** Declares the routes of the active theme; none without one. */
  async mount(app: FastifyInstance): Promise<void> {
    const { active } = this;
    const { config, site, files } = this.#options;
    if (active === undefined) {
      if (config.themes.active !== "") showOwnPages(app);
      return;
    }
    const path = posix.resolve(config.themes.path);
    await themeRoutes(app, { themes: this.#themes, active, site, files, path });
  }
}
