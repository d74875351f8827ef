import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ValidationError } from "../../../src/core/errors.ts";
import {
  decodeBasic,
  parsePassword,
  parseToken,
  parseUser,
  readBasicPart,
  readCookie,
} from "../../../src/http/auth/credentials.ts";

const HEX = "0123456789abcdef".repeat(4);

describe("user names", () => {
  it.each([
    ["test-", "test-"],
    ["_", "_"],
    ["_foo_bar_", "_foo_bar_"],
    [" aix", "aix"],
    ["user@example.com", "user@example.com"],
  ])("accepts %j", (text, user) => {
    expect(parseUser(text)).toBe(user);
  });

  it.each(["Admin", "user.", "user@", "-x", "te~st", "foo bar", "", "ü", "a\nb", "x".repeat(129)])(
    "refuses %j",
    (text) => {
      expect(() => parseUser(text)).toThrow(ValidationError);
    },
  );
});

describe("passwords", () => {
  it("keeps blanks and allows none", () => {
    expect(parsePassword(" O(*#&@ ")).toBe(" O(*#&@ ");
    expect(parsePassword("")).toBe("");
  });

  it.each(["p\u00E4ss", "\n", "a\r", "x".repeat(513)])(
    "refuses %j without repeating it",
    (text) => {
      expect(() => parsePassword(text)).toThrow("The argument is not a valid passwd characters");
    },
  );
});

describe("tokens", () => {
  it("takes 64 lower-case digits, blanks around them do not matter", () => {
    expect(parseToken(`${HEX} `)).toBe(HEX);
  });

  it.each(["", "zz", HEX.toUpperCase(), HEX.slice(1), `${HEX}0`])("refuses %j", (text) => {
    expect(() => parseToken(text)).toThrow("The argument is not a valid auth token");
  });
});

describe("cookies", () => {
  it.each([
    ["auth_token=1", "1"],
    ["a=2; auth_token=1; b=3", "1"],
    ['x;auth_token = "1" ', "1"],
    ["auth_token=1; auth_token=2", "1"],
    ["auth_token=", ""],
    ["auth_token", undefined],
    ["xauth_token=1; auth_token_=2", undefined],
    ["", undefined],
    [";;==;", undefined],
    ["auth_token=a=b", "a=b"],
  ])("reads %j", (header, value) => {
    expect(readCookie(header, "auth_token")).toBe(value);
  });

  it("survives any header", () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        expect(["string", "undefined"]).toContain(typeof readCookie(header, "auth_token"));
      }),
    );
  });
});

describe("Basic", () => {
  it("compares the scheme in any case and takes no other for it", () => {
    expect(readBasicPart("bAsIc  eA==")).toBe("eA==");
    expect(readBasicPart("Bearer eA==")).toBeUndefined();
    expect(readBasicPart("Basic")).toBeUndefined();
    expect(readBasicPart("")).toBeUndefined();
  });

  it("splits at the first colon, so that passwords may contain some", () => {
    const encoded = Buffer.from("admin:a:b:").toString("base64");
    expect(decodeBasic(encoded)).toEqual({ user: "admin", password: "a:b:" });
  });

  it.each(["!!!!", Buffer.from("no colon").toString("base64"), ""])("refuses %j", (encoded) => {
    expect(decodeBasic(encoded)).toBeUndefined();
  });
});
