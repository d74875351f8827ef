// Who may do what, on every path: all routes that are declared are walked, all methods of the RPC and of the gRPC service,
// by everybody, and a hidden node is looked for in everything that guests get. What is new is covered by itself; what
// is for guests has to be named here.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { RawData } from "ws";
import { USER_ROLES } from "../../src/http/auth/principal.ts";
import { METHOD } from "../../src/protocol/nezha/service.ts";
import { accessFleet, DISCOVERY_KEY, NEZHA_SECRET } from "../support/access-fleet.ts";
import type { AccessFleet, Visitor, WalkedRoute } from "../support/access-fleet.ts";

/** Open to everybody: pages, signing in, and what a probe asks. Nothing of the fleet is in them. */
const PUBLIC: readonly RegExp[] = [
  /^(?:GET|HEAD) \/(?:|login|share|fleet|assets|themes|manifest\.json|favicon\.ico|kvm|console)(?:\/.*)?$/,
  /^(?:GET|HEAD) \/(?:health|index\.html|\*)$/,
  /^POST \/api\/(?:auth\/login|login|v1\/login)$/,
  /^GET \/api\/oauth(?:_callback)?$/,
  /^POST \/api\/clients\/register$/,
  /^GET (?:\/api)?\/redfish\/v1$/,
];
/** For guests, who see less than others: reading only, with two exceptions that check each call themselves. */
const GUEST: readonly RegExp[] = [
  /^GET \/api\/(?:me|public|version|nodes|recent\/:uuid|records\/(?:load|ping)|task\/ping|clients|rpc2|logout)$/,
  /^GET \/ws$/,
  /^GET \/api\/v1\/(?:monitor\/:id|server-group|setting|ws\/server|service(?:\/.*)?|server\/:id\/(?:metrics|service))$/,
  /^GET \/native\/fleet\/(?:live|nodes(?:\/:uuid(?:\/(?:load|pings|recent))?)?)$/,
  /^GET \/native\/session$/,
  /^POST \/api\/rpc2$/,
];
const AGENT =
  /^(?:GET|POST) \/api\/clients\/(?:report|uploadBasicInfo|task\/result|terminal|ping\/(?:tasks|result)|v2\/rpc)$/;
/** What a viewer may change: only what is their own. */
const VIEWER_ACTIONS: readonly RegExp[] = [
  /^POST \/api\/(?:auth\/logout|token)$/,
  /^DELETE \/api\/token\/:token$/,
  /^POST \/api\/v1\/refresh-token$/,
  /^POST \/native\/password$/,
  /^DELETE \/native\/sessions\/:id$/,
];
/** The hub's own paths: what is there and not named above is for admins, but for what every member of it reads. */
const HUB = /^[A-Z]+ \/(?:api\/(?:admin|v1|token|clients|rpc2)|native\/fleet)(?:\/|$)/;
const MEMBER_READS: readonly RegExp[] = [
  /^GET \/api\/token$/,
  /^GET \/api\/v1\/(?:profile|refresh-token|server(?:\/details|\/list)?|service\/list)$/,
  /^GET \/native\/fleet\/(?:alert-rules|alerts|events|metrics|nodes\/:uuid\/events|probe-tasks)$/,
];
/** Calls of RPC2 that guests may make: reading, and one that does nothing. */
const GUEST_CALLS = /^(?:public|common):(?:(?:get|list|query|ping)[A-Za-z]*|recordVisitorEvent)$/;

const ORDER: readonly string[] = ["public", "guest", ...USER_ROLES];
/** How long somebody who was let in is listened to who may have nothing to say. */
const PATIENCE_MS = 700;
/** More than any answer needs, less than a test may take. */
const LIMIT_MS = 10_000;

let fleet: AccessFleet;
let end = (): Promise<void> => Promise.resolve();

beforeAll(async () => {
  fleet = await accessFleet((close) => {
    end = close;
  });
});
afterAll(() => end());

