import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { wireErrorOf } from "../../src/api/kvmd/errors.ts";
import { AppError } from "../../src/core/errors.ts";
import type { ErrorKind } from "../../src/core/errors.ts";
import { enCommon } from "../../src/web/i18n/en/common.ts";
import { enProblems } from "../../src/web/i18n/en/problems.ts";
import { fillText } from "../../src/web/i18n/fill-text.ts";
import { problemCodeOf } from "../../src/web/i18n/problem-codes.ts";
import { translated } from "../../src/web/i18n/server-words.ts";
import { zhCommon } from "../../src/web/i18n/zh-cn/common.ts";
import { zhProblems } from "../../src/web/i18n/zh-cn/problems.ts";
import { zhServerWords } from "../../src/web/i18n/zh-cn/server-words.ts";
import { errorSentence, failureSentence } from "../../src/web/lib/error-sentence.ts";
import type { ErrorWords } from "../../src/web/lib/error-sentence.ts";
import { REPOSITORY } from "../support/source-tree.ts";

const LIST = readFileSync(join(REPOSITORY, "src/api/ERRORS.md"), "utf8");
const KINDS = new Map(
  Array.from(LIST.matchAll(/^\| `([A-Z0-9_]+)` +\| (\w+)/gm), ([, code = "", kind = ""]) => [
    code,
    kind,
  ]),
);

function isKind(kind: string): kind is ErrorKind {
  return kind !== "";
}

/** What PiKVM's envelope calls an error. */
function wireName(code: string): string {
  const kind = KINDS.get(code) ?? "";
  return isKind(kind) ? (wireErrorOf(new AppError(kind, code, "x"))?.error ?? "") : "";
}

const EN: ErrorWords = {
  common: (key, params = {}) => fillText(enCommon[key], params),
  problem: (code) => enProblems[code],
  said: (detail) => detail,
};
const ZH: ErrorWords = {
  common: (key, params = {}) => fillText(zhCommon[key], params),
  problem: (code) => zhProblems[code],
  said: (detail) => translated(zhServerWords, detail),
};

describe("the words for errors", () => {
  it("are about errors that there are", () => {
    const codes = Object.keys(enProblems).filter((code) => code !== "INTERNAL");
    expect(codes.length).toBeGreaterThan(70);
    expect(codes.filter((code) => !KINDS.has(code))).toEqual([]);
  });

  it("are a sentence in English and one in Chinese for each of them", () => {
    expect(Object.keys(zhProblems)).toEqual(Object.keys(enProblems));
    for (const [code, text] of Object.entries(enProblems))
      expect([code, text.at(-1)]).toEqual([code, "."]);
    for (const [code, text] of Object.entries(zhProblems)) {
      expect([code, /\p{Script=Han}.*。$/u.test(text)]).toEqual([code, true]);
    }
  });

  it("are found by PiKVM's names, too", () => {
    // Some names of PiKVM stand for more than one error each.
    const shared = new Set(["FIRST_PASSWORD", "GADGET_OFFLINE", "VIDEO_UNAVAILABLE", "INTERNAL"]);
    for (const code of Object.keys(enProblems)) {
      if (shared.has(code) || KINDS.get(code) === "rateLimited") continue;
      expect([code, problemCodeOf(wireName(code))]).toEqual([code, code]);
    }
  });

  it("take the place of the server's in the visitor's language", () => {
    const detail = "This is the only admin; make another one first";
    const answer = { status: 409, code: "LAST_ADMIN", detail };
    expect(errorSentence(answer, ZH)).toBe(zhProblems.LAST_ADMIN);
    expect(errorSentence({ ...answer, code: "AtxIsBusyError" }, ZH)).toBe(zhProblems.ATX_BUSY);
  });

  it("stand before the server's where those say more", () => {
    const answer = { status: 503, code: "STORAGE", detail: "The disk is full" };
    expect(errorSentence(answer, EN)).toBe(`${enProblems.STORAGE} Farhand says: The disk is full`);
    expect(errorSentence(answer, ZH)).toBe(`${zhProblems.STORAGE} Farhand 提示：The disk is full`);
    const bare = { status: 403, code: "FORBIDDEN", detail: "Forbidden" };
    expect(errorSentence(bare, EN)).toBe(enProblems.FORBIDDEN);
  });

  it("tell about an error within an answer, too, in the server's own words where there is no code", () => {
    const detail = "hook.example refuses the connection";
    const said = " Farhand 提示：hook.example 拒绝连接";
    expect(failureSentence("NETWORK", detail, ZH)).toBe(zhProblems.NETWORK + said);
    expect(failureSentence("KOMARI_REFUSED", detail, ZH)).toBe(zhProblems.KOMARI_REFUSED);
    expect(failureSentence("", "moon phase", ZH)).toBe("moon phase");
    expect(failureSentence("OF_A_NEWER_HUB", detail, EN)).toBe(detail);
  });

  it("leave an error that the page does not know to its status and the server's words", () => {
    expect(errorSentence({ status: 409, code: "OF_A_NEWER_HUB", detail: "Why" }, EN)).toBe(
      `${enCommon["error.busy"]} Farhand says: Why`,
    );
    expect(errorSentence({ status: 404, code: "toString", detail: "" }, ZH)).toBe(
      zhCommon["error.missing"],
    );
    expect(errorSentence({ status: 401, code: "UNAUTHORIZED", detail: "Unauthorized" }, EN)).toBe(
      enCommon["error.signedOut"],
    );
  });

  it("are better than those for the status of a limit, or of a missing one-time code", () => {
    const busy = { status: 429, code: "CONTROL_BUSY", detail: "Too many terminals are open" };
    expect(errorSentence(busy, EN)).toBe(enProblems.CONTROL_BUSY);
    expect(errorSentence({ ...busy, code: "TOO_MANY_TRIES" }, EN)).toBe(enCommon["error.tooOften"]);
    expect(errorSentence({ status: 401, code: "CODE_REQUIRED", detail: "" }, ZH)).toBe(
      zhProblems.CODE_REQUIRED,
    );
  });
});
