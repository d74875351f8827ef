import { describe, expect, it } from "vitest";
import {
  validateColor,
  validateCompression,
  validateEdidData,
  validateEdidId,
  validateMsdImageName,
  validatePortName,
  validateStreamBitrate,
  validateStreamFps,
  validateStreamGop,
  validateStreamQuality,
  validateStreamResolution,
  validateSwitchDelay,
  validateUrl,
} from "../../../src/protocol/kvmd/validators-media.ts";
import { KvmdValidatorError } from "../../../src/protocol/kvmd/validators.ts";
import type { Raw, Validator } from "../../../src/protocol/kvmd/validators.ts";

const UUID = "550e8400-e29b-41d4-a716-446655440000";

interface Table {
  readonly name: string;
  readonly validator: Validator<unknown>;
  readonly accepted: readonly (readonly [string, unknown])[];
  readonly rejected: readonly Raw[];
}

const tables: readonly Table[] = [
  {
    name: "MSD image name",
    validator: validateMsdImageName,
    accepted: [
      ["archlinux-2018.07.01-i686.iso", "archlinux-2018.07.01-i686.iso"],
      ["foo\tbar.iso", "foo_bar.iso"],
      ["тест(){}[ \t].iso\t", "тест(){}[ _].iso"],
      ["x".repeat(300), "x".repeat(255)],
      ["ж".repeat(200), "ж".repeat(127)],
      ["//foo//bar.iso", "foo/bar.iso"],
      ["/bar.iso/", "bar.iso"],
    ],
    rejected: [
      ".",
      "..",
      "../test",
      ".test",
      "foo/../bar.iso",
      "foo/lost+found/bar.iso",
      "foo/.bar.iso",
      " ",
      "/",
      "",
      "x/".repeat(2049),
      undefined,
    ],
  },
  {
    name: "ejecting MSD image name",
    validator: (raw) => validateMsdImageName(raw, { eject: true }),
    accepted: [
      ["", ""],
      [" ", ""],
      ["a.iso", "a.iso"],
    ],
    rejected: ["..", "/", undefined],
  },
  {
    name: "URL",
    validator: validateUrl,
    accepted: [
      [" https://h/x.iso ", "https://h/x.iso"],
      ["http://[::1]:80/x", "http://[::1]:80/x"],
    ],
    rejected: ["ftp://x", "http://", "x", "", undefined],
  },
  {
    name: "stream quality",
    validator: validateStreamQuality,
    accepted: [
      ["1", 1],
      ["100 ", 100],
    ],
    rejected: ["0", "101", "1.1", "", undefined],
  },
  {
    name: "stream FPS",
    validator: validateStreamFps,
    accepted: [
      ["0", 0],
      ["120", 120],
    ],
    rejected: ["121", "-1", "1.1"],
  },
  {
    name: "stream GOP",
    validator: validateStreamGop,
    accepted: [
      ["0", 0],
      ["60", 60],
    ],
    rejected: ["61", "-1", "1.1"],
  },
  {
    name: "stream bitrate",
    validator: validateStreamBitrate,
    accepted: [
      ["25", 25],
      ["20000", 20_000],
    ],
    rejected: ["0", "24", "20001", "100.0"],
  },
  {
    name: "stream resolution",
    validator: validateStreamResolution,
    accepted: [
      ["1280x720", "1280x720"],
      [" 1X1 ", "1x1"],
    ],
    rejected: ["0x1", "1x0", "1280x", "x720", "1280x720x", "1280", "", undefined],
  },
  {
    name: "switch port name",
    validator: validatePortName,
    accepted: [
      ["\tMac OS Host  #1/..", "Mac OS Host #1/.."],
      ["  ", ""],
      ["x".repeat(300), "x".repeat(255)],
    ],
    rejected: [undefined],
  },
  {
    name: "EDID id",
    validator: validateEdidId,
    accepted: [[UUID.toUpperCase(), UUID]],
    rejected: [UUID.slice(1), UUID.replace("5", "g"), "default", "", undefined],
  },
  {
    name: "EDID id with a default",
    validator: (raw) => validateEdidId(raw, { allowDefault: true }),
    accepted: [
      ["Default", "default"],
      [UUID, UUID],
    ],
    rejected: ["defaults", ""],
  },
  {
    name: "EDID data",
    validator: validateEdidData,
    accepted: [
      ["0a".repeat(128), "0A".repeat(128)],
      ["0f ".repeat(256), "0F".repeat(256)],
    ],
    rejected: [510, 511, 513, 514].map((count) => "f".repeat(count)).concat(["", "g".repeat(256)]),
  },
  {
    name: "color",
    validator: validateColor,
    accepted: [[" 0f0f0f:0f:0f0f ", "0F0F0F:0F:0F0F"]],
    rejected: ["0f0f0f:0f:0f0", "0f0f0f:0f:000G", "default", "zz", ""],
  },
  {
    name: "color with a default",
    validator: (raw) => validateColor(raw, { allowDefault: true }),
    accepted: [[" Default", "default"]],
    rejected: ["none"],
  },
  {
    name: "switch delay",
    validator: validateSwitchDelay,
    accepted: [
      ["0", 0],
      ["5.0 ", 5],
      [" 10", 10],
    ],
    rejected: ["10.1", "-6", ""],
  },
  {
    name: "compression",
    validator: validateCompression,
    accepted: [
      ["ZSTD", "zstd"],
      ["", ""],
    ],
    rejected: ["gz"],
  },
];

describe.each(tables)("the $name rule", ({ validator, accepted, rejected }) => {
  it.each(accepted)("accepts %j as %j", (raw, value) => {
    expect(validator(raw)).toEqual(value);
  });

  it.each(rejected.map((raw) => [raw]))("rejects %j", (raw) => {
    expect(() => validator(raw)).toThrow(KvmdValidatorError);
  });
});

describe("media validator messages", () => {
  const cases: readonly (readonly [string, () => unknown])[] = [
    ["The argument '..' is not a valid MSD image name", () => validateMsdImageName("../x")],
    ["The argument '/' is not a valid MSD image name", () => validateMsdImageName("/")],
    ["None argument is not a valid stripped string", () => validateMsdImageName(undefined)],
    ["The argument 'gz' is not a valid Compression mode", () => validateCompression("gz")],
    ["The argument 'ftp://x' is not a valid HTTPS|HTTP URL", () => validateUrl("ftp://x")],
    ["None argument is not a valid HTTPS|HTTP URL", () => validateUrl(undefined)],
    [
      "The argument '0' must be stream quality and greater or equial than 1",
      () => validateStreamQuality("0"),
    ],
    [
      "The argument '121' must be stream FPS and lesser or equal then 120",
      () => validateStreamFps("121"),
    ],
    ["The argument 'zz' is not a valid switch color", () => validateColor("zz")],
    ["The argument 'default' is not a valid switch EDID ID", () => validateEdidId("default")],
  ];

  it.each(cases)("say: %s", (message, run) => {
    expect(run).toThrow(new KvmdValidatorError(message));
  });
});
