import { once } from "node:events";
import { connect } from "node:net";
import type { FastifyInstance } from "fastify";
import { describe, expect, it, onTestFinished } from "vitest";
import { ValidationError } from "../../src/core/errors.ts";
import { createHttpServer } from "../../src/http/server.ts";
import type { HttpServerOptions } from "../../src/http/server.ts";
import { ForbiddenError } from "../../src/http/auth/errors.ts";
import { HTTP_CONFIG } from "../support/auth-fixture.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { recordingLogger } from "../support/recording-logger.ts";

const OPEN = { config: { access: "public" } } as const;

function setUp(options: Partial<HttpServerOptions> = {}) {
  const log = recordingLogger();
  const app = createHttpServer({ config: HTTP_CONFIG, log, ...options });
  onTestFinished(() => app.close());
  return { app, log };
}

function echo(app: FastifyInstance): void {
  app.post("/echo", OPEN, ({ body }) => ({
    type: Buffer.isBuffer(body) ? "bytes" : typeof body,
    body: Buffer.isBuffer(body) ? body.toString() : (body ?? null),
  }));
  app.get("/query", OPEN, ({ query }) => query);
  app.get("/who", OPEN, ({ ip, protocol, host }) => ({ ip, protocol, host }));
}

/** What a raw connection is answered until it is closed. */
function talk(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1");
    socket.write(text);
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      answer += chunk;
    });
    socket.on("close", () => {
      resolve(answer);
    });
    socket.on("error", reject);
  });
}

async function portOf(app: FastifyInstance): Promise<number> {
  return Number(new URL(await app.listen({ host: "127.0.0.1", port: 0 })).port);
}

describe("routing", () => {
  it("answers directly with a trailing or doubled slash", async () => {
    const { app } = setUp();
    echo(app);
    for (const url of ["/query", "/query/", "//query"]) {
      expect((await app.inject({ url })).statusCode).toBe(200);
    }
  });

  it("answers unknown paths with 404 in text", async () => {
    const { app } = setUp();
    const { statusCode, headers, body } = await app.inject({ url: "/nope" });
    expect([statusCode, headers["content-type"], body]).toEqual([
      404,
      "text/plain; charset=utf-8",
      "404: Not Found",
    ]);
  });

  it.each(["HEAD", "OPTIONS", "DELETE", "POST"] as const)(
    "answers %s on a GET route with 405 and the methods it has",
    async (method) => {
      const { app } = setUp();
      echo(app);
      const { statusCode, headers } = await app.inject({ method, url: "/query/?a=1" });
      expect([statusCode, headers["allow"]]).toEqual([405, "GET"]);
    },
  );

  it("takes the first of repeated parameters", async () => {
    const { app } = setUp();
    echo(app);
    const answer = await app.inject({ url: "/query?a=1&a=2&__proto__=x" });
    expect(answer.body).toBe('{"a":"1","__proto__":"x"}');
  });
});

