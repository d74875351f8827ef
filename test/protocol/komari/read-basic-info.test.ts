import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readBasicInfo } from "../../../src/protocol/komari/read-basic-info.ts";

const INFO = {
  cpu_name: "AMD EPYC 7K62",
  cpu_cores: 2,
  cpu_physical_cores: 1,
  arch: "amd64",
  os: "Debian GNU/Linux 12 (bookworm)",
  kernel_version: "6.1.0-30-amd64",
  ipv4: "203.0.113.7",
  ipv6: "2001:db8::7",
  mem_total: 1_019_547_648,
  swap_total: 536_866_816,
  disk_total: 21_003_583_488,
  gpu_name: "None",
  virtualization: "kvm",
  version: "1.2.60",
};

describe("a node's description", () => {
  it("is read with every fact in its place", () => {
    expect(readBasicInfo(INFO)).toEqual({
      osName: "Debian GNU/Linux 12 (bookworm)",
      kernelVersion: "6.1.0-30-amd64",
      arch: "amd64",
      virtualization: "kvm",
      cpuModels: ["AMD EPYC 7K62"],
      logicalCores: 2,
      physicalCores: 1,
      gpuModels: [],
      memoryTotalBytes: 1_019_547_648,
      swapTotalBytes: 536_866_816,
      diskTotalBytes: 21_003_583_488,
      ipv4: "203.0.113.7",
      ipv6: "2001:db8::7",
      agentVersion: "1.2.60",
    });
  });

  it("of an old agent lacks what it does not know", () => {
    const { kernel_version: _kernel, cpu_physical_cores: _cores, ...old } = INFO;
    const facts = readBasicInfo(old);
    expect(facts).not.toHaveProperty("kernelVersion");
    expect(facts).not.toHaveProperty("physicalCores");
  });

  it("cannot name, price, hide or re-key the node", () => {
    const takeover = {
      name: "x",
      price: -1,
      hidden: true,
      weight: 9,
      token: "mine",
      uuid: "other",
    };
    expect(readBasicInfo(takeover)).toEqual({});
  });

  it("lacks figures that are impossible and addresses that are none", () => {
    const bad = {
      mem_total: -1,
      swap_total: 1e300,
      cpu_cores: 1e9,
      disk_total: "5",
      ipv4: "<script>",
      ipv6: "2001:db8::7%eth0; rm",
      os: 7,
    };
    expect(readBasicInfo(bad)).toEqual({});
  });

  it("is one line of text each, without characters that hide or turn others", () => {
    expect(readBasicInfo({ os: "  a\nb\u0000\u202Ec\u200B " })?.osName).toBe("a b  c");
  });

  it("is, whatever comes, bounded or refused", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.dictionary(fc.constantFrom(...Object.keys(INFO)), fc.anything()),
        ),
        (value) => {
          for (const fact of Object.values(readBasicInfo(value) ?? {})) {
            const isFigure = Number.isSafeInteger(fact) && Number(fact) >= 0;
            const isShort = typeof fact !== "number" && JSON.stringify(fact).length < 2000;
            expect(isFigure || isShort).toBe(true);
          }
        },
      ),
    );
  });
});
