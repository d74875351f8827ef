import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import type { Clock } from "../../../src/core/clock.ts";
import { until } from "../../../src/core/store.ts";
import { createTestApp, OWNER_HEADERS } from "../../support/create-test-app.ts";
import type { TestApp } from "../../support/create-test-app.ts";
import { httpStream } from "../../support/http-request.ts";
import { quickClock } from "../../support/quick-clock.ts";

interface Wire {
  readonly features: Readonly<Record<string, boolean>>;
  readonly params: Readonly<Record<string, number>>;
  readonly streamer: {
    readonly source: { readonly online: boolean };
    readonly stream: {
      readonly clients: number;
      readonly clients_stat: Readonly<Record<string, { key: string; fps: number }>>;
    };
  } | null;
  readonly farhand: { readonly condition: string };
}

const NO_OCR = { ocr: { enabled: false }, h264: { encoder: "off" } };

/** Without a signal nobody waits for one for long. */
const start = (isOn = true, clock: Clock = systemClock) => {
  const streamer = { ...NO_OCR, snapshot: { timeoutSeconds: isOn ? 10 : 0.5 } };
  return createTestApp({ config: { device: { streamer } }, seed: { isOn }, clock });
};

/** Somebody watches, and the picture is there. */
async function watched(test: TestApp) {
  const ws = await test.ws("/api/ws?stream=1");
  await until(test.device.streamer.state, ({ streamer }) => streamer !== null);
  return ws;
}

describe("GET /api/streamer", () => {
  it("shows settings and limits, and no picture while nobody watches", async () => {
    const test = await start();
    expect(await test.get("/api/streamer")).toEqual({
      features: { quality: true, resolution: false, h264: false },
      limits: { desired_fps: { min: 0, max: 90 } },
      params: { desired_fps: 30, quality: 80 },
      applied: { desired_fps: 30, quality: 80 },
      snapshot: { saved: null },
      streamer: null,
      farhand: expect.objectContaining({ condition: "stopped" }),
    });
  });

  it("shows the source as clients know it while somebody watches", async () => {
    const test = await start();
    await watched(test);
    const { streamer, farhand } = await test.get<Wire>("/api/streamer");
    expect(farhand.condition).toBe("ok");
    expect(streamer).toMatchObject({
      instance_id: "",
      encoder: { quality: 80 },
      sinks: { jpeg: { has_clients: false } },
      source: { online: true, resolution: { width: 1280, height: 720 } },
      stream: { clients: 0, clients_stat: {} },
    });
  });
});

describe("the events", () => {
  it("begin with the full state and go on with the parts that change", async () => {
    const test = await start();
    const ws = await test.ws("/api/ws?stream=1");
    const first = await ws.waitFor("streamer");
    expect(Object.keys(first.event)).toContain("features");
    const running = await ws.waitFor("streamer", ({ streamer }) => Boolean(streamer));
    expect(Object.keys(running.event)).toEqual(["streamer"]);
    await test.call("POST", "/api/streamer/set_params?quality=50");
    const changed = await ws.waitFor("streamer", ({ params }) => {
      const { quality } = { ...(params as { quality?: number } | undefined) };
      return quality === 50;
    });
    expect(Object.keys(changed.event).sort()).toEqual(["applied", "limits", "params"]);
    expect((await ws.waitFor("ocr")).event).toEqual({
      enabled: false,
      langs: { default: [], available: [] },
    });
  });
});

describe("POST /api/streamer/set_params", () => {
  it.each([
    ["quality=0", "ValidatorError"],
    ["desired_fps=121", "ValidatorError"],
    ["resolution=800x600", "StreamerResolutionNotSupported"],
    ["h264_gop=1", "StreamerH264NotSupported"],
    ["h264_bitrate=24", "ValidatorError"],
  ])("refuses %s with %s", async (query, error) => {
    const test = await start();
    const { status, body } = await test.call("POST", `/api/streamer/set_params?${query}`);
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ ok: false, result: { error } });
  });

  it("takes what is given, ignores what is empty and drops what is out of limits", async () => {
    const test = await start();
    const query = "quality=33&resolution=&h264_gop=&desired_fps=91";
    expect((await test.call("POST", `/api/streamer/set_params?${query}`)).status).toBe(200);
    const { params } = await test.get<Wire>("/api/streamer");
    expect(params).toEqual({ quality: 33, desired_fps: 30 });
  });
});

