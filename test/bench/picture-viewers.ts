// Readers of the picture stream in a process of their own: as many as wanted, and one more that stops reading.
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { readFakePicture } from "../support/fake-ustreamer.ts";
import { MultipartParser } from "../../src/protocol/ustreamer/multipart-parser.ts";
import { percentile } from "./statistics.ts";

export interface ViewersOptions {
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly viewers: number;
  readonly hasStalled: boolean;
  readonly warmUpMs: number;
  readonly durationMs: number;
}

export interface ViewersResult {
  /** Pictures per second and viewer. */
  readonly fps: number;
  /** From leaving the capture program to being complete at the viewer. */
  readonly ageP50Ms: number;
  readonly ageP99Ms: number;
  /** Pictures that some viewer did not get. */
  readonly lost: number;
}

interface Tally {
  readonly ages: number[];
  lost: number;
  isCounting: boolean;
}

function requestText({ port, headers }: ViewersOptions): string {
  const lines = Object.entries({ Host: `127.0.0.1:${port}`, ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `GET /streamer/stream HTTP/1.1\r\n${head}\r\n`;
}

function watch(options: ViewersOptions, tally: Tally): void {
  let last = 0;
  const parser = new MultipartParser("boundarydonotcross", (_headers, body) => {
    const { number, sentAt } = readFakePicture(body);
    if (tally.isCounting) {
      tally.ages.push(performance.timeOrigin + performance.now() - sentAt);
      if (last > 0) tally.lost += number - last - 1;
    }
    last = number;
  });
  const socket = connect(options.port, "127.0.0.1", () => {
    socket.write(requestText(options));
  });
  let isInBody = false;
  socket.on("data", (chunk: Buffer) => {
    // The headers of the answer come in a chunk of their own or with the first boundary.
    const start = isInBody ? 0 : chunk.indexOf("\r\n\r\n") + 4;
    isInBody = true;
    parser.push(chunk.subarray(start));
  });
  socket.on("error", (error) => {
    throw error;
  });
}

/** Reads the beginning and then nothing more. */
function stall(options: ViewersOptions): void {
  const socket = connect(options.port, "127.0.0.1", () => {
    socket.write(requestText(options));
  });
  socket.once("data", () => void socket.pause());
  // The daemon cuts it off in the end.
  socket.on("error", () => undefined);
}

async function main(): Promise<void> {
  const options: ViewersOptions = JSON.parse(process.argv[2] ?? "{}");
  const tally: Tally = { ages: [], lost: 0, isCounting: false };
  for (let count = 0; count < options.viewers; count += 1) watch(options, tally);
  if (options.hasStalled) stall(options);
  await pause(options.warmUpMs);
  tally.isCounting = true;
  await pause(options.durationMs);
  const seconds = options.durationMs / 1000;
  const result: ViewersResult = {
    fps: tally.ages.length / options.viewers / seconds,
    ageP50Ms: percentile(tally.ages, 0.5),
    ageP99Ms: percentile(tally.ages, 0.99),
    lost: tally.lost,
  };
  process.stdout.write(JSON.stringify(result), () => process.exit(0));
}

await main();