const nameOf = ({ method, url }: WalkedRoute): string => `${method} ${url}`;

/** Each from another address: nobody is refused because others were. */
let visits = 0;
function nextAddress(): string {
  visits += 1;
  return `10.${(visits >> 16) & 255}.${(visits >> 8) & 255}.${visits & 255}`;
}

function pathOf({ url }: WalkedRoute, uuid: string, id: number): string {
  return url
    .replaceAll(/:uuid\b/g, uuid)
    .replaceAll(/:id\b/g, String(id))
    .replaceAll(/:\w+/g, "0")
    .replace("*", "x");
}

const withQuery = (path: string, query: string): string =>
  query === "" ? path : `${path}?${query}`;

interface Answer {
  readonly status: number;
  readonly location: string;
  readonly body: string;
}

type Verb = "DELETE" | "GET" | "HEAD" | "PATCH" | "POST" | "PUT" | "OPTIONS";

function isVerb(method: string): method is Verb {
  return ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT", "OPTIONS"].includes(method);
}

async function visit(
  { method }: Pick<WalkedRoute, "method">,
  path: string,
  { headers, query }: Pick<Visitor, "headers" | "query">,
): Promise<Answer> {
  if (!isVerb(method)) throw new Error(`Nobody has thought of ${method}`);
  const url = withQuery(path, query);
  const request = { method, url, headers, remoteAddress: nextAddress() };
  const reply = await fleet.test.app.server.inject(request);
  return {
    status: reply.statusCode,
    location: reply.headers["location"] ?? "",
    body: reply.body,
  };
}

/** In the words of each dialect: some of them say no under status 200. */
function isRefusal({ status, location, body }: Answer): boolean {
  if (status === 401 || status === 403) return true;
  if (status === 302) return location === "/login";
  if (status !== 200 || !body.startsWith("{")) return false;
  const answer: { code?: unknown; error?: unknown; success?: unknown } = JSON.parse(body);
  if (answer.success === true) return false;
  return (
    answer.code === 403 ||
    answer.error === "ApiErrorUnauthorized" ||
    answer.error === "permission denied"
  );
}

function mayVisit({ role, isAgent }: Visitor, { access }: WalkedRoute): boolean {
  if (access === "agent") return isAgent;
  if (access === "public" || access === "guest") return true;
  return role !== undefined && ORDER.indexOf(role) >= ORDER.indexOf(access);
}

