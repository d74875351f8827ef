import { describe, expect, it } from "vitest";
import {
  parseAbilities,
  ustreamerArguments,
} from "../../../src/protocol/ustreamer/known-options.ts";
import type { UstreamerSettings } from "../../../src/protocol/ustreamer/known-options.ts";

const option = (names: string): string => `    ${names} ─── Words about it. Default: none.\n`;

const OLD = parseAbilities({
  version: "4.9\n",
  help: [
    "Capturing options:\n",
    ...["-d|--device </dev/path>", "-n|--persistent", "-t|--dv-timings", "-m|--format <fmt>"].map(
      option,
    ),
    ...["-c|--encoder <type>", "-q|--quality <N>", "-f|--desired-fps <N>"].map(option),
    "           * CPU  ── Software.\n           * HW  ─── The device.\n",
    ...["-U|--unix <path>", "-D|--unix-rm", "-M|--unix-mode <mode>", "--sink <name>"].map(option),
  ].join(""),
  features: "- WITH_OMX\n+ HAS_PDEATHSIG\n",
});

const NEW = parseAbilities({
  version: "6.62\n",
  help: [
    ...["-d|--device </dev/path>", "-c|--encoder <type>", "--h264-sink <name>"].map(option),
    ...["--h264-bitrate <kbps>", "--h264-gop <N>", "--exit-on-parent-death"].map(option),
    "           * M2M-IMAGE  ─ The board.\n",
  ].join(""),
  features: "",
});

const SETTINGS: UstreamerSettings = {
  socketPath: "/run/x.sock",
  device: "/dev/video0",
  format: "uyvy",
  encoder: "m2m-image",
  resolution: "",
  useDvTimings: true,
  quality: 80,
  desiredFps: 30,
  dropSameFrames: 30,
  slowdown: false,
  h264: { sink: "a.h264", bitrateKbps: 5000, gop: 30 },
  extraArguments: ["--flip-vertical=1"],
};

describe("parseAbilities", () => {
  it("reads version, options, encoders and features", () => {
    expect(OLD.version).toBe("4.9");
    expect(OLD.options.has("dv-timings")).toBe(true);
    expect(OLD.options.has("h264-sink")).toBe(false);
    expect([...OLD.encoders]).toEqual(["CPU", "HW"]);
    expect(OLD.features).toEqual({ WITH_OMX: false, HAS_PDEATHSIG: true });
  });
});

describe("ustreamerArguments", () => {
  it("has nothing that the installed version does not know", () => {
    expect(ustreamerArguments(SETTINGS, OLD)).toEqual([
      "--device=/dev/video0",
      "--persistent",
      "--dv-timings",
      "--format=uyvy",
      "--quality=80",
      "--desired-fps=30",
      "--unix=/run/x.sock",
      "--unix-rm",
      "--unix-mode=0600",
      "--flip-vertical=1",
    ]);
  });

  it("uses what a newer version knows", () => {
    expect(ustreamerArguments(SETTINGS, NEW)).toEqual([
      "--device=/dev/video0",
      "--encoder=m2m-image",
      "--exit-on-parent-death",
      "--h264-sink=a.h264",
      "--h264-bitrate=5000",
      "--h264-gop=30",
      "--flip-vertical=1",
    ]);
  });

  it("leaves to the program what is not set", () => {
    const unset = { ...SETTINGS, format: "", quality: 0, desiredFps: 0, useDvTimings: false };
    const args = ustreamerArguments({ ...unset, h264: undefined, extraArguments: [] }, OLD);
    expect(args.join(" ")).not.toMatch(/format|quality|fps|dv-timings/);
  });
});
