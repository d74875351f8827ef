import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  KvmdValidatorError,
  optional,
  validateAtxAction,
  validateAtxButton,
  validateBool,
  validateExpire,
  validateFloat,
  validateGpioChannel,
  validateHidKey,
  validateHidShortcut,
  validateInfoFields,
  validateInt,
  validateKeyboardOutput,
  validateKeymap,
  validateKeysDelay,
  validateLogSeek,
  validateMouseButton,
  validateMouseDelta,
  validateMouseMove,
  validateMouseOutput,
  validatePassword,
  validateRedirect,
  validateStringList,
  validateToken,
  validateUser,
} from "../../../src/protocol/kvmd/validators.ts";
import type { Raw, Validator } from "../../../src/protocol/kvmd/validators.ts";

const HEX64 = "0123456789abcdef".repeat(4);
/** What a call throws, undefined when it returns. */
function failureOf(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

const isKey = (name: string) => name === "KeyA" || name === "ShiftLeft";
const fields = (raw: Raw) => validateInfoFields(raw, ["system", "auth", "hw"]);

interface Table {
  readonly name: string;
  readonly validator: Validator<unknown>;
  readonly accepted: readonly (readonly [string, unknown])[];
  readonly rejected: readonly Raw[];
}

const tables: readonly Table[] = [
  {
    name: "bool",
    validator: validateBool,
    accepted: [
      ["1", true],
      ["true", true],
      ["TRUE", true],
      ["yes ", true],
      ["0", false],
      ["false", false],
      ["FALSE", false],
      ["no ", false],
    ],
    rejected: ["test", "", undefined, "-1", "x", "on", "off", "2", "1".repeat(17)],
  },
  {
    name: "number",
    validator: validateInt,
    accepted: [
      ["1 ", 1],
      ["-1", -1],
      ["0", 0],
      ["-0", 0],
      ["+7", 7],
      ["100500", 100_500],
      [" 0xff", 255],
      ["-0x10", -16],
    ],
    rejected: [
      "test",
      "",
      undefined,
      "1x",
      "100500.0",
      "ff",
      "5.0",
      "1e3",
      "0x",
      "9".repeat(16),
      "9".repeat(17),
    ],
  },
  {
    name: "number in -5..5",
    validator: (raw) => validateInt(raw, { min: -5, max: 5 }),
    accepted: [
      ["-5", -5],
      ["0", 0],
      ["5", 5],
      ["-5 ", -5],
      [" 0x05", 5],
    ],
    rejected: ["-6", "6", "-6 ", "0x06"],
  },
  {
    name: "int from 1",
    validator: (raw) => validateInt(raw, { min: 1 }),
    accepted: [
      ["5 ", 5],
      [" 0x05", 5],
    ],
    rejected: ["5.0", "-6", "0", "0x0"],
  },
  {
    name: "float from 0",
    validator: (raw) => validateFloat(raw, { min: 0 }),
    accepted: [
      ["5 ", 5],
      ["5.0 ", 5],
      [".5", 0.5],
      ["0.30000000000000004", 0.300_000_000_000_000_04],
    ],
    rejected: ["-6", "nan", "inf", "1e999", "", undefined, "1,5", "0x5"],
  },
  {
    name: "float from 0.1",
    validator: (raw) => validateFloat(raw, { min: 0.1 }),
    accepted: [["0.1", 0.1]],
    rejected: ["0", "0.0"],
  },
  {
    name: "string list",
    validator: validateStringList,
    accepted: [
      ["a, b,, c", ["a", "b", "c"]],
      ["a b c", ["a", "b", "c"]],
      ["a\tb", ["a", "b"]],
      [", a, ", ["a"]],
      ["  ", []],
    ],
    rejected: [undefined],
  },
  {
    name: "user",
    validator: validateUser,
    accepted: [
      ["test-", "test-"],
      ["glados", "glados"],
      ["test", "test"],
      ["_", "_"],
      ["_foo_bar_", "_foo_bar_"],
      [" aix", "aix"],
      ["user@example.com", "user@example.com"],
    ],
    rejected: [
      "тест",
      "-molestia",
      "te~st",
      "-",
      "foo bar",
      "user@example.",
      "user@",
      "user.",
      "Admin",
      "  ",
      "",
      undefined,
      "a".repeat(129),
    ],
  },
  {
    name: "password",
    validator: validatePassword,
    accepted: [
      [" ", " "],
      ["", ""],
      [" O(*#&@)FD*S)D(F   ", " O(*#&@)FD*S)D(F   "],
    ],
    rejected: ["тест", "\n", "\r", undefined, "a".repeat(513)],
  },
  {
    name: "expire",
    validator: validateExpire,
    accepted: [
      ["0 ", 0],
      ["13", 13],
    ],
    rejected: ["test", "", "-1", "1.1"],
  },
  {
    name: "log seek",
    validator: validateLogSeek,
    accepted: [
      ["0 ", 0],
      ["13", 13],
    ],
    rejected: ["test", "", "-1", "1.1"],
  },
  {
    name: "token",
    validator: validateToken,
    accepted: [[`${HEX64} `, HEX64]],
    rejected: [HEX64.toUpperCase(), HEX64.slice(1), `${HEX64}0`, "", undefined],
  },
  {
    name: "HID key",
    validator: (raw) => validateHidKey(raw, isKey),
    accepted: [["KeyA ", "KeyA"]],
    rejected: ["test", "", "keya", undefined],
  },
  {
    name: "HID shortcut",
    validator: (raw) => validateHidShortcut(raw, isKey),
    accepted: [
      ["ShiftLeft,KeyA", ["ShiftLeft", "KeyA"]],
      ["", []],
    ],
    rejected: ["ShiftLeft,keya", undefined],
  },
  {
    name: "mouse move",
    validator: validateMouseMove,
    accepted: [
      ["-20000", -20_000],
      ["20000 ", 20_000],
      ["-50000", -32_768],
      ["50000", 32_767],
    ],
    rejected: ["1.1", "", undefined, "123456789"],
  },
  {
    name: "mouse delta",
    validator: validateMouseDelta,
    accepted: [
      ["100 ", 100],
      ["-200", -127],
      ["200", 127],
    ],
    rejected: ["1.1", ""],
  },
  {
    name: "mouse button",
    validator: validateMouseButton,
    accepted: [
      ["LEFT ", "left"],
      [" Down", "down"],
      [" MiDdLe ", "middle"],
    ],
    rejected: ["test", "", undefined],
  },
  {
    name: "ATX action",
    validator: validateAtxAction,
    accepted: [
      ["ON ", "on"],
      [" OFF_HARD ", "off_hard"],
      ["Reset_Hard", "reset_hard"],
    ],
    rejected: ["test", "", undefined],
  },
  {
    name: "ATX button",
    validator: validateAtxButton,
    accepted: [
      ["POWER ", "power"],
      ["power_LONG", "power_long"],
      [" Reset", "reset"],
    ],
    rejected: ["test", "", undefined],
  },
  {
    name: "info fields",
    validator: fields,
    accepted: [
      [" system, AUTH", ["system", "auth"]],
      [" , ", []],
      ["", []],
    ],
    rejected: ["xxx", "system, nope", undefined],
  },
  {
    name: "GPIO channel",
    validator: validateGpioChannel,
    accepted: [
      ["test-", "test-"],
      ["led.1", "led.1"],
      ["_", "_"],
      [" aix", "aix"],
      ["a".repeat(255), "a".repeat(255)],
    ],
    rejected: ["тест", "-molestia", "foo bar", "a".repeat(256), "", "  ", undefined, "9bad"],
  },
  {
    name: "keyboard output",
    validator: validateKeyboardOutput,
    accepted: [["USB ", "usb"]],
    rejected: ["usb_rel", ""],
  },
  {
    name: "mouse output",
    validator: validateMouseOutput,
    accepted: [[" usb_WIN98", "usb_win98"]],
    rejected: ["bogus", ""],
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

describe("validator messages", () => {
  const BOOL = "bool (['1', 'true', 'yes'] or ['0', 'false', 'no'])";
  const cases: readonly (readonly [string, () => unknown])[] = [
    ["None argument is not a valid ATX power action", () => validateAtxAction(undefined)],
    ["The argument 'bogus' is not a valid ATX power action", () => validateAtxAction("bogus")],
    ["None argument is not a valid ATX button", () => validateAtxButton(undefined)],
    [`The argument 'x' is not a valid ${BOOL}`, () => validateBool("x")],
    [`None argument is not a valid ${BOOL}`, () => validateBool(undefined)],
    ["The argument is not a valid auth token", () => validateToken("zz")],
    ["The argument is not a valid passwd characters", () => validatePassword("päss")],
    ["The argument '' is not a valid username characters", () => validateUser("")],
    ["The argument 'Admin' is not a valid username characters", () => validateUser("Admin")],
    [
      "The argument 'https://evil.example/' is not a valid login redirect",
      () => validateRedirect("https://evil.example/", ["/"]),
    ],
    ["The argument '9bad' is not a valid GPIO channel", () => validateGpioChannel("9bad")],
    ["The argument 'bogus' is not a valid Mouse output", () => validateMouseOutput("bogus")],
    ["None argument is not a valid Keyboard key", () => validateHidKey(undefined, isKey)],
    ["None argument is not a valid string list", () => validateHidShortcut(undefined, isKey)],
    ["None argument is not a valid Mouse delta", () => validateMouseDelta(undefined)],
    ["The argument 'nope' is not a valid keymap", () => validateKeymap("nope", () => false)],
    [
      "The argument '-1' must be int and greater or equial than 0",
      () => validateInt("-1", { min: 0 }),
    ],
    [
      "The argument '6.0' must be keys delay and lesser or equal then 5",
      () => validateKeysDelay("6"),
    ],
    [
      "The argument '0.0' must be float and greater or equial than 0.1",
      () => validateFloat("0", { min: 0.1 }),
    ],
    ["Failed sub-validator on one of the item of ['bogus']", () => fields("bogus")],
    [
      `Failed sub-validator on one of the item of ["it's", 'a\\\\b', '\\'"']`,
      () => fields(`it's a\\b '"`),
    ],
    ["The argument 'x' is not a valid log seek", () => validateLogSeek("x")],
    [
      "The argument '-1' must be log seek and greater or equial than 0",
      () => validateLogSeek("-1"),
    ],
  ];

  it.each(cases)("say: %s", (message, run) => {
    expect(run).toThrow(new KvmdValidatorError(message));
  });

  it("mention the limit instead of repeating an over-long text", () => {
    expect(() => validateBool("x".repeat(5000))).toThrow(/^.{0,150}RAW limit exceed$/);
  });

  it("never repeat a password or token", () => {
    expect(() => validatePassword("gehéim")).not.toThrow(/geh/);
    expect(() => validateToken("gehéim")).not.toThrow(/geh/);
  });
});

describe("optional", () => {
  it("gives the fallback for a missing value only", () => {
    expect(optional(undefined, validateBool, null)).toBeNull();
    expect(optional("1", validateBool, null)).toBe(true);
    expect(() => optional("", validateBool, null)).toThrow(KvmdValidatorError);
  });
});

describe("validateRedirect", () => {
  it("accepts nothing, or exactly what is allowed", () => {
    expect(validateRedirect("", ["/", "/kvm"])).toBe("");
    expect(validateRedirect("/kvm", ["/", "/kvm"])).toBe("/kvm");
    expect(() => validateRedirect("/kvm?", ["/", "/kvm"])).toThrow(KvmdValidatorError);
  });
});

describe("any text", () => {
  it("is accepted or refused with a validator error, never anything else", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (raw) => {
        const failures = tables.map(({ validator }) => failureOf(() => validator(raw)));
        const foreign = failures.filter(
          (error) => error !== undefined && !(error instanceof KvmdValidatorError),
        );
        expect(foreign).toEqual([]);
      }),
    );
  });

  it("that shows an integer is read back as that integer", () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const sign = value < 0 ? "-" : "";
        expect(validateInt(String(value))).toBe(value);
        expect(validateInt(`${sign}0x${Math.abs(value).toString(16)}`)).toBe(value);
      }),
    );
  });
});
