import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { until } from "../../../src/core/store.ts";
import { createTestApp, OWNER_HEADERS } from "../../support/create-test-app.ts";
import type { TestApp } from "../../support/create-test-app.ts";

const start = () =>
  createTestApp({
    config: { device: { streamer: { ocr: { enabled: false }, h264: { encoder: "off" } } } },
  });

async function watched(test: TestApp): Promise<void> {
  await test.ws("/api/ws?stream=1");
  await until(test.device.streamer.state, ({ streamer }) => streamer !== null);
}

/** Start of a JPEG file. */
const SOI = [0xff, 0xd8];

describe("GET /api/media", () => {
  it("names the formats", async () => {
    expect(await (await start()).get("/api/media")).toEqual({ media: { video: { jpeg: {} } } });
  });
});

describe("/api/media/ws", () => {
  it("greets with the formats and sends pictures after a start", async () => {
    const test = await start();
    await watched(test);
    const media = await test.ws("/api/media/ws");
    expect((await media.waitFor("media")).event).toEqual({ video: { jpeg: {} } });
    expect(media.binaries).toHaveLength(0);
    media.send("start", { type: "video", format: "jpeg" });
    const frame = await media.nextBinary();
    expect([...frame.subarray(0, 4)]).toEqual([1, 1, ...SOI]);
  });

  it("answers pings of both kinds", async () => {
    const media = await (await start()).ws("/api/media/ws");
    const pong = media.nextBinary();
    media.sendRaw(Uint8Array.of(0));
    expect(await pong).toEqual(Buffer.from([0xff]));
    media.send("ping", {});
    expect((await media.waitFor("pong")).event).toEqual({});
  });

  it("sends the pictures alone in pure mode", async () => {
    const test = await start();
    await watched(test);
    const media = await test.ws("/api/media/ws?video=jpeg");
    expect([...(await media.nextBinary()).subarray(0, 2)]).toEqual(SOI);
    expect(media.messages).toEqual([]);
  });

  it.each(["h264", "av1", ""])("refuses the format '%s' before the upgrade", async (format) => {
    const test = await start();
    const url = `${test.url.replace("http", "ws")}/api/media/ws?video=${format}`;
    const status = await new Promise((resolve) => {
      const socket = new WebSocket(url, { headers: OWNER_HEADERS });
      socket.once("unexpected-response", (_request, response) => {
        resolve(response.statusCode);
        socket.terminate();
      });
      socket.once("error", () => undefined);
    });
    expect(status).toBe(400);
  });
});