describe("every route of a device with a hub", () => {
  it("says whom it is for", () => {
    const known = new Set([...ORDER, "agent"]);
    expect(fleet.routes.length).toBeGreaterThan(250);
    expect(fleet.routes.filter(({ access }) => !known.has(access)).map(nameOf)).toEqual([]);
  });

  it.each([
    ["public", PUBLIC],
    ["guest", GUEST],
    ["agent", [AGENT]],
  ] as const)("that is declared %s is meant to be", (access, allowed) => {
    const names = fleet.routes.filter((route) => route.access === access).map(nameOf);
    expect(names.filter((name) => !allowed.some((pattern) => pattern.test(name)))).toEqual([]);
    expect(names).not.toEqual([]);
  });

  it("changes something for operators and admins only, but for what is a viewer's own", () => {
    const changes = fleet.routes.filter(
      ({ method, access }) => access === "viewer" && !["GET", "HEAD"].includes(method),
    );
    const names = changes.map(nameOf);
    expect(names.filter((name) => !VIEWER_ACTIONS.some((rule) => rule.test(name)))).toEqual([]);
  });

  it("of the hub that is not named here is for admins", () => {
    const named = [...PUBLIC, ...GUEST, AGENT, ...VIEWER_ACTIONS, ...MEMBER_READS];
    const others = fleet.routes.filter((route) => {
      const name = nameOf(route);
      return HUB.test(name) && !named.some((pattern) => pattern.test(name));
    });
    const open = others.filter(({ access }) => access !== "admin");
    expect(open.map((route) => `${nameOf(route)} ${route.access}`)).toEqual([]);
    expect(others.length).toBeGreaterThan(50);
  });

  it("refuses everybody who may not, whatever they show", async () => {
    const { routes, visitors, hidden } = fleet;
    const open: string[] = [];
    let refusals = 0;
    for (const route of routes) {
      const path = pathOf(route, hidden.uuid, hidden.id);
      const unwanted = visitors.filter((one) => !mayVisit(one, route));
      const answers = await Promise.all(unwanted.map((one) => visit(route, path, one)));
      for (const [index, answer] of answers.entries()) {
        if (isRefusal(answer)) refusals += 1;
        else open.push(`${nameOf(route)} for ${unwanted[index]?.name ?? ""}: ${answer.status}`);
      }
    }
    expect(open).toEqual([]);
    expect(refusals).toBeGreaterThan(1000);
  });

  it("lets those in who may: the walk above sends what it says", async () => {
    const { visitors } = fleet;
    const seen: string[] = [];
    for (const visitor of visitors) {
      const statuses: number[] = [];
      for (const url of ["/api/auth/check", "/native/fleet/audit", "/api/clients/ping/tasks"]) {
        statuses.push((await visit({ method: "GET" }, url, visitor)).status);
      }
      seen.push(`${visitor.isAgent ? "agent" : (visitor.role ?? "nobody")} ${statuses.join(" ")}`);
    }
    const rows = [...new Set(seen)].map((row) => row.replaceAll(/40[13]/g, "no"));
    expect([...new Set(rows)].toSorted()).toEqual([
      "admin 200 200 no",
      "agent no no 200",
      "nobody no no no",
      "operator 200 no no",
      "viewer 200 no no",
    ]);
  });

  it("changes nothing for pages of other sites that use an admin's cookie", async () => {
    const cookies = fleet.visitors.filter(
      ({ role, headers }) => role === "admin" && headers["Cookie"] !== undefined,
    );
    const changes = fleet.routes.filter(
      ({ method, access }) =>
        !["GET", "HEAD"].includes(method) && USER_ROLES.some((role) => role === access),
    );
    const open: string[] = [];
    for (const route of changes) {
      for (const { headers, query } of cookies) {
        const foreign = { query, headers: { ...headers, Origin: "https://evil.example" } };
        const answer = await visit(route, pathOf(route, "0", 0), foreign);
        if (!isRefusal(answer)) open.push(`${nameOf(route)}: ${answer.status}`);
      }
    }
    expect(open).toEqual([]);
    expect(changes.length).toBeGreaterThan(50);
  });
});

/** Instead of 101; some dialects say no under 200, and agents' routes slow down who tries often. */
const REFUSED: ReadonlySet<number> = new Set([200, 401, 403, 429]);

interface Listening {
  readonly questions?: readonly string[];
  /** So many messages are enough. */
  readonly wanted?: number;
  /** So many come for certain; for more nobody waits long. */
  readonly atLeast?: number;
}

/** What a WebSocket says: its messages, or the status that it was refused with. */
function listen(
  path: string,
  { headers, query }: Pick<Visitor, "headers" | "query">,
  { questions = [], wanted = 1, atLeast = 0 }: Listening = {},
): Promise<{ readonly status: number; readonly messages: readonly string[] }> {
  const url = `${fleet.test.url.replace("http", "ws")}${withQuery(path, query)}`;
  const socket = new WebSocket(url, { headers });
  const messages: string[] = [];
  return new Promise((resolve) => {
    let status = 0;
    let timer: NodeJS.Timeout | undefined;
    const done = (): void => {
      clearTimeout(timer);
      socket.terminate();
      resolve({ status, messages });
    };
    const look = (): void => {
      if (messages.length >= wanted) done();
      else if (messages.length >= atLeast) timer ??= setTimeout(done, PATIENCE_MS);
    };
    socket.on("open", () => {
      status = 101;
      for (const question of questions) socket.send(question);
      look();
    });
    socket.on("message", (data: RawData) => {
      messages.push(Buffer.isBuffer(data) ? data.toString() : "");
      look();
    });
    socket.on("unexpected-response", (_request, response) => {
      status = response.statusCode ?? 0;
      done();
    });
    socket.on("error", () => undefined);
    socket.on("close", done);
  });
}

