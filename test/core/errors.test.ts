import { describe, expect, it } from "vitest";
import {
  AppError,
  CancelledError,
  describeError,
  errnoOf,
  howToRestore,
  MissingPartError,
  ReplyTimeoutError,
  StorageError,
  ValidationError,
} from "../../src/core/errors.ts";
import { sourcesUnder } from "../support/source-tree.ts";

describe("AppError", () => {
  it.each([
    [new ValidationError("bad"), "ValidationError", "invalid", "VALIDATION"],
    [new CancelledError(), "CancelledError", "cancelled", "CANCELLED"],
    [new ReplyTimeoutError("late"), "ReplyTimeoutError", "timeout", "REPLY_TIMEOUT"],
    [new MissingPartError("gone"), "MissingPartError", "unavailable", "MISSING_PART"],
    [new StorageError("full"), "StorageError", "unavailable", "STORAGE"],
  ])("%s carries its class name, kind and code", (error, name, kind, code) => {
    expect(error).toBeInstanceOf(AppError);
    expect(error.name).toBe(name);
    expect(error.kind).toBe(kind);
    expect(error.code).toBe(code);
  });

  it("keeps its message and its cause", () => {
    const cause = new Error("ENOSPC");
    const error = new StorageError("The disk is full", { cause });
    expect(error.message).toBe("The disk is full");
    expect(error.cause).toBe(cause);
  });

  it("says that it was cancelled when nobody says why", () => {
    expect(new CancelledError().message).toBe("Cancelled");
    expect(new CancelledError("Closing").message).toBe("Closing");
  });
});

describe("describeError", () => {
  it("takes the message of an error and the text of anything else", () => {
    expect(describeError(new Error("broken"))).toBe("broken");
    expect(describeError("broken")).toBe("broken");
    expect(describeError(undefined)).toBe("undefined");
  });
});

describe("errnoOf", () => {
  it("reads the name of an operating-system error", () => {
    expect(errnoOf(Object.assign(new Error("x"), { code: "ENOENT" }))).toBe("ENOENT");
  });

  it("finds nothing on other errors, numbers and non-errors", () => {
    expect(errnoOf(new Error("x"))).toBeUndefined();
    expect(errnoOf(Object.assign(new Error("x"), { code: 2 }))).toBeUndefined();
    expect(errnoOf({ code: "ENOENT" })).toBeUndefined();
    expect(errnoOf(undefined)).toBeUndefined();
  });
});

describe("howToRestore", () => {
  it("names the cure for a package installation and for a checkout, and is the only place that does", () => {
    expect(howToRestore("koffi")).toMatch(/apt install --reinstall farhand; .*npm install koffi$/);
    const others = sourcesUnder("src", /\.tsx?$/).filter(({ text }) =>
      /npm (?:i|install) /.test(text),
    );
    expect(others.map(({ path }) => path)).toEqual(["src/core/errors.ts"]);
  });
});
