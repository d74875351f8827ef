import type { FastifyInstance } from "fastify";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { silentLogger } from "../../src/core/log.ts";
import { authGuard } from "../../src/http/auth/guard.ts";
import { createHttpServer } from "../../src/http/server.ts";
import { webSockets } from "../../src/http/websocket.ts";
import { HTTP_CONFIG, authFixture } from "../support/auth-fixture.ts";
import type { AuthFixture } from "../support/auth-fixture.ts";

const LOGIN = { user: "admin", password: "pass", expireSeconds: 0, address: "127.0.0.1" };
const HEADERS = { "x-kvmd-user": "admin", "x-kvmd-passwd": "pass" };

interface Fixture extends AuthFixture {
  readonly app: FastifyInstance;
  readonly origin: string;
  /** Connects and waits until open. */
  open(
    headers?: Readonly<Record<string, string>>,
    options?: WebSocket.ClientOptions,
    path?: string,
  ): Promise<WebSocket>;
}

async function setUp(config: Parameters<typeof authFixture>[0] = {}): Promise<Fixture> {
  const fixture = authFixture(config);
  const { auth, clock } = fixture;
  const app = createHttpServer({ config: HTTP_CONFIG, log: silentLogger });
  onTestFinished(() => app.close());
  const options = { config: HTTP_CONFIG, auth, clock, log: silentLogger };
  await app.register(webSockets, options);
  await app.register(authGuard, options);
  app.register((scope, _options, done) => {
    const echo = (socket: WebSocket): void => {
      socket.on("message", (data) => {
        socket.send(data);
      });
    };
    scope.get("/ws", { websocket: true, config: { access: "viewer" } }, echo);
    scope.get("/open", { websocket: true, config: { access: "public" } }, echo);
    done();
  });
  const origin = await app.listen({ host: "127.0.0.1", port: 0 });
  const open: Fixture["open"] = (headers = HEADERS, more = {}, path = "/ws") =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`${origin.replace("http", "ws")}${path}`, { headers, ...more });
      socket.once("open", () => {
        resolve(socket);
      });
      socket.once("error", reject);
    });
  return { ...fixture, app, origin, open };
}

function closed(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => {
    socket.once("close", resolve);
  });
}

describe("upgrades", () => {
  it("need credentials", async () => {
    const { open } = await setUp();
    await expect(open({})).rejects.toThrow("401");
    await expect(open(headersOf("wrong"))).rejects.toThrow("403");
    expect((await open()).readyState).toBe(WebSocket.OPEN);
  });

  it("pass from the device's own pages and from programs, not from other pages", async () => {
    const { open, origin } = await setUp();
    await expect(open({ ...HEADERS, origin: "http://evil.example" })).rejects.toThrow("403");
    await expect(open({ ...HEADERS, origin: "null" })).rejects.toThrow("403");
    await expect(open({ ...HEADERS, origin: origin.replace("http:", "https:") })).rejects.toThrow(
      "403",
    );
    expect((await open({ ...HEADERS, origin })).readyState).toBe(WebSocket.OPEN);
  });

  it("are held to the Origin on public routes as well", async () => {
    const { open, origin } = await setUp();
    await expect(open({ origin: "http://evil.example" }, {}, "/open")).rejects.toThrow("403");
    expect((await open({ origin }, {}, "/open")).readyState).toBe(WebSocket.OPEN);
  });

  it("of a client that offers compression go without", async () => {
    const { open } = await setUp();
    const socket = await open(HEADERS, { perMessageDeflate: true });
    expect(socket.extensions).toBe("");
  });

  it("to unknown paths are answered with 404", async () => {
    const { app } = await setUp();
    await expect(app.injectWS("/nope", { headers: {} })).rejects.toThrow("404");
  });
});

function headersOf(password: string): Record<string, string> {
  return { ...HEADERS, "x-kvmd-passwd": password };
}

describe("frames", () => {
  it("over 4 MiB close the socket, and only that one", async () => {
    const { open } = await setUp();
    const [one, two] = await Promise.all([open(), open()]);
    const code = closed(one);
    // Whoever is still sending hears why: the connection is not reset under it.
    one.pause();
    const failure = await new Promise((resolve) => {
      one.send(Buffer.alloc(4 * 1024 * 1024 + 1), resolve);
    });
    expect(failure ?? null).toBeNull();
    one.resume();
    expect(await code).toBe(1009);
    two.send("still here");
    const answer = await new Promise((resolve) => {
      two.once("message", resolve);
    });
    expect(String(answer)).toBe("still here");
  });
});