const visitorOf = (name: string): Visitor => {
  const found = fleet.visitors.find((visitor) => visitor.name === name);
  if (found === undefined) throw new Error(`Nobody is ${name}`);
  return found;
};

describe("every WebSocket", () => {
  it("refuses everybody who may not, before it opens", async () => {
    const { routes, visitors, hidden } = fleet;
    const sockets = routes.filter(({ isSocket, method }) => isSocket && method === "GET");
    const open: string[] = [];
    let tries = 0;
    for (const route of sockets) {
      const path = pathOf(route, hidden.uuid, hidden.id);
      const unwanted = visitors.filter((one) => !mayVisit(one, route));
      tries += unwanted.length;
      const answers = await Promise.all(unwanted.map((one) => listen(path, one)));
      for (const [index, { status }] of answers.entries()) {
        if (REFUSED.has(status)) continue;
        open.push(`${nameOf(route)} for ${unwanted[index]?.name ?? ""}: ${status}`);
      }
    }
    expect(open).toEqual([]);
    expect(tries).toBeGreaterThan(50);
  });

  it("refuses pages of other sites, also those that guests may open", async () => {
    const { headers } = visitorOf("admin by a cookie");
    const foreign = { query: "", headers: { ...headers, Origin: "https://evil.example" } };
    const sockets = fleet.routes.filter(({ isSocket, access }) => isSocket && access !== "agent");
    const answers = await Promise.all(
      sockets.map(async (route) => {
        const { status } = await listen(pathOf(route, fleet.hidden.uuid, fleet.hidden.id), foreign);
        return REFUSED.has(status) ? [] : [`${nameOf(route)}: ${status}`];
      }),
    );
    expect(answers.flat()).toEqual([]);
  });
});

