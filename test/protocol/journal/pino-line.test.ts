import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderPinoLine } from "../../../src/protocol/journal/pino-line.ts";

const render = (fields: object): string => renderPinoLine(JSON.stringify(fields));

describe("renderPinoLine", () => {
  it("shows logger, level, message and fields", () => {
    expect(
      render({ level: 30, time: 1, pid: 7, sub: "hid", path: "/dev/ttyS0", msg: "chip answered" }),
    ).toBe("farhand.hid                       INFO --- chip answered; path=/dev/ttyS0");
  });

  it.each([
    [10, "DEBUG"],
    [20, "DEBUG"],
    [30, "INFO"],
    [40, "WARNING"],
    [50, "ERROR"],
    [60, "CRITICAL"],
  ])("names level %i as PiKVM does", (level, name) => {
    expect(render({ level, msg: "x" })).toBe(
      `farhand                        ${name.padStart(7)} --- x`,
    );
  });

  it("shows the kind and text of an error but not its stack", () => {
    const err = { type: "StorageError", message: "the disk is full", stack: "at secret.ts" };
    expect(render({ level: 50, err, msg: "write failed" })).toMatch(
      / --- write failed: StorageError: the disk is full$/,
    );
  });

  it("quotes field values that would blur into the text", () => {
    expect(render({ level: 30, msg: "m", user: "a b=c", list: [1] })).toMatch(
      / --- m; user="a b=c" list=\[1\]$/,
    );
  });

  it("survives fields of unexpected types", () => {
    expect(render({ level: 30, msg: 5, err: "text", sub: 1, name: 2 })).toMatch(/ --- : text$/);
    expect(render({ level: 30, err: [1] })).toMatch(/^farhand {24} {3}INFO --- $/);
    expect(render({ level: 30, err: { message: "only" } })).toMatch(/ --- : only$/);
  });

  it("leaves text alone that is no line of the program", () => {
    for (const text of ["plain", "{broken", "{}", '{"level":"info"}', ""]) {
      expect(renderPinoLine(text)).toBe(text);
    }
  });

  it("takes any JSON without failing", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (fields) => {
        expect(render({ ...fields, level: 30 })).toContain("INFO --- ");
      }),
    );
  });
});