describe("GET /api/streamer/snapshot", () => {
  const shot = (test: TestApp, query = "") => test.call("GET", `/api/streamer/snapshot${query}`);

  it("sends a picture with what is known about it, though nobody watches", async () => {
    const { status, headers } = await shot(await start());
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "image/jpeg",
      "x-ustreamer-online": "true",
      "x-ustreamer-width": "1280",
      "x-ustreamer-height": "720",
      "cache-control": expect.stringContaining("no-store"),
    });
  });

  it("is unavailable without signal, unless that is allowed", async () => {
    const test = await start(false);
    await watched(test);
    await until(test.device.streamer.state, ({ condition }) => condition === "computer-off");
    const { status, body } = await shot(test);
    expect(status).toBe(503);
    expect(JSON.parse(body)).toEqual({
      ok: false,
      result: { error: "UnavailableError", error_msg: "Service Unavailable" },
    });
    const allowed = await shot(test, "?allow_offline=1");
    expect([allowed.status, allowed.headers["x-ustreamer-online"]]).toEqual([200, "false"]);
  });

  it("can be saved, loaded and forgotten", async () => {
    const test = await start();
    expect((await shot(test, "?load=1")).status).toBe(503);
    await shot(test, "?save=1");
    expect(await test.get("/api/streamer")).toMatchObject({
      snapshot: { saved: { online: true, width: 1280, height: 720 } },
    });
    expect((await shot(test, "?load=1")).status).toBe(200);
    expect((await test.call("DELETE", "/api/streamer/snapshot")).status).toBe(200);
    expect((await shot(test, "?load=1")).status).toBe(503);
  });

  it("is smaller as a preview", async () => {
    const test = await start();
    const whole = await shot(test);
    const preview = await shot(test, "?preview=1&preview_max_width=160&preview_quality=40");
    expect(preview.headers["content-type"]).toBe("image/jpeg");
    expect(Number(preview.headers["content-length"])).toBeLessThan(
      Number(whole.headers["content-length"]) / 4,
    );
  });

  it("says that there is no text recognition", async () => {
    const { status, body } = await shot(await start(), "?ocr=1");
    expect([status, JSON.parse(body)]).toMatchObject([400, { result: { error: "OcrError" } }]);
  });

  it.each(["preview_quality=0", "preview_max_width=-1", "save=maybe", "ocr_left=-2"])(
    "refuses %s",
    async (query) => {
      const { status, body } = await shot(await start(), `?${query}`);
      expect([status, JSON.parse(body)]).toMatchObject([
        400,
        { result: { error: "ValidatorError" } },
      ]);
    },
  );
});

describe("/streamer", () => {
  it("is a bad gateway while the streamer does not run", async () => {
    const test = await start();
    for (const path of ["/streamer/state", "/streamer/snapshot", "/streamer/stream"]) {
      expect((await test.call("GET", path)).status).toBe(502);
    }
  });

  it("is not for strangers", async () => {
    const test = await start();
    for (const path of ["/streamer", "/streamer/state", "/streamer/stream"]) {
      expect((await test.call("GET", path, { headers: {} })).status).toBe(401);
    }
  });

  it("streams pictures, and lists the reader under the key that its cookie names", async () => {
    const test = await start();
    await watched(test);
    const path = "/streamer/stream?key=me&advance_headers=1";
    const stream = await httpStream(test.url, path, { headers: OWNER_HEADERS });
    expect(stream.status).toBe(200);
    await stream.until("\r\n--boundarydonotcross\r\nContent-Type: image/jpeg");
    const { streamer } = await test.get<Wire>("/api/streamer");
    expect(Object.values(streamer?.stream.clients_stat ?? {})).toMatchObject([{ key: "me" }]);
    expect(streamer?.stream.clients).toBe(1);
    stream.close();
  });

  it("serves its state and a page, in the original's places", async () => {
    const test = await start();
    await watched(test);
    const state = await test.get<Wire["streamer"]>("/streamer/state");
    expect(state?.source.online).toBe(true);
    const page = await test.call("GET", "/streamer/");
    expect(page.headers["content-type"]).toContain("text/html");
    const bare = await test.call("GET", "/streamer");
    expect([bare.status, bare.headers["location"]]).toEqual([301, "streamer/"]);
    const old = await test.call("GET", "/streamer/?action=snapshot");
    expect(old.headers["content-type"]).toBe("image/jpeg");
  });

  it("does not hold up the end of the server", async () => {
    // Ten times as slow: whatever the machine is busy with, nobody has waited for the three seconds of a request.
    const test = await start(true, quickClock(0.1));
    await watched(test);
    const stream = await test.stream("/streamer/stream");
    await stream.until("image/jpeg");
    const before = performance.now();
    await test.close();
    expect(performance.now() - before).toBeLessThan(10_000);
  });

  it("ends for a user who signs out", async () => {
    const test = await start();
    await watched(test);
    const form = "user=admin&passwd=correct%20horse";
    const login = await test.call("POST", "/api/auth/login", {
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: form,
    });
    const cookie = login.headers["set-cookie"]?.split(";")[0] ?? "";
    const stream = await httpStream(test.url, "/streamer/stream", { headers: { Cookie: cookie } });
    await stream.until("image/jpeg");
    const ended = stream.until("words that never come").catch(String);
    await test.call("POST", "/api/auth/logout", { headers: { Cookie: cookie } });
    expect(await ended).toMatch(/ended without/);
  });
});
