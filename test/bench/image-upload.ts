// A large image into the daemon and out again, against cp on the same disk. The client streams from a file, so that
// both have the same source and the same work.
import { execFileSync } from "node:child_process";
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
} from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { CREDENTIALS, startDaemon } from "./daemon.ts";
import type { RunningDaemon } from "./daemon.ts";

const SAMPLE_MS = 100;
const CHUNK_BYTES = 256 * 1024;

export interface UploadResult {
  readonly mib: number;
  /** MiB per second, until the bytes are on the disk. */
  readonly copyRate: number;
  readonly uploadRate: number;
  readonly downloadRate: number;
  /** Resident memory of the daemon in MiB: before, and the most while it worked. */
  readonly idleMiB: number;
  readonly uploadMiB: number;
  readonly downloadMiB: number;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}

/** Runs the work and returns the most memory that the daemon had meanwhile. */
async function peakOf(daemon: RunningDaemon, work: () => Promise<void>): Promise<number> {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, daemon.residentMiB());
  }, SAMPLE_MS);
  await work();
  clearInterval(timer);
  return Math.max(peak, daemon.residentMiB());
}

function upload(port: number, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const { size } = statSync(path);
    const outgoing = request(
      {
        host: "127.0.0.1",
        port,
        path: "/api/msd/write?image=bench.img",
        method: "POST",
        headers: { ...CREDENTIALS, "Content-Length": size },
        agent: false,
      },
      (response) => {
        response.resume();
        if (response.statusCode === 200) response.once("end", resolve);
        else reject(new Error(`The upload was answered with ${response.statusCode}`));
      },
    );
    outgoing.once("error", reject);
    createReadStream(path, { highWaterMark: CHUNK_BYTES }).pipe(outgoing);
  });
}

function download(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    request(
      {
        host: "127.0.0.1",
        port,
        path: "/api/msd/read?image=bench.img",
        headers: CREDENTIALS,
        agent: false,
      },
      (response) => {
        pipeline(response, createWriteStream("/dev/null")).then(resolve, reject);
      },
    )
      .once("error", reject)
      .end();
  });
}

/** The daemon finds its storage a moment after it is ready. */
async function untilOnline(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const response = await fetch(`http://127.0.0.1:${port}/api/msd`, {
      headers: { ...CREDENTIALS, Connection: "close" },
    });
    if ((await response.text()).includes('"online":true')) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  throw new Error("Mass storage did not come online");
}

export async function imageUpload(mib: number): Promise<UploadResult> {
  const folder = mkdtempSync(join(tmpdir(), "farhand-bench-images-"));
  const dataDir = join(folder, "data");
  mkdirSync(dataDir);
  const source = join(folder, "source.img");
  const copy = join(folder, "copy.img");
  execFileSync("dd", [
    "if=/dev/urandom",
    `of=${source}`,
    "bs=1M",
    `count=${mib}`,
    "conv=fsync",
    "status=none",
  ]);
  const daemon = await startDaemon({ dataDir, tls: false });
  try {
    await untilOnline(daemon.port);
    const copySeconds = await timed(() => {
      execFileSync("cp", ["--reflink=never", source, copy]);
      execFileSync("sync", [copy]);
      return Promise.resolve();
    });
    rmSync(copy);
    const idleMiB = daemon.residentMiB();
    let uploadSeconds = 0;
    let downloadSeconds = 0;
    const uploadMiB = await peakOf(daemon, async () => {
      uploadSeconds = await timed(() => upload(daemon.port, source));
    });
    const downloadMiB = await peakOf(daemon, async () => {
      downloadSeconds = await timed(() => download(daemon.port));
    });
    execFileSync("cmp", [source, join(dataDir, "images", "bench.img")]);
    const rate = (seconds: number): number => mib / seconds;
    return {
      mib,
      copyRate: rate(copySeconds),
      uploadRate: rate(uploadSeconds),
      downloadRate: rate(downloadSeconds),
      idleMiB,
      uploadMiB,
      downloadMiB,
    };
  } finally {
    await daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

export const QUICK_MIB = 256;
export const FULL_MIB = 2048;
