import { describe, expect, it } from "vitest";
import { concatBytes, fromHex } from "../../../src/core/bytes.ts";
import { createCh9329Hid } from "../../../src/device/hid/ch9329.ts";
import { silentLogger } from "../../../src/core/log.ts";
import type { SerialBus } from "../../../src/platform/serial/port.ts";
import type { Ch9329Request } from "../../../src/protocol/ch9329/commands.ts";
import { fakeClock, settle } from "../../support/fake-clock.ts";
import { FakeCh9329, onlineBench, startBench } from "./ch9329-peer.ts";

const A = { type: "keyboard", modifiers: 0, keys: [4] } as const;
const NONE = { type: "keyboard", modifiers: 0, keys: [] } as const;
const CENTER = { type: "absolute", x: 0, y: 0 } as const;
const DONE = fromHex("57 ab 00 82 01 00 85");

/** Reacts to the first `count` requests of a type, then as usual. */
function first(
  count: number,
  type: Ch9329Request["type"],
  reaction: "silent" | number,
): FakeCh9329["react"] {
  let seen = 0;
  return (request) => {
    if (request.type !== type) return "usual";
    seen += 1;
    return seen <= count ? reaction : "usual";
  };
}

describe("Ch9329Hid on a bad line", () => {
  it.each([
    ["was not answered", "silent"],
    ["came too slowly (E1)", 0xe1],
    ["was damaged (E4)", 0xe4],
  ] as const)("repeats a key state that %s up to two times", async (_name, reaction) => {
    const { chip, clock, driver, state } = await onlineBench();
    chip.react = first(2, "keyboard", reaction);
    driver.submit(A);
    await clock.advance(300);
    expect(chip.keyReports).toEqual([[4], [4], [4]]);
    expect(chip.host.keys).toEqual([4]);
    expect(state()).toMatchObject({ online: true, lastError: null });
  });

  it.each([
    [9600, 150],
    [115_200, 60],
  ])("misses an answer at %i baud after %i ms", async (baudRate, timeoutMs) => {
    const chip = new FakeCh9329();
    chip.baudRate = baudRate;
    const { clock, driver } = startBench({ baudRate }, chip);
    await clock.advance(60);
    chip.forgetRequests();
    chip.react = first(1, "keyboard", "silent");
    driver.submit(A);
    await clock.advance(timeoutMs - 1);
    expect(chip.requests).toHaveLength(1);
    await clock.advance(1);
    expect(chip.requests).toHaveLength(2);
  });

  it.each(["silent", 0xe4] as const)("never repeats relative motion (%s)", async (reaction) => {
    const { chip, clock, driver } = await onlineBench({ mouseMode: "relative" });
    chip.react = first(1, "relative", reaction);
    driver.submit({ type: "relative", dx: 5, dy: 5 });
    await clock.advance(400);
    expect(chip.reports).toHaveLength(1);
  });

  it("repeats a button state without the motion that came with it", async () => {
    const { chip, clock, driver } = await onlineBench({ mouseMode: "relative" });
    chip.isHolding = true;
    driver.submit(A);
    driver.submit({ type: "relative", dx: 5, dy: -5 });
    driver.submit({ type: "buttons", buttons: 1 });
    chip.isHolding = false;
    chip.react = first(1, "relative", "silent");
    await chip.answer();
    await clock.advance(200);
    expect(chip.reports.slice(1)).toEqual([
      { type: "relative", buttons: 1, dx: 5, dy: -5, wheel: 0 },
      { type: "relative", buttons: 1, dx: 0, dy: 0, wheel: 0 },
    ]);
  });

  it("repeats an absolute report without its wheel turn", async () => {
    const { chip, clock, driver } = await onlineBench();
    driver.submit(CENTER);
    await settle();
    chip.react = first(1, "absolute", "silent");
    driver.submit({ type: "wheel", dx: 0, dy: 1 });
    await clock.advance(200);
    expect(chip.host.wheel).toBe(1);
    expect(chip.reports).toHaveLength(3);
  });

  it("finds the answer behind garbage, split into single bytes, and after answers that nobody waits for", async () => {
    const { chip, driver } = await onlineBench();
    chip.isHolding = true;
    driver.submit(A);
    driver.submit(NONE);
    await settle();
    const strangers = fromHex("57 ab 00 87 02 01 02 8e 57 ab 00 84 01 00 87 00 57 57 ab ff");
    for (const byte of strangers) await chip.send(Uint8Array.of(byte));
    expect(chip.keyReports).toEqual([[4]]);
    await chip.send(concatBytes(fromHex("57 ab 00"), DONE.subarray(0, 6)));
    expect(chip.keyReports).toEqual([[4]]);
    await chip.send(DONE.subarray(6));
    expect(chip.keyReports).toEqual([[4], []]);
  });

  it("does not take its own echo for a chip", async () => {
    const chip = new FakeCh9329();
    chip.react = () => fromHex("57 ab 00 01 00 03");
    const { clock, state } = startBench({}, chip);
    await clock.advance(2000);
    expect(state().online).toBe(false);
  });

  it("survives an answer with any bit flipped", async () => {
    const { chip, clock, driver, state } = await onlineBench();
    for (let bit = 0; bit < DONE.length * 8; bit += 1) {
      const broken = DONE.slice();
      broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      let isFirst = true;
      chip.react = ({ type }) => {
        if (type !== "keyboard" || !isFirst) return "usual";
        isFirst = false;
        return broken;
      };
      const report = bit % 2 === 0 ? A : NONE;
      driver.submit(report);
      await clock.advance(200);
      expect(chip.host.keys).toEqual(report.keys);
    }
    expect(state()).toMatchObject({ online: true, lastError: null });
  });

  it("drops a report that the chip calls wrong, says so, and goes on", async () => {
    const { chip, driver, state } = await onlineBench();
    chip.react = first(1, "media", 0xe3);
    driver.submit({ type: "consumer", usage: 0xe2 });
    driver.submit(A);
    await settle();
    expect(state()).toMatchObject({
      online: true,
      lastError: "CH9329 command 03: command unknown (E3)",
    });
    expect(chip.host.keys).toEqual([4]);
  });
});

