import { decode } from "jpeg-js";
import { describe, expect, it } from "vitest";
import { until } from "../../src/core/store.ts";
import { createTestApp } from "../support/create-test-app.ts";
import type { TestApp } from "../support/create-test-app.ts";
import { httpStream } from "../support/http-request.ts";
import { spawnDaemon } from "../support/spawned-daemon.ts";

/** Only what the stories need: no other programs. */
const CONFIG = {
  device: { streamer: { ocr: { enabled: false }, h264: { encoder: "off" } } },
};

/** The whole screen below its head, where the text is, and the place of the first letter. */
const TEXT = { top: 120, bottom: 720, right: 1280 };
const FIRST_LETTER = { top: 120, bottom: 144, right: 16 };

/** Bright pixels. */
function inkOf(jpeg: Uint8Array, { top, bottom, right }: typeof TEXT): number {
  const { data, width } = decode(jpeg, { useTArray: true });
  let count = 0;
  for (let y = top; y < bottom; y += 1) {
    for (let x = 0; x < right; x += 1) count += (data[(y * width + x) * 4] ?? 0) > 128 ? 1 : 0;
  }
  return count;
}

async function snapshot(test: TestApp): Promise<Uint8Array> {
  const request = { allowOffline: true, save: false };
  const { frame } = await test.device.streamer.snapshot(request, new AbortController().signal);
  return frame.jpeg;
}

const hidIsReady = (test: TestApp) =>
  until(test.device.hid.state, ({ online, busy }) => online && !busy);

describe("the picture of the simulated computer", () => {
  it("shows what somebody types over the network", async () => {
    const test = await createTestApp({ config: CONFIG });
    await hidIsReady(test);
    // Nothing, or the whole block of the blinking cursor.
    expect([0, 384]).toContain(inkOf(await snapshot(test), FIRST_LETTER));
    expect((await test.call("POST", "/api/hid/print?limit=0", { body: "M" })).status).toBe(200);
    await until(test.platform.target.state, ({ lines }) => lines.join("") === "M");
    const ink = inkOf(await snapshot(test), FIRST_LETTER);
    expect(ink).toBeGreaterThan(60);
    expect(ink).toBeLessThan(300);
  });

  it("turns black and offline when the power goes, and viewers are told why", async () => {
    const test = await createTestApp({
      config: { device: { ...CONFIG.device, atx: { clickSeconds: 0.05 } } },
    });
    const ws = await test.ws("/api/ws?stream=1");
    await ws.waitFor("streamer", ({ streamer }) => streamer !== null && streamer !== undefined);
    await test.call("POST", "/api/atx/click?button=power");
    await until(test.platform.target.state, ({ power }) => !power);
    const told = await ws.waitFor("streamer", ({ farhand }) =>
      JSON.stringify(farhand ?? "").includes("computer-off"),
    );
    expect(JSON.stringify(told.event)).toContain("the computer is off");
    expect(inkOf(await snapshot(test), TEXT)).toBe(0);
  });

  it("is made only while somebody watches", async () => {
    const test = await createTestApp({
      config: { device: { streamer: { ...CONFIG.device.streamer, shutdownDelaySeconds: 0.2 } } },
    });
    const ws = await test.ws("/api/ws?stream=1");
    await until(test.device.streamer.state, ({ condition }) => condition === "ok");
    await ws.close();
    await until(test.device.streamer.state, ({ condition }) => condition === "stopped");
    expect((await test.call("GET", "/streamer/stream")).status).toBe(502);
  });
});

describe("the built daemon", () => {
  it("makes previews in a thread of its own", async () => {
    const daemon = spawnDaemon({
      env: {
        FARHAND__HTTP__TLS__MODE: "off",
        FARHAND__AUTH__INITIAL_PASSWORD: "correct horse",
      },
    });
    const [, url = ""] = await daemon.untilOutput(/ready: (http:\S+?)\/?\s/);
    const headers = { "X-KVMD-User": "admin", "X-KVMD-Passwd": "correct horse" };
    const path = "/api/streamer/snapshot?preview=1&preview_max_width=200";
    const reply = await httpStream(url, path, { headers });
    expect(reply.status).toBe(200);
    await reply.until("JFIF");
  });
});