interface RpcAnswer {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

async function rpc(visitor: Visitor, method: string, params: object = {}): Promise<RpcAnswer> {
  const { body } = await fleet.test.app.server.inject({
    method: "POST",
    url: withQuery("/api/rpc2", visitor.query),
    headers: visitor.headers,
    remoteAddress: nextAddress(),
    payload: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const answer: RpcAnswer = JSON.parse(body);
  return answer;
}

async function rpcMethods(): Promise<string[]> {
  const { result } = await rpc(visitorOf("nobody"), "rpc.methods");
  const names: readonly unknown[] = Array.isArray(result) ? result : [];
  return names.filter((name) => typeof name === "string");
}

describe("every call of RPC2", () => {
  it("that is not named here is for admins, over POST and over the WebSocket", async () => {
    const names = (await rpcMethods()).filter((name) => !GUEST_CALLS.test(name));
    expect(names.length).toBeGreaterThan(20);
    const open: string[] = [];
    for (const visitor of fleet.visitors.filter(({ role }) => role !== "admin")) {
      for (const name of names) {
        const { error } = await rpc(visitor, name);
        if (error?.code !== -32_041) open.push(`${name} for ${visitor.name}`);
      }
    }
    for (const name of ["nobody", "viewer by a cookie", "operator by a token"]) {
      const requests = names
        .slice(0, 60)
        .map((method) => JSON.stringify({ jsonrpc: "2.0", id: method, method, params: {} }));
      const count = requests.length;
      const listening = { questions: requests, wanted: count, atLeast: count };
      const { messages } = await listen("/api/rpc2", visitorOf(name), listening);
      if (messages.length !== requests.length) open.push(`${name} got ${messages.length} answers`);
      const allowed = messages.filter((text) => !text.includes('"code":-32041'));
      open.push(...allowed.map((text) => `${name} by WebSocket: ${text.slice(0, 80)}`));
    }
    expect(open).toEqual([]);
  });
});

/** What of the hidden node is in a text. */
function leaksIn(text: string, more: readonly string[] = []): string[] {
  return [...fleet.secrets, ...more].filter((secret) => text.includes(secret));
}

describe("what is secret", () => {
  it("is told to nobody who only reads, admins included", async () => {
    const { apiTokens, routes, visible } = fleet;
    const secrets = [...Object.values(apiTokens), NEZHA_SECRET, DISCOVERY_KEY, "{SHA}"];
    const admin = visitorOf("admin by a token");
    const found: string[] = [];
    const reads = routes.filter(
      (route) => route.method === "GET" && !route.isSocket && HUB.test(nameOf(route)),
    );
    for (const route of reads.filter(({ url }) => !/backup|theme/.test(url))) {
      const { body } = await visit(route, pathOf(route, visible.uuid, visible.id), admin);
      const told = secrets.filter((secret) => body.includes(secret));
      found.push(...told.map((secret) => `${nameOf(route)}: ${secret}`));
    }
    expect(found).toEqual([]);
    expect(reads.length).toBeGreaterThan(30);
  });
});

describe("a hidden node", () => {
  it("is there for those who are signed in", async () => {
    const viewer = visitorOf("viewer by a token");
    for (const url of ["/api/nodes", "/native/fleet/nodes", "/api/v1/server/list"]) {
      const { body } = await visit({ method: "GET" }, url, viewer);
      expect([url, body.includes("Hidden-4711")]).toEqual([url, true]);
    }
  });

  it.each(["nobody", "an agent by header", "an unknown session"])(
    "is in no answer that %s gets",
    async (name) => {
      const visitor = visitorOf(name);
      const { hidden, visible } = fleet;
      const found: string[] = [];
      const open = fleet.routes.filter(
        ({ access, method, isSocket }) =>
          ["public", "guest"].includes(access) && method === "GET" && !isSocket,
      );
      for (const route of open) {
        const general = await visit(route, pathOf(route, visible.uuid, visible.id), visitor);
        found.push(
          ...leaksIn(general.body, [hidden.uuid]).map((leak) => `${nameOf(route)}: ${leak}`),
        );
        // Asked for by its identity it may be named in the answer, and nothing else of it.
        const query = `${visitor.query}&uuid=${hidden.uuid}&id=${hidden.id}&hours=4`;
        const asked = { ...visitor, query: query.replace(/^&/, "") };
        const exact = await visit(route, pathOf(route, hidden.uuid, hidden.id), asked);
        found.push(...leaksIn(exact.body).map((leak) => `${nameOf(route)} by identity: ${leak}`));
      }
      expect(found).toEqual([]);
      expect(open.length).toBeGreaterThan(20);
    },
  );

  it("is in no answer of RPC2 to a guest", async () => {
    const { hidden } = fleet;
    const guest = visitorOf("nobody");
    const names = (await rpcMethods()).filter((name) => GUEST_CALLS.test(name));
    const found: string[] = [];
    for (const name of names) {
      const general = JSON.stringify(await rpc(guest, name));
      found.push(...leaksIn(general, [hidden.uuid]).map((leak) => `${name}: ${leak}`));
      const by = { uuid: hidden.uuid, uuids: [hidden.uuid], client: hidden.uuid, id: hidden.uuid };
      const exact = JSON.stringify(await rpc(guest, name, { ...by, hours: 4, type: "load" }));
      found.push(...leaksIn(exact).map((leak) => `${name} by identity: ${leak}`));
    }
    expect(found).toEqual([]);
    expect(names.length).toBeGreaterThan(10);
  });

  it("is in no message of a WebSocket to a guest", async () => {
    const { hidden, routes } = fleet;
    const sockets = routes.filter(({ isSocket, access }) => isSocket && access === "guest");
    const questions = ["get", `get ${hidden.uuid}`];
    const results = await Promise.all(
      sockets.map(async (route) => {
        const listening = { questions, wanted: 3, atLeast: 1 };
        const said = await listen(route.url, visitorOf("nobody"), listening);
        const leaks = leaksIn(said.messages.join("\n"), [hidden.uuid]);
        return { name: nameOf(route), leaks, count: said.messages.length };
      }),
    );
    expect(results.flatMap(({ name, leaks }) => leaks.map((leak) => `${name}: ${leak}`))).toEqual(
      [],
    );
    expect(results.filter(({ count }) => count === 0)).toEqual([]);
    expect(results.length).toBeGreaterThanOrEqual(4);
  });

  it("has all nodes with it where the site is private", async () => {
    const { hub, routes, visible } = fleet;
    const nobody = visitorOf("nobody");
    const told = async (route: WalkedRoute): Promise<string> => {
      if (route.isSocket) {
        return (await listen(route.url, nobody, { questions: ["get"] })).messages.join("\n");
      }
      return (await visit(route, pathOf(route, visible.uuid, visible.id), nobody)).body;
    };
    const open = routes.filter(
      ({ access, method }) => ["public", "guest"].includes(access) && method === "GET",
    );
    await hub.site.change({ isPrivate: true });
    try {
      const found: string[] = [];
      for (const route of open) {
        const text = await told(route);
        // Its name and how long it is up.
        if (text.includes("Visible-1") || text.includes("86400")) found.push(nameOf(route));
      }
      expect(found).toEqual([]);
    } finally {
      await hub.site.change({ isPrivate: false });
    }
  });
});

/** The status that a call of the service ends with. */
async function grpcStatus(path: string, metadata: Readonly<Record<string, string>>) {
  const grpc = await import("@grpc/grpc-js");
  const address = `127.0.0.1:${fleet.nezhaPort}`;
  const client = new grpc.Client(address, grpc.credentials.createInsecure());
  const sent = new grpc.Metadata();
  for (const [name, value] of Object.entries(metadata)) sent.set(name, value);
  const same = (bytes: Buffer): Buffer => bytes;
  try {
    return await new Promise<number>((resolve) => {
      const options = { deadline: Date.now() + LIMIT_MS };
      const call = client.makeBidiStreamRequest(path, same, same, sent, options);
      call.on("data", () => undefined);
      call.on("error", () => undefined);
      call.on("status", ({ code }: { code: number }) => {
        resolve(code);
      });
      call.write(Buffer.alloc(0));
    });
  } finally {
    client.close();
  }
}

describe("every method of the agents' gRPC service", () => {
  it("refuses whoever shows no secret of a node, people's credentials included", async () => {
    const { apiTokens, hidden } = fleet;
    const uuid = "0b5fd9a0-0000-4000-8000-000000000001";
    const shown: readonly Readonly<Record<string, string>>[] = [
      {},
      { "client-secret": "wrong", "client-uuid": uuid },
      { "client-secret": apiTokens.admin },
      { "client-secret": apiTokens.admin, "client-uuid": uuid },
      { authorization: `Bearer ${apiTokens.admin}` },
      // Who a node is follows from its own secret, not from a uuid beside everybody's.
      { "client-secret": NEZHA_SECRET, "client-uuid": hidden.uuid },
      { "client-secret": NEZHA_SECRET },
    ];
    const calls = Object.values(METHOD).flatMap((path) =>
      shown.map(async (metadata) => {
        const code = await grpcStatus(path, metadata);
        return code === 16 ? [] : [`${path} with ${JSON.stringify(metadata)}: ${code}`];
      }),
    );
    expect((await Promise.all(calls)).flat()).toEqual([]);
  });
});
