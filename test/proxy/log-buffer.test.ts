import { describe, expect, it } from "vitest";
import { LogBuffer } from "../../src/proxy/log-buffer.ts";
import { settle } from "../support/fake-clock.ts";

/** Reads in the background. */
function follow(buffer: LogBuffer) {
  const controller = new AbortController();
  const lines: string[] = [];
  const run = async (): Promise<void> => {
    for await (const batch of buffer.read(controller.signal)) lines.push(...batch);
  };
  const ended = run();
  return {
    lines,
    ended,
    stop: () => {
      controller.abort();
    },
  };
}

describe("LogBuffer", () => {
  it("gives every reader what is kept and then what comes", async () => {
    const buffer = new LogBuffer();
    buffer.append("a");
    const first = follow(buffer);
    await settle();
    buffer.append("b");
    const second = follow(buffer);
    await settle();
    buffer.append("c");
    await settle();
    expect([first.lines, second.lines]).toEqual([
      ["a", "b", "c"],
      ["a", "b", "c"],
    ]);
  });

  it("drops the oldest lines when it is full", async () => {
    const buffer = new LogBuffer(3);
    for (let index = 0; index < 5000; index += 1) buffer.append(`line ${index}`);
    const reader = follow(buffer);
    await settle();
    expect(reader.lines).toEqual(["line 4997", "line 4998", "line 4999"]);
    expect(buffer.tail(2)).toEqual(["line 4998", "line 4999"]);
    expect(buffer.tail(10)).toHaveLength(3);
  });

  it("is bounded by size as well", () => {
    const buffer = new LogBuffer();
    for (let index = 0; index < 100; index += 1) buffer.append("x".repeat(60_000));
    expect(buffer.tail(100).length).toBeLessThan(40);
  });

  it("skips lines for a reader that is too slow, and no other", async () => {
    const buffer = new LogBuffer(2);
    const slow = buffer.read(new AbortController().signal);
    buffer.append("0");
    expect((await slow.next()).value).toEqual(["0"]);
    for (let index = 1; index < 5; index += 1) buffer.append(String(index));
    expect((await slow.next()).value).toEqual(["3", "4"]);
  });

  it("hands over long logs in parts", async () => {
    const buffer = new LogBuffer();
    for (let index = 0; index < 2000; index += 1) buffer.append(String(index));
    const first = await buffer.read(new AbortController().signal).next();
    expect(first.value).toHaveLength(512);
  });

  it("ends readers when it is closed, after what they have not read yet", async () => {
    const buffer = new LogBuffer();
    const waiting = follow(buffer);
    await settle();
    buffer.append("last");
    buffer.close();
    buffer.append("too late");
    await waiting.ended;
    const late = follow(buffer);
    await late.ended;
    expect([waiting.lines, late.lines]).toEqual([["last"], ["last"]]);
  });

  it("forgets a reader that goes away", async () => {
    const buffer = new LogBuffer();
    const reader = follow(buffer);
    await settle();
    expect(buffer.waitingReaders).toBe(1);
    reader.stop();
    await reader.ended;
    expect(buffer.waitingReaders).toBe(0);
  });
});
