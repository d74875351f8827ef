// A capture card (vivid) through ustreamer to a JPEG at /streamer/snapshot, and its end when nobody watches.
import { call, get, openWs } from "../guest/api.ts";
import { findProcess } from "../guest/daemon.ts";
import { until } from "../guest/wait.ts";
import type { Scenario } from "../guest/scenario.ts";

interface StreamerAnswer {
  readonly streamer: { readonly source: { readonly online: boolean } } | null;
}

const isRunning = (): boolean =>
  findProcess(([program]) => program?.endsWith("ustreamer") === true) !== undefined;

/** Width and height in the frame header of a JPEG. */
function sizeOf(jpeg: Buffer): string {
  for (let at = 2; at + 9 < jpeg.length; at += 2 + jpeg.readUInt16BE(at + 2)) {
    const marker = jpeg[at + 1] ?? 0;
    if (marker >= 0xc0 && marker <= 0xc2) {
      return `${jpeg.readUInt16BE(at + 7)}x${jpeg.readUInt16BE(at + 5)}`;
    }
  }
  return "none";
}

export const video: Scenario = {
  name: "video",
  async run({ check, measure }) {
    const startedAt = performance.now();
    // Somebody watches: PiKVM's pages open this socket before they ask for pictures.
    const viewer = await openWs("/api/ws?stream=1");
    const answer = await until("a picture", async () => {
      const answer = await call("GET", "/streamer/snapshot");
      if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
      return answer;
    });
    measure("first picture", performance.now() - startedAt, "ms");
    check("it is a JPEG", answer.headers["content-type"] === "image/jpeg");
    check("of the card's size", sizeOf(answer.bytes) === "640x480", sizeOf(answer.bytes));
    check("with a picture in it", answer.bytes.length > 5000, answer.bytes.length);
    await until("the source is said to be online", async () => {
      const { streamer } = await get<StreamerAnswer>("/api/streamer");
      return streamer?.source.online;
    });
    check("the source is said to be online", true);
    check("the capture program runs", isRunning());
    await viewer.close();
    await until("it ends when nobody watches", () => !isRunning());
    check("it ends when nobody watches", true);
  },
};
