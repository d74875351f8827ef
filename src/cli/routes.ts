import type { CliArgs } from "./args.ts";
import type { CliOutput } from "./output.ts";

/** What the HTTP server tells about a route when it is declared; Fastify's `RouteOptions` are such values. */
export interface DeclaredRoute {
  readonly method: string | readonly string[];
  readonly url: string;
  readonly config?: { readonly access?: string };
}

export interface RouteRow {
  readonly method: string;
  readonly url: string;
  readonly dialect: string;
  readonly access: string;
}

/** Dialect by the beginning of the path; the first that fits. */
const DIALECTS: readonly (readonly [string, string])[] = [
  ["/api/clients", "komari"],
  ["/api/rpc2", "komari"],
  ["/api/v1", "nezha"],
  ["/api", "kvmd"],
  ["/redfish", "redfish"],
  ["/native", "native"],
];

function dialectOf(url: string): string {
  const found = DIALECTS.find(([prefix]) => url === prefix || url.startsWith(`${prefix}/`));
  return found?.[1] ?? "http";
}

/** Notes routes while an app is built; `note` goes into an `onRoute` hook that is set before any route. */
export class RouteList {
  readonly #rows: RouteRow[] = [];

  note(route: DeclaredRoute): void {
    for (const method of [route.method].flat()) {
      const access = route.config?.access ?? "unstated";
      this.#rows.push({ method, url: route.url, dialect: dialectOf(route.url), access });
    }
  }

  /** By URL, then method. */
  get rows(): readonly RouteRow[] {
    return this.#rows.toSorted(
      (left, right) => left.url.localeCompare(right.url) || left.method.localeCompare(right.method),
    );
  }
}

function columns(rows: readonly RouteRow[]): string {
  const all = [{ method: "METHOD", url: "URL", dialect: "DIALECT", access: "ACCESS" }, ...rows];
  const width = (key: keyof RouteRow) => Math.max(...all.map((row) => row[key].length));
  const [method, url, dialect] = [width("method"), width("url"), width("dialect")];
  const lines = all.map(
    (row) =>
      `${row.method.padEnd(method)}  ${row.url.padEnd(url)}  ${row.dialect.padEnd(dialect)}  ${row.access}`,
  );
  return lines.join("\n");
}

/** `farhand routes [--json]`: method, URL, dialect and access of every route of the configured roles. */
export function routesCommand(
  args: CliArgs,
  out: CliOutput,
  rows: readonly RouteRow[],
): Promise<number> {
  const isJson = args.switches.has("json");
  out.stdout(isJson ? JSON.stringify(rows, undefined, 2) : columns(rows));
  return Promise.resolve(0);
}
