import { describe, expect, it } from "vitest";
import { StorageError } from "../../../src/core/errors.ts";
import type { FileStore } from "../../../src/platform/files/port.ts";
import { createSimHost } from "../../../src/platform/sim/host.ts";

/** A machine with the given machine id; nothing else of a file store is used. */
function filesWith(read: () => Promise<string | undefined>): FileStore {
  const refuse = () => Promise.reject(new StorageError("read-only"));
  return {
    read,
    readBytes: refuse,
    writeAtomic: refuse,
    remove: refuse,
    removeFolder: refuse,
    list: () => Promise.resolve([]),
    listTree: () => Promise.resolve([]),
    staysWithin: () => Promise.resolve(false),
    fingerprint: () => undefined,
    watch: () => () => undefined,
  };
}

const host = (id: string | undefined) => createSimHost(filesWith(() => Promise.resolve(id)));

describe("createSimHost", () => {
  it("is recognizable as simulated", async () => {
    expect(await host("abc").identity()).toMatchObject({ preset: "sim", model: "Simulated board" });
  });

  it("derives a stable serial from the machine id without showing it", async () => {
    const id = "0123456789abcdef0123456789abcdef";
    const [first, again, other] = await Promise.all(
      [`${id}\n`, id, "another"].map((text) => host(text).identity()),
    );
    expect(first?.serial).toMatch(/^[0-9a-f]{16}$/);
    expect(first?.serial).toBe(again?.serial);
    expect(first?.serial).not.toBe(other?.serial);
    expect(id).not.toContain(first?.serial);
  });

  it("has a serial also where there is no machine id or it cannot be read", async () => {
    const unreadable = createSimHost(filesWith(() => Promise.reject(new StorageError("no"))));
    for (const board of [host(undefined), host(" \n"), unreadable]) {
      expect((await board.identity()).serial).toMatch(/^[0-9a-f]{16}$/);
    }
  });

  it("is in good health, without a load before the second reading", async () => {
    const board = host("abc");
    expect((await board.health()).cpuPercent).toBeNull();
    const reading = await board.health();
    expect(reading.cpuPercent).toBeGreaterThan(0);
    expect(reading.cpuTemperature).toBeGreaterThan(20);
    expect(reading.memoryAvailableBytes ?? 0).toBeLessThan(reading.memoryTotalBytes ?? 0);
    expect(reading.throttling).toMatchObject({ raw: 0, undervoltage: { now: false, past: false } });
  });

  it("shows throttling and readings that were set", async () => {
    const board = host("abc");
    board.setThrottling(0x5_0001);
    board.setHealth({ cpuTemperature: null, fan: null });
    expect(await board.health()).toMatchObject({
      cpuTemperature: null,
      fan: null,
      throttling: {
        raw: 0x5_0001,
        undervoltage: { now: true, past: true },
        frequencyCapped: { now: false, past: false },
        throttled: { now: false, past: true },
      },
    });
    board.setThrottling(null);
    expect((await board.health()).throttling).toBeNull();
  });

  it("names the kernel and the machine it runs on", async () => {
    const board = host("abc");
    expect(board.kernel().system).toBe("Linux");
    expect(board.hostName()).not.toBe("");
    expect(Number.isInteger(board.uptimeSeconds())).toBe(true);
    expect((await board.inventory()).model).toBe("Simulated board");
  });
});
