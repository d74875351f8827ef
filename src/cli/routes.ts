import { FARHAND_VERSION } from "../config/version.ts";
import type { CliArgs } from "./args.ts";
import { openapiOf } from "./openapi.ts";
import type { CliOutput } from "./output.ts";
import type { RouteList, RouteRow } from "./route-list.ts";

const ASSETS = "/assets/";

/** One row for the many files that pages are made of; their names mean nothing to people. */
function folded(rows: readonly RouteRow[]): readonly RouteRow[] {
  const seen = new Set<string>();
  return rows.flatMap((row) => {
    if (!row.url.startsWith(ASSETS)) return [row];
    const one = { ...row, url: `${ASSETS}*` };
    const isNew = !seen.has(one.method);
    seen.add(one.method);
    return isNew ? [one] : [];
  });
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

const pretty = (value: unknown): string => JSON.stringify(value, undefined, 2);

/**
 * `farhand routes [--json|--openapi]`: method, URL, dialect and access of every route of the configured roles, or a
 * description of our own API.
 */
export function routesCommand(
  { switches }: CliArgs,
  out: CliOutput,
  { routes, rows }: Pick<RouteList, "routes" | "rows">,
): Promise<number> {
  if (switches.has("openapi")) out.stdout(pretty(openapiOf(routes, FARHAND_VERSION)));
  else out.stdout(switches.has("json") ? pretty(rows) : columns(folded(rows)));
  return Promise.resolve(0);
}
