import { describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "../../src/core/log.ts";
import { healthRoutes } from "../../src/http/health.ts";
import { createHttpServer } from "../../src/http/server.ts";
import { HTTP_CONFIG } from "../support/auth-fixture.ts";

function setUp(isReady: () => boolean) {
  const app = createHttpServer({ config: HTTP_CONFIG, log: silentLogger });
  onTestFinished(() => app.close());
  healthRoutes(app, {
    report: () => ({ ready: isReady(), roles: ["device"], subsystems: { hid: "online" } }),
  });
  return app;
}

describe("GET /health", () => {
  it("answers 503 until the daemon is ready and 200 from then on", async () => {
    let ready = false;
    const app = setUp(() => ready);
    const early = await app.inject({ url: "/health" });
    expect([early.statusCode, early.json().ok]).toEqual([503, false]);
    ready = true;
    const late = await app.inject({ url: "/health" });
    expect(late.statusCode).toBe(200);
    expect(late.json()).toEqual({
      ok: true,
      ready: true,
      roles: ["device"],
      subsystems: { hid: "online" },
    });
  });

  it("can be asked with HEAD and is not stored on the way", async () => {
    const { statusCode, headers } = await setUp(() => true).inject({
      method: "HEAD",
      url: "/health",
    });
    expect([statusCode, headers["cache-control"]]).toEqual([200, "no-store"]);
  });
});