describe("revoking", () => {
  it("closes the sockets of a changed account with 4401", async () => {
    const { open, accounts, auth } = await setUp();
    const byHeader = await open();
    const { token } = await auth.login(LOGIN);
    const byCookie = await open({ cookie: `auth_token=${token}` });
    const codes = Promise.all([closed(byHeader), closed(byCookie)]);
    await accounts.set("admin", "new");
    expect(await codes).toEqual([4401, 4401]);
  });

  it("closes the sockets of a session that is logged out, others stay", async () => {
    const { open, auth } = await setUp();
    const byHeader = await open();
    const { token } = await auth.login(LOGIN);
    const code = closed(await open({ cookie: `auth_token=${token}` }));
    auth.logout(token);
    expect(await code).toBe(4401);
    expect(byHeader.readyState).toBe(WebSocket.OPEN);
  });

  it("drops a peer that does not answer the goodbye", async () => {
    const { open, auth, clock, app } = await setUp();
    const { token } = await auth.login(LOGIN);
    const socket = await open({ cookie: `auth_token=${token}` });
    socket.pause();
    auth.logout(token);
    await clock.advance(1000);
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (app.websocketServer.clients.size === 0) resolve();
        else setImmediate(look);
      };
      look();
    });
    expect(clock.pending).toBe(0);
    socket.terminate();
  });
});

describe("sessions", () => {
  it("know how many sockets they have open", async () => {
    const { open, auth } = await setUp();
    const { token } = await auth.login(LOGIN);
    const socket = await open({ cookie: `auth_token=${token}` });
    expect(auth.sessionsOf("admin")).toMatchObject([{ sockets: 1 }]);
    socket.close();
    await closed(socket);
    // The server hears of the end after the client.
    await expect.poll(() => auth.sessionsOf("admin")).toMatchObject([{ sockets: 0 }]);
  });
});

describe("heartbeats", () => {
  it("ping every 15 seconds and keep whoever answers", async () => {
    const { open, clock } = await setUp();
    const socket = await open();
    for (let round = 0; round < 3; round += 1) {
      const pinged = new Promise((resolve) => {
        socket.once("ping", resolve);
      });
      await clock.advance(7500);
      await clock.advance(7500);
      await pinged;
      await roundTrip(socket);
    }
    expect(socket.readyState).toBe(WebSocket.OPEN);
  });

  it("drop whoever does not answer within 7.5 seconds", async () => {
    const { open, clock } = await setUp();
    const [silent, lively] = await Promise.all([open(HEADERS, { autoPong: false }), open()]);
    const code = closed(silent);
    const pinged = new Promise((resolve) => {
      lively.once("ping", resolve);
    });
    await clock.advance(15_000);
    await pinged;
    await roundTrip(lively);
    await clock.advance(7500);
    expect(await code).toBe(1006);
    expect(lively.readyState).toBe(WebSocket.OPEN);
  });

  it("need no timer without sockets", async () => {
    const { open, clock, app } = await setUp();
    const socket = await open();
    expect(clock.pending).toBe(1);
    const gone = new Promise((resolve) => {
      for (const peer of app.websocketServer.clients) peer.once("close", resolve);
    });
    socket.close();
    await gone;
    expect(clock.pending).toBe(0);
  });
});

/** Waits until the server has handled everything sent before. */
function roundTrip(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("message", () => {
      resolve();
    });
    socket.send("?");
  });
}

describe("shutdown", () => {
  it("says goodbye with 1001", async () => {
    const { open, app } = await setUp();
    const code = closed(await open());
    await app.close();
    expect(await code).toBe(1001);
  });

  it("does not wait for a peer that keeps silent", async () => {
    const { open, app, clock } = await setUp();
    const socket = await open();
    socket.pause();
    const closing = app.close();
    await clock.advance(1000);
    await closing;
    expect(app.websocketServer.clients.size).toBe(0);
    socket.terminate();
  });
});