describe("bodies", () => {
  const post = async (type: string | undefined, payload: string) => {
    const { app } = setUp();
    echo(app);
    const headers = type === undefined ? {} : { "content-type": type };
    return app.inject({ method: "POST", url: "/echo", headers, payload });
  };

  it.each([
    ["application/json", '{"a":1}', { type: "object", body: { a: 1 } }],
    ["application/json", "", { type: "undefined", body: null }],
    ["application/x-www-form-urlencoded", "a=1&a=2", { type: "object", body: { a: "1" } }],
    ["text/plain; charset=utf-8", "hi", { type: "string", body: "hi" }],
    ["image/x-whatever", "hi", { type: "bytes", body: "hi" }],
    [undefined, "hi", { type: "bytes", body: "hi" }],
  ])("of type %s reading %j", async (type, payload, expected) => {
    expect((await post(type, payload)).json()).toEqual(expected);
  });

  it.each(['{"a":', "{'a':1}", '{"__proto__":{"x":1}}', '{"constructor":{"prototype":1}}'])(
    "of JSON that is malformed or malicious are refused: %s",
    async (payload) => {
      const { statusCode, json } = await post("application/json", payload);
      expect(statusCode).toBe(400);
      expect(Object.keys(json())).toEqual(["error", "message"]);
    },
  );

  it("over 1 MiB are refused", async () => {
    const { statusCode } = await post("text/plain", "x".repeat(1024 * 1024 + 1));
    expect(statusCode).toBe(413);
    expect((await post("text/plain", "x".repeat(1024 * 1024))).statusCode).toBe(200);
  });

  it.each(["keep-alive", "close"])(
    "over 1 MiB are refused to those as well who send all of it before they listen: %s",
    async (wish) => {
      const { app } = setUp();
      echo(app);
      const socket = connect(await portOf(app), "127.0.0.1");
      const size = 9 * 1024 * 1024;
      const head = `Host: a\r\nConnection: ${wish}\r\nContent-Length: ${size}\r\n\r\n`;
      const failure = await new Promise((resolve) => {
        socket.once("error", resolve);
        socket.write(`POST /echo HTTP/1.1\r\n${head}${"x".repeat(size)}`, resolve);
      });
      expect(failure ?? null).toBeNull();
      const [answer]: unknown[] = await once(socket, "data");
      expect(String(answer)).toMatch(/^HTTP\/1\.1 413 /);
      socket.destroy();
    },
  );

  it("that trickle in are cut off after half a minute, uploads are not", async () => {
    const clock = fakeClock();
    const { app } = setUp({ clock });
    echo(app);
    app.register((scope, _options, done) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser("*", (_request, payload, parsed) => {
        parsed(null, payload);
      });
      const config = { access: "public", streamsBody: true } as const;
      scope.post("/upload", { config }, () => new Promise(() => undefined));
      done();
    });
    const port = await portOf(app);
    const head = (path: string): string =>
      `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nabc`;
    const started = new Promise<void>((resolve) => {
      app.server.once("request", () => {
        resolve();
      });
    });
    const slow = talk(port, head("/echo"));
    await started;
    await clock.advance(29_999);
    expect(clock.pending).toBe(1);
    await clock.advance(1);
    expect(await slow).toBe("");
    expect(clock.pending).toBe(0);
    const upload = talk(port, head("/upload"));
    await new Promise<void>((resolve) => {
      app.server.once("request", () => {
        resolve();
      });
    });
    expect(clock.pending).toBe(0);
    app.server.closeAllConnections();
    await upload;
  });

  it("that go on after a refusal are cut off after half a minute, uploads too", async () => {
    const clock = fakeClock();
    const { app } = setUp({ clock });
    const answered = new Promise<void>((resolve) => {
      app.addHook("onResponse", (_request, _reply, done) => {
        resolve();
        done();
      });
    });
    app.addHook("onRequest", (_request, _reply, done) => {
      done(new ForbiddenError());
    });
    const config = { access: "public", streamsBody: true } as const;
    app.post("/upload", { config }, (_request, reply) => reply.send("taken"));
    const port = await portOf(app);
    const head = "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc";
    let isClosed = false;
    const refused = talk(port, head).finally(() => {
      isClosed = true;
    });
    await answered;
    await clock.advance(29_999);
    expect(isClosed).toBe(false);
    await clock.advance(1);
    expect(await refused).toMatch(/^HTTP\/1\.1 403 /);
    expect(clock.pending).toBe(0);
  });
});

describe("failures", () => {
  it("of an expected kind show their code and text", async () => {
    const { app } = setUp();
    app.get("/fail", OPEN, () => {
      throw new ForbiddenError("Not you");
    });
    const answer = await app.inject({ url: "/fail" });
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toEqual({ error: "FORBIDDEN", message: "Not you" });
  });

  it("of an unexpected kind hide their text, show the request id and are logged", async () => {
    const { app, log } = setUp();
    app.get("/fail", OPEN, () => {
      throw new TypeError("secret detail");
    });
    const answer = await app.inject({ url: "/fail" });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).toMatch(/"Internal error, request req-\w+"/);
    expect(log.records.filter(({ level }) => level === "error")).toHaveLength(1);
  });
});

