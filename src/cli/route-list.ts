/** What the HTTP server tells about a route when it is declared; Fastify's `RouteOptions` are such values. */
export interface DeclaredRoute {
  readonly method: string | readonly string[];
  readonly url: string;
  readonly config?: { readonly access?: string; readonly dialect?: string };
  /** JSON Schemas that requests are checked with. */
  readonly schema?: {
    readonly body?: unknown;
    readonly querystring?: unknown;
    readonly params?: unknown;
  };
  /** Of a WebSocket. */
  readonly wsHandler?: unknown;
}

export interface RouteRow {
  readonly method: string;
  readonly url: string;
  readonly dialect: string;
  readonly access: string;
}

/** Of pages and health, which no wire contract describes. */
const NO_DIALECT = "http";

function rowsOf({ method, url, config }: DeclaredRoute): RouteRow[] {
  const { access = "unstated", dialect = NO_DIALECT } = config ?? {};
  return [method].flat().map((name) => ({ method: name, url, dialect, access }));
}

/** Notes routes while an app is built; `note` goes into an `onRoute` hook that is set before any route. */
export class RouteList {
  readonly #routes: DeclaredRoute[] = [];

  /** The route is read when rows are asked for: later hooks say more about it. */
  note(route: DeclaredRoute): void {
    this.#routes.push(route);
  }

  get routes(): readonly DeclaredRoute[] {
    return this.#routes;
  }

  /** By URL, then method. */
  get rows(): readonly RouteRow[] {
    return this.#routes
      .flatMap(rowsOf)
      .toSorted(
        (left, right) =>
          left.url.localeCompare(right.url) || left.method.localeCompare(right.method),
      );
  }
}
