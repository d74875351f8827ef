import { describe, expect, it } from "vitest";
import { MultipartParser } from "../../../src/protocol/ustreamer/multipart-parser.ts";
import {
  BOUNDARY,
  clientCookie,
  partHead,
  partTail,
  streamStart,
} from "../../../src/protocol/ustreamer/multipart-writer.ts";
import type { StreamOptions } from "../../../src/protocol/ustreamer/multipart-writer.ts";

const PLAIN: StreamOptions = {
  key: "",
  extraHeaders: false,
  advanceHeaders: false,
  dualFinalFrames: false,
  zeroData: false,
};
const FACTS = {
  isOnline: true,
  width: 1280,
  height: 720,
  dropped: 2,
  clientFps: 30,
  timings: "X-UStreamer-Latency: 0.010000\r\n",
};
const AT = 1_700_000_000_250;

function stream(options: StreamOptions, pictures: readonly string[]): Uint8Array {
  const parts = pictures.map((picture) => {
    const body = options.zeroData ? "" : picture;
    return partHead(options, picture.length, AT, FACTS) + body + partTail(options, AT);
  });
  return new TextEncoder().encode(streamStart(options, AT) + parts.join(""));
}

function read(bytes: Uint8Array) {
  const parts: { headers: Record<string, string>; body: string }[] = [];
  const parser = new MultipartParser(BOUNDARY, (headers, body) => {
    parts.push({ headers: Object.fromEntries(headers), body: Buffer.from(body).toString() });
  });
  parser.push(bytes);
  return parts;
}

describe("the picture stream", () => {
  it("announces type, length and time of each picture", () => {
    expect(read(stream(PLAIN, ["one", "two"]))).toEqual([
      {
        headers: {
          "content-type": "image/jpeg",
          "content-length": "3",
          "x-timestamp": "1700000000.250000",
        },
        body: "one",
      },
      expect.objectContaining({ body: "two" }),
    ]);
  });

  it("tells more with extra_headers", () => {
    const [part] = read(stream({ ...PLAIN, extraHeaders: true }, ["one"]));
    expect(part?.headers).toMatchObject({
      "x-ustreamer-online": "true",
      "x-ustreamer-dropped": "2",
      "x-ustreamer-width": "1280",
      "x-ustreamer-height": "720",
      "x-ustreamer-client-fps": "30",
      "x-ustreamer-latency": "0.010000",
    });
  });

  it("sends the next headers right behind a picture with advance_headers, without length", () => {
    const options = { ...PLAIN, advanceHeaders: true, extraHeaders: true };
    const parts = read(stream(options, ["one", "two"]));
    expect(parts.map(({ body }) => body)).toEqual(["one", "two"]);
    expect(Object.keys(parts[0]?.headers ?? {})).toEqual(["content-type", "x-timestamp"]);
    expect(Buffer.from(stream(options, ["one"])).toString()).toMatch(
      /one\r\n--boundarydonotcross\r\nContent-Type: image\/jpeg\r\nX-Timestamp: [\d.]+\r\n\r\n$/,
    );
  });

  it("sends headers alone with zero_data", () => {
    const [part] = read(stream({ ...PLAIN, zeroData: true }, ["one"]));
    expect(part).toMatchObject({ headers: { "content-length": "0" }, body: "" });
  });
});

describe("clientCookie", () => {
  it("names the reader by its key and id", () => {
    expect(clientCookie("abc", "1f", "")).toBe("stream_client=abc/1f; path=/; max-age=30");
  });

  it("has the instance in its name and 0 for a missing key", () => {
    expect(clientCookie("", "1f", "left")).toBe("stream_client_left=0/1f; path=/; max-age=30");
  });
});