describe("Ch9329Hid losing its chip", () => {
  it("resets a chip that stopped answering, goes offline with the reason, and releases everything on return", async () => {
    const { chip, clock, driver, state } = await onlineBench();
    driver.submit(A);
    await settle();
    chip.react = () => "silent";
    chip.forgetRequests();
    driver.submit({ type: "keyboard", modifiers: 1, keys: [4] });
    driver.submit(NONE);
    const drained = driver.drained();
    await clock.advance(450);
    expect(chip.reports.map((request) => request.type)).toEqual([
      "keyboard",
      "keyboard",
      "keyboard",
      "reset",
    ]);
    await drained;
    expect(state()).toMatchObject({
      online: false,
      hostReady: null,
      lastError: "The CH9329 stopped answering",
    });
    expect(driver.submit(A)).toBe(false);
    chip.react = () => "usual";
    chip.host.keys = [4];
    await clock.advance(2000);
    expect(chip.openedAt).toHaveLength(1);
    await clock.advance(1000);
    expect(chip.openedAt).toHaveLength(2);
    expect(state()).toMatchObject({ online: true, lastError: null });
    expect(chip.isReleased).toBe(true);
  });

  it("notices silence while idle", async () => {
    const { chip, clock, state } = await onlineBench();
    chip.react = () => "silent";
    await clock.advance(1200);
    expect(state().online).toBe(false);
  });

  it("goes offline after three lost motion answers in a row", async () => {
    const { chip, clock, driver, state } = await onlineBench({ mouseMode: "relative" });
    chip.react = () => "silent";
    for (let turn = 0; turn < 3; turn += 1) {
      driver.submit({ type: "relative", dx: 1, dy: 0 });
      await clock.advance(150);
    }
    expect(state().online).toBe(false);
  });

  it("goes offline when unplugged in mid-report, and releases everything when plugged in again", async () => {
    const { chip, clock, driver, state } = await onlineBench();
    chip.isHolding = true;
    driver.submit(A);
    driver.submit({ type: "buttons", buttons: 1 });
    const drained = driver.drained();
    await settle();
    chip.unplug();
    await settle();
    await drained;
    expect(state()).toMatchObject({ online: false, description: null });
    expect(state().lastError).not.toBeNull();
    expect(driver.submit(NONE)).toBe(false);
    expect(chip.host.keys).toEqual([4]);
    chip.isHolding = false;
    chip.isPresent = true;
    await clock.advance(600);
    expect(state().online).toBe(true);
    expect(chip.isReleased).toBe(true);
  });

  it("releases a button of the absolute mouse that it could not release before the chip was gone", async () => {
    const { chip, clock, driver } = await onlineBench();
    driver.submit(CENTER);
    driver.submit({ type: "buttons", buttons: 1 });
    await settle();
    chip.unplug();
    driver.setMouseMode("relative");
    chip.isPresent = true;
    await clock.advance(600);
    expect(chip.host).toMatchObject({ absoluteButtons: 0, x: 2048, y: 2048 });
    expect(chip.isReleased).toBe(true);
  });

  it("notices an unplugged chip while idle", async () => {
    const { chip, state } = await onlineBench();
    chip.unplug();
    await settle();
    expect(state().online).toBe(false);
  });

  it("finds a chip that fell back to 9600 baud", async () => {
    const chip = new FakeCh9329();
    chip.baudRate = 115_200;
    const { clock, state } = startBench({ baudRate: 115_200 }, chip);
    await clock.advance(60);
    expect(state().online).toBe(true);
    chip.baudRate = 9600;
    chip.unplug();
    chip.isPresent = true;
    await clock.advance(2000);
    expect(state()).toMatchObject({
      online: true,
      description: "CH9329 V1.8 at 9600 baud on /dev/ttyUSB0",
    });
  });

  it("treats a line that takes no bytes as lost", async () => {
    const { chip, clock, driver, state } = await onlineBench();
    const { bus } = chip;
    expect(state().online).toBe(true);
    const stuck: SerialBus = {
      list: () => bus.list(),
      async open(path, options) {
        const link = await bus.open(path, options);
        let sent = 0;
        return {
          name: link.name,
          send: (bytes) => {
            sent += 1;
            return sent > 10 ? new Promise<void>(() => undefined) : link.send(bytes);
          },
          onReceive: (listener) => link.onReceive(listener),
          onClose: (listener) => link.onClose(listener),
          close: () => link.close(),
        };
      },
    };
    const path = "/dev/ttyUSB1";
    const log = silentLogger;
    const own = fakeClock();
    const hid = createCh9329Hid({
      bus: stuck,
      path,
      baudRate: 9600,
      clock: own,
      log,
      mouseMode: "absolute",
    });
    const controller = new AbortController();
    const running = hid.run(controller.signal);
    await own.advance(60);
    for (let turn = 0; turn < 12; turn += 1) {
      hid.submit(turn % 2 === 0 ? A : NONE);
      await settle();
    }
    await own.advance(150);
    expect(hid.state.value).toMatchObject({ online: false });
    expect(hid.state.value.lastError).toContain("does not take any bytes");
    controller.abort();
    await own.advance(5000);
    await running;
    driver.releaseAll();
    await clock.advance(0);
  });
});

