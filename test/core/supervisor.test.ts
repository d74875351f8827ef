import { describe, expect, it } from "vitest";
import { sleep } from "../../src/core/clock.ts";
import { supervise } from "../../src/core/supervisor.ts";
import { fakeClock } from "../support/fake-clock.ts";
import type { FakeClock } from "../support/fake-clock.ts";
import { recordingLogger } from "../support/recording-logger.ts";
import type { RecordingLogger } from "../support/recording-logger.ts";

interface Rig {
  readonly clock: FakeClock;
  readonly log: RecordingLogger;
  readonly stop: () => Promise<void>;
}

function start(
  run: (signal: AbortSignal, clock: FakeClock) => Promise<void>,
  options: { readonly healthyAfterMs?: number } = {},
): Rig {
  const clock = fakeClock();
  const log = recordingLogger();
  const controller = new AbortController();
  const running = supervise(
    {
      name: "streamer",
      clock,
      log,
      signal: controller.signal,
      backoff: { stepsMs: [100, 200, 400] },
      ...options,
    },
    (signal) => run(signal, clock),
  );
  return {
    clock,
    log,
    stop: () => {
      controller.abort();
      return running;
    },
  };
}

describe("supervise", () => {
  it("runs again after each failure, with growing delays", async () => {
    const startedAt: number[] = [];
    const rig = start((_signal, clock) => {
      startedAt.push(clock.monotonic());
      return Promise.reject(new Error("broken"));
    });
    await rig.clock.advance(1100);
    expect(startedAt).toEqual([0, 100, 300, 700, 1100]);
    await rig.stop();
  });

  it("warns at the first failure of a row and says the others quietly", async () => {
    const rig = start(() => Promise.reject(new Error("broken")));
    await rig.clock.advance(300);
    expect(rig.log.records.map(({ level, fields }) => [level, fields["failures"]])).toEqual([
      ["warn", 1],
      ["debug", 2],
      ["debug", 3],
    ]);
    await rig.stop();
  });

  it("runs again after a quiet end too, without a word", async () => {
    let runs = 0;
    const rig = start(() => {
      runs += 1;
      return Promise.resolve();
    });
    await rig.clock.advance(100);
    expect(runs).toBe(2);
    expect(rig.log.records).toEqual([]);
    await rig.stop();
  });

  it("starts from the first delay after a healthy run, and warns again", async () => {
    const startedAt: number[] = [];
    const rig = start(
      async (signal, clock) => {
        startedAt.push(clock.monotonic());
        if (startedAt.length === 3) await sleep(clock, 5000, signal);
        throw new Error("broken");
      },
      { healthyAfterMs: 5000 },
    );
    await rig.clock.advance(5400);
    expect(startedAt).toEqual([0, 100, 300, 5400]);
    expect(rig.log.records.map(({ level }) => level)).toEqual(["warn", "debug", "debug", "warn"]);
    await rig.stop();
  });

  it("counts a run of ten seconds as healthy when nothing else is said", async () => {
    const startedAt: number[] = [];
    const rig = start(async (signal, clock) => {
      startedAt.push(clock.monotonic());
      await sleep(clock, 10_000, signal);
    });
    await rig.clock.advance(20_300);
    expect(startedAt).toEqual([0, 10_100, 20_200]);
    await rig.stop();
  });

  it("ends on abort during a run and logs nothing about it", async () => {
    const rig = start((signal, clock) => sleep(clock, 60_000, signal));
    await rig.clock.advance(1000);
    await rig.stop();
    expect(rig.log.records).toEqual([]);
    expect(rig.clock.pending).toBe(0);
  });

  it("ends on abort during a run that returns", async () => {
    const rig = start((signal, clock) => sleep(clock, 60_000, signal).catch(() => undefined));
    await rig.clock.advance(1000);
    await rig.stop();
    expect(rig.clock.pending).toBe(0);
  });

  it("ends on abort during a delay", async () => {
    const rig = start(() => Promise.reject(new Error("broken")));
    await rig.clock.advance(50);
    await rig.stop();
    expect(rig.clock.pending).toBe(0);
  });

  it("does not run at all when it is aborted already", async () => {
    let runs = 0;
    await supervise(
      {
        name: "streamer",
        clock: fakeClock(),
        log: recordingLogger(),
        signal: AbortSignal.abort(),
        backoff: { stepsMs: [100] },
      },
      () => {
        runs += 1;
        return Promise.resolve();
      },
    );
    expect(runs).toBe(0);
  });
});