describe("headers", () => {
  it("keep browsers from guessing, framing and telling", async () => {
    const { app } = setUp();
    const { headers } = await app.inject({ url: "/nope" });
    expect(headers).toMatchObject({
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
    });
    expect(headers).not.toHaveProperty("strict-transport-security");
    expect(headers).not.toHaveProperty("x-powered-by");
  });

  it("demand TLS for the future only with a certificate of one's own", async () => {
    const { app } = setUp({
      config: { ...HTTP_CONFIG, tls: { mode: "files", cert: "", key: "" } },
    });
    const { headers } = await app.inject({ url: "/nope" });
    expect(headers["strict-transport-security"]).toBe("max-age=31536000");
  });

  it("that are too large are refused with 431", async () => {
    const { app } = setUp();
    const port = await portOf(app);
    const answer = await talk(
      port,
      `GET / HTTP/1.1\r\nHost: a\r\nX-Big: ${"x".repeat(20_000)}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  it("that are not HTTP are refused with 400", async () => {
    const { app } = setUp();
    expect(await talk(await portOf(app), "\u0016\u0003\u0001 hello\r\n\r\n")).toMatch(
      /^HTTP\/1\.1 400 /,
    );
  });
});

describe("the client's address", () => {
  const forwarded = {
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "kvm.example",
  };

  it("is not taken from strangers", async () => {
    const { app } = setUp();
    echo(app);
    const answer = await app.inject({ url: "/who", headers: { host: "a", ...forwarded } });
    expect(answer.json()).toEqual({ ip: "127.0.0.1", protocol: "http", host: "a" });
  });

  it.each([["127.0.0.1"], ["127.0.0.0/8"]])("is taken from the trusted proxy %s", async (proxy) => {
    const { app } = setUp({ config: { ...HTTP_CONFIG, trustedProxies: [proxy] } });
    echo(app);
    const answer = await app.inject({ url: "/who", headers: forwarded });
    expect(answer.json()).toEqual({ ip: "203.0.113.9", protocol: "https", host: "kvm.example" });
  });

  it("has trusted proxies that are addresses, or the server says what is wrong", () => {
    const config = { ...HTTP_CONFIG, trustedProxies: ["not an address"] };
    expect(() => setUp({ config })).toThrow(ValidationError);
  });
});

describe("too many connections", () => {
  it("are turned away, and the log says so once a minute", async () => {
    const clock = fakeClock();
    const { app, log } = setUp({ clock, maxConnections: 1 });
    const port = await portOf(app);
    const accepted = new Promise<void>((resolve) => {
      app.server.once("connection", () => {
        resolve();
      });
    });
    const first = talk(port, "");
    await accepted;
    const refused = () => talk(port, "").catch(() => "");
    const warnings = () => log.records.filter(({ level }) => level === "warn").length;
    expect([await refused(), await refused()]).toEqual(["", ""]);
    expect(warnings()).toBe(1);
    await clock.advance(60_000);
    await refused();
    expect(warnings()).toBe(2);
    app.server.closeAllConnections();
    await first;
  });
});

describe("closing", () => {
  it("gives requests in flight three seconds and silent connections no more", async () => {
    const clock = fakeClock();
    const { app } = setUp({ clock });
    app.get("/stuck", OPEN, () => new Promise(() => undefined));
    const port = await portOf(app);
    const arrived = new Promise<void>((resolve) => {
      app.server.once("request", () => {
        resolve();
      });
    });
    const stuck = talk(port, "GET /stuck HTTP/1.1\r\nHost: a\r\n\r\n");
    const silent = talk(port, "");
    await arrived;
    let isClosed = false;
    const closing = app.close().then(() => {
      isClosed = true;
    });
    await clock.advance(2999);
    expect(isClosed).toBe(false);
    await clock.advance(1);
    await Promise.all([closing, stuck, silent]);
    expect(clock.pending).toBe(0);
  });

  it("waits for nothing when the port could not be had", async () => {
    const port = await portOf(setUp().app);
    const clock = fakeClock();
    const { app } = setUp({ clock });
    await expect(app.listen({ host: "127.0.0.1", port })).rejects.toThrow("EADDRINUSE");
    await app.close();
    expect(clock.pending).toBe(0);
  });
});

describe("the log", () => {
  it("has one debug record a request", async () => {
    const { app, log } = setUp();
    await app.inject({ url: "/nope?x=1" });
    expect(log.records).toMatchObject([
      { level: "debug", fields: { method: "GET", url: "/nope?x=1", status: 404 } },
    ]);
  });
});
