// From a WebSocket frame leaving a client to its report arriving at the serial chip. The chip is simulated in this
// process on a real pseudo-terminal, at the pace of a real wire of 115200 baud; the daemon opens the other end as it
// would open a USB adapter. Both times are read from this process's clock.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "../../src/core/clock.ts";
import { createCh9329Chip } from "../../src/platform/sim/ch9329-chip.ts";
import type { Ch9329Chip } from "../../src/platform/sim/ch9329-chip.ts";
import { createPtyPair } from "../../src/platform/sim/pty-pair.ts";
import { createTargetPc } from "../../src/platform/sim/target-pc.ts";
import { connectWs } from "../support/ws-client.ts";
import type { WsClient } from "../support/ws-client.ts";
import { CREDENTIALS, startDaemon } from "./daemon.ts";
import type { FloodOptions } from "./mouse-flood.ts";
import { percentile } from "./statistics.ts";

const BAUD_RATE = 115_200;
const USAGE_A = 0x04;
const PRESS = Buffer.concat([Buffer.from([1, 1]), Buffer.from("KeyA")]);
const RELEASE = Buffer.concat([Buffer.from([1, 0]), Buffer.from("KeyA")]);

export interface WireResult {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /**
   * Other reports that reached the chip between a key's frame and its report: the one in flight, and any that was sent
   * before the daemon had read the frame.
   */
  readonly reportsBefore: { readonly p99: number; readonly most: number };
  /** Reports per second that reached the chip. */
  readonly reportsPerSecond: number;
}

interface Rig {
  readonly chip: Ch9329Chip;
  readonly client: WsClient;
}

interface KeyTiming {
  readonly ms: number;
  readonly reportsBefore: number;
}

/** Sends one key frame and waits for the keyboard report that it causes. */
function timeKey({ chip, client }: Rig, frame: Uint8Array, isPress: boolean): Promise<KeyTiming> {
  return new Promise((resolve, reject) => {
    let reportsBefore = 0;
    const timer = setTimeout(() => {
      unsubscribe();
      reject(new Error("The key did not arrive at the chip within a second"));
    }, 1000);
    const unsubscribe = chip.onRequest((request) => {
      if (request.type !== "keyboard" || request.keys.includes(USAGE_A) !== isPress) {
        if (request.type !== "getInfo") reportsBefore += 1;
        return;
      }
      const ms = performance.now() - sentAt;
      clearTimeout(timer);
      unsubscribe();
      resolve({ ms, reportsBefore });
    });
    const sentAt = performance.now();
    client.sendRaw(frame);
  });
}

async function measure(rig: Rig, presses: number, gapMs: number): Promise<WireResult> {
  const timings: KeyTiming[] = [];
  let reports = 0;
  const unsubscribe = rig.chip.onRequest(() => {
    reports += 1;
  });
  const startedAt = performance.now();
  for (let press = 0; press < presses; press += 1) {
    timings.push(await timeKey(rig, PRESS, true));
    // Not in step with the wire: the gap is spread over more than one report.
    await pause(gapMs + Math.random() * 8);
    timings.push(await timeKey(rig, RELEASE, false));
    await pause(gapMs + Math.random() * 8);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  unsubscribe();
  const times = timings.map(({ ms }) => ms);
  const counts = timings.map(({ reportsBefore }) => reportsBefore);
  return {
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    maxMs: Math.max(...times),
    reportsBefore: { p99: percentile(counts, 0.99), most: Math.max(...counts) },
    reportsPerSecond: reports / seconds,
  };
}

function startFlood(port: number): Promise<ChildProcess> {
  const options: FloodOptions = {
    url: `ws://127.0.0.1:${port}/api/ws?stream=0`,
    headers: CREDENTIALS,
    clients: 4,
    movesPerSecond: 250,
  };
  const script = fileURLToPath(new URL("mouse-flood.js", import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.stdout.once("data", () => {
      resolve(child);
    });
    child.once("error", reject);
    child.once("exit", (code) => {
      reject(new Error(`The flood ended with ${code}`));
    });
  });
}

/** Idle first, then under four clients that send 250 moves a second each. */
export async function frameToWire(): Promise<{ idle: WireResult; flood: WireResult }> {
  const pair = await createPtyPair();
  const target = createTargetPc(systemClock);
  const chip = createCh9329Chip({
    clock: systemClock,
    target,
    baudRate: BAUD_RATE,
    wireTiming: true,
  });
  chip.attach(pair.link, BAUD_RATE);
  const dataDir = mkdtempSync(join(tmpdir(), "farhand-bench-"));
  const daemon = await startDaemon({
    dataDir,
    tls: false,
    env: {
      FARHAND__PLATFORM: "linux",
      FARHAND__DEVICE__HID__BACKEND: "ch9329",
      FARHAND__DEVICE__HID__SERIAL_PATH: pair.path,
      FARHAND__DEVICE__HID__BAUD_RATE: String(BAUD_RATE),
    },
  });
  let flooder: ChildProcess | undefined;
  try {
    const client = await connectWs(
      `http://127.0.0.1:${daemon.port}`,
      "/api/ws?stream=0",
      CREDENTIALS,
    );
    await client.waitFor("hid", ({ online }) => online === true);
    const rig = { chip, client };
    await measure(rig, 20, 5);
    const idle = await measure(rig, 250, 10);
    flooder = await startFlood(daemon.port);
    await pause(500);
    const flood = await measure(rig, 250, 10);
    await client.close();
    return { idle, flood };
  } finally {
    flooder?.kill("SIGKILL");
    await daemon.stop();
    await chip.close();
    target.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