describe("Ch9329Hid with a computer that is not there", () => {
  it("keeps the port open, drops moves, holds keys and sends them when the computer is there", async () => {
    const { chip, clock, driver, state } = await onlineBench();
    chip.hostReady = false;
    driver.submit(CENTER);
    driver.submit(A);
    await settle();
    expect(state()).toMatchObject({ online: true, hostReady: false });
    expect(driver.submit(CENTER)).toBe(false);
    expect(driver.submit({ type: "wheel", dx: 0, dy: 1 })).toBe(false);
    expect(driver.submit({ type: "keyboard", modifiers: 2, keys: [5] })).toBe(true);
    expect(driver.submit({ type: "buttons", buttons: 2 })).toBe(true);
    await driver.drained();
    chip.hostReady = true;
    await clock.advance(500);
    expect(state()).toMatchObject({ online: true, hostReady: true });
    expect(chip.host).toMatchObject({ modifiers: 2, keys: [5], absoluteButtons: 2, wheel: 0 });
    expect(chip.openedAt).toHaveLength(1);
  });

  it("does not press a key afterwards that was released meanwhile, nor a power key", async () => {
    const { chip, clock, driver } = await onlineBench();
    chip.hostReady = false;
    driver.submit(A);
    await settle();
    driver.submit({ type: "system", control: 1 });
    driver.submit({ type: "consumer", usage: 0xe2 });
    driver.submit(NONE);
    chip.hostReady = true;
    chip.forgetRequests();
    await clock.advance(600);
    expect(chip.isReleased).toBe(true);
    expect(chip.reports.some((request) => request.type === "system" && request.bits !== 0)).toBe(
      false,
    );
    expect(chip.keyReports).not.toContainEqual([4]);
  });

  it("forgets held keys when everything is released meanwhile", async () => {
    const { chip, clock, driver } = await onlineBench();
    chip.hostReady = false;
    driver.submit(A);
    await settle();
    driver.releaseAll();
    chip.hostReady = true;
    await clock.advance(600);
    expect(chip.isReleased).toBe(true);
  });

  it("only polls while nothing changes, and offers a changed state once after each poll", async () => {
    const { chip, clock, driver } = await onlineBench();
    chip.hostReady = false;
    driver.submit(A);
    await settle();
    chip.forgetRequests();
    await clock.advance(2000);
    expect(chip.reports).toEqual([]);
    driver.submit(NONE);
    driver.submit(A);
    await clock.advance(2000);
    expect(chip.keyReports).toEqual([[4]]);
  });

  it("wakes a sleeping computer that calls itself ready", async () => {
    const { chip, clock, driver, state } = await onlineBench();
    chip.react = first(2, "keyboard", 0xe6);
    driver.submit(A);
    await settle();
    expect(state().hostReady).toBe(false);
    await clock.advance(500);
    expect(state().hostReady).toBe(false);
    await clock.advance(500);
    expect(state().hostReady).toBe(true);
    expect(chip.host.keys).toEqual([4]);
  });

  it("takes along what changes while the held state is being sent", async () => {
    const { chip, clock, driver } = await onlineBench();
    chip.hostReady = false;
    driver.submit(A);
    await settle();
    chip.hostReady = true;
    chip.react = (request) => {
      if (request.type === "media") {
        chip.react = () => "usual";
        driver.submit(NONE);
      }
      return "usual";
    };
    await clock.advance(500);
    expect(chip.isReleased).toBe(true);
    driver.submit(A);
    await settle();
    expect(chip.host.keys).toEqual([4]);
  });

  it("sends the complete state when the computer enumerated the chip anew in between", async () => {
    const { chip, clock, driver, state } = await onlineBench();
    driver.submit(A);
    await settle();
    chip.hostReady = false;
    chip.host.keys = [];
    await clock.advance(500);
    expect(state().hostReady).toBe(false);
    chip.hostReady = true;
    await clock.advance(500);
    expect(state().hostReady).toBe(true);
    expect(chip.host.keys).toEqual([4]);
  });

  it("goes online with a computer that is off, and releases it when it comes", async () => {
    const chip = new FakeCh9329();
    chip.hostReady = false;
    chip.host.keys = [7];
    const { clock, state } = startBench({}, chip);
    await clock.advance(100);
    expect(state()).toMatchObject({ online: true, hostReady: false });
    chip.hostReady = true;
    await clock.advance(600);
    expect(state().hostReady).toBe(true);
    expect(chip.isReleased).toBe(true);
  });

  it("keeps typing on a chip whose work mode has no mouse", async () => {
    const { chip, clock, driver, state } = await onlineBench();
    chip.react = ({ type }) => (type === "absolute" || type === "relative" ? 0xe6 : "usual");
    driver.submit({ type: "buttons", buttons: 1 });
    await clock.advance(600);
    expect(state().hostReady).toBe(true);
    driver.submit({ type: "buttons", buttons: 0 });
    driver.submit(A);
    await settle();
    expect(chip.host.keys).toEqual([4]);
    driver.submit(CENTER);
    await settle();
    expect(state()).toMatchObject({ online: true, hostReady: true });
  });
});

