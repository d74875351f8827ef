import { describe, expect, it } from "vitest";
import { fail, ndjsonLine, ok } from "../../../src/protocol/kvmd/envelope.ts";

describe("the envelope", () => {
  it("carries the result of a success, the empty object when there is nothing to say", () => {
    expect(ok({ busy: false })).toEqual({ ok: true, result: { busy: false } });
    expect(ok()).toEqual({ ok: true, result: {} });
  });

  it("keeps a null result", () => {
    expect(ok(null)).toEqual({ ok: true, result: null });
  });

  it("carries class name and message of a failure", () => {
    expect(fail("AtxIsBusyError", "later")).toEqual({
      ok: false,
      result: { error: "AtxIsBusyError", error_msg: "later" },
    });
  });

  it("is one compact line with CR LF in a stream", () => {
    expect(ndjsonLine(ok({ text: "a\nb" }))).toBe('{"ok":true,"result":{"text":"a\\nb"}}\r\n');
  });
});
