import Fastify from "fastify";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acceptAnyBody, bodyText } from "../../../src/api/kvmd/body.ts";
import { installKvmdErrors } from "../../../src/api/kvmd/errors.ts";
import { AppError, CancelledError, StorageError } from "../../../src/core/errors.ts";
import type { ErrorKind } from "../../../src/core/errors.ts";
import { validateInt } from "../../../src/protocol/kvmd/validators.ts";

class AnyError extends AppError {
  constructor(kind: ErrorKind, code: string) {
    super(kind, code, "the reason");
  }
}

const levels = (lines: readonly string[]) => lines.map((line): unknown => JSON.parse(line).level);

describe("the PiKVM dialect", () => {
  let app: FastifyInstance;
  let failure: unknown;
  let logged: string[];

  beforeEach(async () => {
    logged = [];
    const stream = { write: (line: string) => void logged.push(line) };
    app = Fastify({ logger: { level: "warn", stream }, exposeHeadRoutes: false });
    await app.register(
      (scope, _options, done) => {
        installKvmdErrors(scope);
        acceptAnyBody(scope);
        scope.get("/fail", () => {
          throw failure;
        });
        scope.post("/echo", { bodyLimit: 16 }, (request) => ({ body: bodyText(request.body) }));
        scope.get("/both", () => ({}));
        scope.post("/both", () => ({}));
        scope.get("/number", () => validateInt("x"));
        done();
      },
      { prefix: "/api" },
    );
  });

  afterEach(() => app.close());

  const failWith = async (error: unknown) => {
    failure = error;
    return app.inject("/api/fail");
  };

  it.each([
    ["VALIDATOR", "invalid", 400, "ValidatorError", "the reason"],
    ["UNAUTHORIZED", "unauthenticated", 401, "UnauthorizedError", "Unauthorized"],
    ["FORBIDDEN", "forbidden", 403, "ForbiddenError", "Forbidden"],
    ["ATX_BUSY", "busy", 409, "AtxIsBusyError", "the reason"],
    ["ATX_DISABLED", "unsupported", 400, "AtxDisabledError", "the reason"],
    ["GPIO_CHANNEL_NOT_FOUND", "notFound", 400, "GpioChannelNotFoundError", "the reason"],
    ["GPIO_SWITCH_NOT_SUPPORTED", "unsupported", 400, "GpioSwitchNotSupported", "the reason"],
    ["GPIO_PULSE_NOT_SUPPORTED", "unsupported", 400, "GpioPulseNotSupported", "the reason"],
    ["GPIO_DRIVER_OFFLINE", "unavailable", 400, "GpioDriverOfflineError", "the reason"],
    ["GPIO_CHANNEL_BUSY", "busy", 409, "GpioChannelIsBusyError", "the reason"],
    ["LOG_READER_DISABLED", "unsupported", 400, "LogReaderDisabledError", "the reason"],
    ["UNAVAILABLE", "unavailable", 503, "UnavailableError", "Service Unavailable"],
    ["HID_OFFLINE", "unavailable", 503, "HidOfflineError", "the reason"],
    ["REPLY_TIMEOUT", "timeout", 504, "ReplyTimeoutError", "the reason"],
    ["TOO_MANY", "rateLimited", 403, "ForbiddenError", "the reason"],
  ] as const)("answers %s of kind %s with %i %s", async (code, kind, status, name, message) => {
    const answer = await failWith(new AnyError(kind, code));
    expect(answer.statusCode).toBe(status);
    expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(answer.json()).toEqual({ ok: false, result: { error: name, error_msg: message } });
  });

  it("answers a failed validator with its message", async () => {
    const answer = await app.inject("/api/number");
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({
      ok: false,
      result: { error: "ValidatorError", error_msg: "The argument 'x' is not a valid int" },
    });
  });

  it.each([[new Error("a secret")], [new AnyError("internal", "BROKEN")]])(
    "hides the message of the unexpected %s, shows the request id and logs it once",
    async (error) => {
      const answer = await failWith(error);
      expect(answer.statusCode).toBe(500);
      expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
      const errorMsg: unknown = answer.json().result.error_msg;
      expect(errorMsg).toMatch(/^Internal error, request req-\w+$/);
      expect(levels(logged)).toEqual([50]);
    },
  );

  it("logs an unavailable part as a warning and a refused request not at all", async () => {
    await failWith(new StorageError("disk full"));
    await failWith(new AnyError("busy", "ATX_BUSY"));
    await failWith(new CancelledError());
    expect(levels(logged)).toEqual([40]);
  });

  it("answers an unknown path with 404 as text", async () => {
    const answer = await app.inject("/api/nope");
    expect(answer.statusCode).toBe(404);
    expect(answer.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(answer.body).toBe("404: Not Found");
  });

  it.each([
    ["POST", "/api/fail", "GET"],
    ["HEAD", "/api/fail", "GET"],
    ["DELETE", "/api/both?x=1", "GET,POST"],
  ] as const)("answers %s %s with 405 and allows %s", async (method, url, allow) => {
    const answer = await app.inject({ method, url });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers.allow).toBe(allow);
    expect(answer.headers["content-type"]).toBe("text/plain; charset=utf-8");
  });

  it("says in text that a method is not allowed", async () => {
    const answer = await app.inject({ method: "DELETE", url: "/api/fail" });
    expect(answer.body).toBe("405: Method Not Allowed");
  });

  it.each([["application/json"], ["text/plain"], ["application/x-www-form-urlencoded"], ["x/y"]])(
    "takes a body of type %s as it is",
    async (type) => {
      const headers = { "content-type": type };
      const answer = await app.inject({ method: "POST", url: "/api/echo", headers, payload: "{x" });
      expect(answer.json()).toEqual({ body: "{x" });
    },
  );

  it("answers an oversize body with 413 as text", async () => {
    const payload = "x".repeat(17);
    const answer = await app.inject({ method: "POST", url: "/api/echo", payload });
    expect(answer.statusCode).toBe(413);
    expect(answer.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(answer.body).toBe("413: Request Entity Too Large");
  });
});
