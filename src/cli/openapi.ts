/**
 * Our own API as an OpenAPI 3.1 document, made from the routes as they are declared: what may be sent, and by whom. The
 * contracts of others are described by their makers. Answers are not in it, but for failures, which are all alike.
 */
import type { DeclaredRoute } from "./route-list.ts";

type Json = Readonly<Record<string, unknown>>;

/** A JSON Schema of an object, as far as it is taken apart here. */
interface ObjectSchema {
  readonly properties?: Readonly<Record<string, Json>>;
  readonly required?: readonly string[];
}

const OWN_DIALECTS = new Set(["native", "fleet"]);
/** HEAD is GET without the body. */
const METHODS = new Set(["GET", "POST", "PUT", "PATCH", "DELETE"]);
const GUESTS = new Set(["public", "guest"]);

const isOwn = ({ config }: DeclaredRoute): boolean => OWN_DIALECTS.has(config?.dialect ?? "");

const isObject = (value: unknown): value is ObjectSchema =>
  typeof value === "object" && value !== null;

/** Requests are checked after defaults were filled in, so that what has one need not be sent. */
function mustBeSent({ properties = {}, required = [] }: ObjectSchema): readonly string[] {
  return required.filter((name) => properties[name]?.["default"] === undefined);
}

/** A schema as it is for those who send. */
function asSent(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(asSent);
  if (!isObject(schema)) return schema;
  const parts = Object.entries(schema).map(([name, part]) => [name, asSent(part)] as const);
  const isOfObject = Array.isArray(schema.required);
  return { ...Object.fromEntries(parts), ...(isOfObject ? { required: mustBeSent(schema) } : {}) };
}

/** `/nodes/:uuid` is `/nodes/{uuid}` there. */
const pathOf = (url: string): string => url.replaceAll(/:(\w+)/g, "{$1}");

/** `getNativeFleetNodesUuid`. */
function idOf(method: string, url: string): string {
  const words = url.split(/\W+/).filter((word) => word !== "");
  const capital = (word: string): string => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
  return `${method.toLowerCase()}${words.map(capital).join("")}`;
}

function pathParameters({ url, schema }: DeclaredRoute): Json[] {
  const known = isObject(schema?.params) ? (schema.params.properties ?? {}) : {};
  return [...url.matchAll(/:(\w+)/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: known[name] ?? { type: "string" },
  }));
}

function queryParameters({ schema }: DeclaredRoute): Json[] {
  const query = schema?.querystring;
  if (!isObject(query)) return [];
  return Object.entries(query.properties ?? {}).map(([name, one]) => ({
    name,
    in: "query",
    required: mustBeSent(query).includes(name),
    schema: one,
  }));
}

function securityOf(access: string): Json[] {
  if (access === "public") return [];
  const all = [{ token: [] }, { password: [] }, { session: [] }];
  return GUESTS.has(access) ? [{}, ...all] : all;
}

/** Who may, in words; the roles are no scopes of OAuth. */
function describe({ config, wsHandler }: DeclaredRoute): string {
  const access = config?.access ?? "";
  const who = GUESTS.has(access) ? "For everybody." : `Role: ${access}.`;
  return wsHandler === undefined ? who : `A WebSocket. ${who}`;
}

const FAILURE = { $ref: "#/components/responses/Failure" };

function operationOf(route: DeclaredRoute, method: string): Json {
  const { url, config, schema, wsHandler } = route;
  const parameters = [...pathParameters(route), ...queryParameters(route)];
  const done = wsHandler === undefined ? ["2XX", "Done"] : ["101", "The WebSocket is open"];
  const [status = "", description] = done;
  const body = {
    required: true,
    content: { "application/json": { schema: asSent(schema?.body) } },
  };
  return {
    operationId: idOf(method, url),
    tags: [config?.dialect],
    description: describe(route),
    security: securityOf(config?.access ?? ""),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(schema?.body === undefined ? {} : { requestBody: body }),
    responses: { [status]: { description }, default: FAILURE },
  };
}

function pathsOf(routes: readonly DeclaredRoute[]): Json {
  const paths = new Map<string, Record<string, Json>>();
  for (const route of routes.filter(isOwn)) {
    const path = pathOf(route.url);
    const item = paths.get(path) ?? {};
    for (const method of [route.method].flat()) {
      if (METHODS.has(method)) item[method.toLowerCase()] = operationOf(route, method);
    }
    paths.set(path, item);
  }
  return Object.fromEntries([...paths].toSorted(([a], [b]) => a.localeCompare(b)));
}

const COMPONENTS = {
  securitySchemes: {
    token: { type: "http", scheme: "bearer", description: "An API token." },
    password: { type: "http", scheme: "basic", description: "Name and password of an account." },
    session: { type: "apiKey", in: "cookie", name: "auth_token", description: "A signed-in page." },
  },
  responses: {
    Failure: {
      description: "A code for programs, and a sentence for people",
      content: {
        "application/json": {
          schema: {
            type: "object",
            properties: { error: { type: "string" }, message: { type: "string" } },
            required: ["error", "message"],
          },
        },
      },
    },
  },
};

/** The document, ready to be written as JSON. */
export function openapiOf(routes: readonly DeclaredRoute[], version: string): Json {
  return {
    openapi: "3.1.0",
    info: {
      title: "Farhand's own API",
      version,
      description: "What may be sent, and by whom. Answers are not described, but for failures.",
    },
    servers: [{ url: "/" }],
    tags: [
      { name: "native", description: "One machine: settings, accounts, tokens, certificate" },
      { name: "fleet", description: "The fleet of a hub" },
    ],
    paths: pathsOf(routes),
    components: COMPONENTS,
  };
}
