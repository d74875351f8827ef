// MJPEG to many viewers: a capture program that sends numbered pictures, the daemon on its real platform, and the viewers
// in a process of their own. Only the daemon's own processor time is counted.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectWs } from "../support/ws-client.ts";
import { CREDENTIALS, startDaemon } from "./daemon.ts";
import type { ViewersOptions, ViewersResult } from "./picture-viewers.ts";

/** About what a 1280x720 desktop takes at quality 80. */
const PICTURE_BYTES = 90_000;
const FPS = 30;
const VIEWERS = 20;
const WARM_UP_MS = 1500;
/** Of /proc/<pid>/stat, as Linux has it everywhere. */
const TICKS_PER_SECOND = 100;

export interface VideoResult extends ViewersResult {
  /** Of one core. */
  readonly cpuPercent: number;
  readonly residentMiB: number;
}

const beside = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Processor seconds that the process has used. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function runViewers(options: ViewersOptions): Promise<ViewersResult> {
  const args = [beside("picture-viewers.js"), JSON.stringify(options)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (chunk: string) => {
    text += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once("close", (code) => {
      if (code === 0) resolve(JSON.parse(text));
      else reject(new Error(`The viewers ended with ${code}`));
    });
  });
}

function programIn(folder: string): string {
  const path = join(folder, "ustreamer");
  const script = `#!/bin/sh\nexec "${process.execPath}" "${beside("fake-ustreamer.js")}" "$@"\n`;
  writeFileSync(path, script, { mode: 0o755 });
  return path;
}

/** Measures twice: with viewers that all read, and with one more that does not. */
export async function videoFanOut(
  durationMs: number,
): Promise<{ readonly plain: VideoResult; readonly withStalled: VideoResult }> {
  const folder = mkdtempSync(join(tmpdir(), "farhand-bench-"));
  const daemon = await startDaemon({
    dataDir: folder,
    tls: false,
    env: {
      FARHAND__PLATFORM: "linux",
      FARHAND__DEVICE__HID__BACKEND: "none",
      FARHAND__DEVICE__STREAMER__COMMAND: programIn(folder),
      FARHAND__DEVICE__STREAMER__DEVICE: "/dev/null",
      FAKE_SIZE: String(PICTURE_BYTES),
      FAKE_FPS: String(FPS),
    },
  });
  const measure = async (hasStalled: boolean): Promise<VideoResult> => {
    const before = cpuSeconds(daemon.pid);
    const startedAt = performance.now();
    const result = await runViewers({
      port: daemon.port,
      headers: CREDENTIALS,
      viewers: VIEWERS,
      hasStalled,
      warmUpMs: WARM_UP_MS,
      durationMs,
    });
    const seconds = (performance.now() - startedAt) / 1000;
    const cpuPercent = ((cpuSeconds(daemon.pid) - before) / seconds) * 100;
    return { ...result, cpuPercent, residentMiB: daemon.residentMiB() };
  };
  try {
    const client = await connectWs(`http://127.0.0.1:${daemon.port}`, "/api/ws", CREDENTIALS);
    await client.waitFor(
      "streamer",
      ({ streamer }) => typeof streamer === "object" && streamer !== null,
    );
    const plain = await measure(false);
    const withStalled = await measure(true);
    client.vanish();
    return { plain, withStalled };
  } finally {
    await daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
