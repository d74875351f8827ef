import type { FastifyInstance } from "fastify";

/** Methods by path, for paths without parameters. */
export type RouteTable = ReadonlyMap<string, ReadonlySet<string>>;

const tidy = (path: string): string => path.replaceAll(/\/{2,}/g, "/").replace(/(?<=.)\/$/, "");

/** Records every route declared from now on in the scope of `app`. */
export function trackRoutes(app: FastifyInstance): RouteTable {
  const table = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const path = tidy(url);
    const methods = table.get(path) ?? new Set();
    for (const name of [method].flat()) methods.add(name);
    table.set(path, methods);
  });
  return table;
}

/** Sorted methods of the path of a request URL; empty when there is no such path. */
export function allowedMethods(table: RouteTable, url: string): string[] {
  const queryAt = url.indexOf("?");
  const path = tidy(queryAt === -1 ? url : url.slice(0, queryAt));
  return [...(table.get(path) ?? [])].toSorted();
}
