import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  parseLoad,
  parseMeminfo,
  parseMountinfo,
  parseNetDev,
  parseOsRelease,
  parseProcessors,
  parseSockets,
} from "../../../src/platform/sampling/parse.ts";

describe("texts of /proc", () => {
  it("never yields a figure that is no whole, positive number", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (left, right) => {
        const memory = parseMeminfo(`MemTotal: 5 kB\nMemFree: ${left} kB\n${right}`);
        const sockets = parseSockets(`TCP: inuse ${left} tw ${right}`, left);
        const devices = parseNetDev(`eth0: ${left} ${right} 0 0 0 0 0 0 ${left} 0\n${right}`);
        const figures = [
          memory?.freeBytes ?? 0,
          sockets.tcp,
          sockets.udp,
          ...devices.flatMap(({ receivedBytes, sentBytes }) => [receivedBytes, sentBytes]),
        ];
        expect(figures.every((figure) => Number.isInteger(figure) && figure >= 0)).toBe(true);
      }),
    );
  });

  it("survives any text as a table of mounts or processors", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(Array.isArray(parseMountinfo(text))).toBe(true);
        expect(parseProcessors(text).logical).toBeGreaterThanOrEqual(0);
        expect(parseLoad(text)?.every(Number.isFinite) ?? true).toBe(true);
      }),
    );
  });

  it("keeps names of interfaces with a colon", () => {
    expect(parseNetDev("eth0:1: 5 0 0 0 0 0 0 0 6 0 0 0 0 0 0 0")).toEqual([
      { name: "eth0:1", receivedBytes: 5, sentBytes: 6 },
    ]);
  });

  it("takes optional fields of a mount for what they are", () => {
    const [mount] = parseMountinfo(
      "1 2 8:1 /sub /a\\011b ro,x shared:1 master:2 - ext4 /dev/sda1 rw",
    );
    expect(mount).toEqual({
      device: "/dev/sda1",
      deviceId: "8:1",
      mountPoint: "/a\tb",
      fsType: "ext4",
      options: ["ro", "x", "rw"],
    });
  });

  it("names a processor that the kernel does not name after the board", () => {
    const { models, logical } = parseProcessors("processor\t: 0\nBogoMIPS\t: 1\n", "Some Board");
    expect({ models, logical }).toEqual({ models: [{ name: "Some Board", count: 1 }], logical: 1 });
  });

  it("tells the kinds of cores of one chip apart", () => {
    const core = (index: number, part: string) =>
      `processor\t: ${index}\nCPU implementer\t: 0x41\nCPU part\t: ${part}\n`;
    const { models } = parseProcessors(
      [core(0, "0xd03"), core(1, "0xd09"), core(2, "0xd09")].join("\n"),
    );
    expect(models).toEqual([
      { name: "Cortex-A53", count: 1 },
      { name: "Cortex-A73", count: 2 },
    ]);
  });

  it("reads os-release with and without quotes", () => {
    const pairs = parseOsRelease("ID=alpine\nPRETTY_NAME='Alpine Linux'\n# x\nVERSION_ID=\"3\"\n");
    expect([...pairs]).toEqual([
      ["ID", "alpine"],
      ["PRETTY_NAME", "Alpine Linux"],
      ["VERSION_ID", "3"],
    ]);
  });
});