describe("Ch9329Hid stopping", () => {
  it("releases everything before run returns", async () => {
    const bench = await onlineBench();
    const { chip, driver, state } = bench;
    driver.submit(CENTER);
    driver.submit({ type: "keyboard", modifiers: 3, keys: [4, 5] });
    driver.submit({ type: "buttons", buttons: 1 });
    driver.submit({ type: "consumer", usage: 0xe9 });
    driver.submit({ type: "system", control: 2 });
    await settle();
    expect(chip.isReleased).toBe(false);
    bench.abort();
    expect(driver.submit(A)).toBe(false);
    await settle();
    expect(chip.isReleased).toBe(true);
    expect(chip.host).toMatchObject({ x: 2048, y: 2048 });
    expect(bench.isStopped()).toBe(true);
    expect(state()).toMatchObject({ online: false, lastError: null });
    expect(bench.clock.pending).toBe(0);
  });

  it("finishes the report in flight first", async () => {
    const bench = await onlineBench();
    bench.chip.isHolding = true;
    bench.driver.submit(A);
    bench.driver.submit({ type: "keyboard", modifiers: 0, keys: [5] });
    await settle();
    bench.abort();
    bench.chip.isHolding = false;
    await bench.chip.answer();
    await settle();
    expect(bench.chip.isReleased).toBe(true);
    expect(bench.chip.keyReports).not.toContainEqual([5]);
    expect(bench.isStopped()).toBe(true);
  });

  it("offers every release to a chip that does not answer any more, and ends within two seconds", async () => {
    const bench = await onlineBench();
    const { chip, clock, driver } = bench;
    driver.submit(A);
    driver.submit({ type: "buttons", buttons: 1 });
    await settle();
    chip.react = () => "silent";
    bench.abort();
    await clock.advance(2000);
    expect(chip.isReleased).toBe(true);
    expect(bench.isStopped()).toBe(true);
  });

  it("offers every release to a computer that is not there", async () => {
    const bench = await onlineBench();
    bench.chip.hostReady = false;
    bench.driver.submit(A);
    await settle();
    bench.chip.forgetRequests();
    bench.abort();
    await settle();
    expect(new Set(bench.chip.reports.map((request) => request.type))).toEqual(
      new Set(["keyboard", "media", "system", "relative"]),
    );
    expect(bench.isStopped()).toBe(true);
  });

  it.each([
    ["the line settles", 20, "usual"],
    ["the chip is asked", 100, "silent"],
    ["the next attempt waits", 800, "silent"],
  ] as const)("ends while %s", async (_name, atMs, reaction) => {
    const chip = new FakeCh9329();
    chip.react = () => reaction;
    const bench = startBench({}, chip);
    await bench.clock.advance(atMs);
    await bench.stop();
    expect(bench.isStopped()).toBe(true);
    expect(bench.state().online).toBe(false);
    expect(bench.clock.pending).toBe(0);
  });

  it("ends during a reset, and during the attempt to wake a silent chip", async () => {
    const resetting = await onlineBench();
    void resetting.driver.reset();
    await settle();
    await resetting.stop();
    expect(resetting.isStopped()).toBe(true);
    const silent = await onlineBench();
    silent.chip.react = () => "silent";
    await silent.clock.advance(1000);
    await silent.stop();
    expect(silent.isStopped()).toBe(true);
  });
});
