import { describe, expect, it } from "vitest";
import { compareAnswers } from "./compare.ts";
import type { Answer, RecordedCase } from "./recorded-case.ts";

function recorded(response: Partial<RecordedCase["response"]>, name = "case"): RecordedCase {
  return {
    group: "gpio",
    name,
    note: null,
    request: { method: "GET", path: "/api/x", headers: {} },
    response: {
      status: 200,
      headers: { "Content-Type": "application/json; charset=utf-8" },
      kind: "json",
      body: { ok: true, result: {} },
      ...response,
    },
  };
}

function answer(body: unknown, more: Partial<Answer> = {}): Answer {
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...more,
  };
}

describe("compareAnswers", () => {
  it("finds no difference in the recorded answer itself", () => {
    expect(compareAnswers(recorded({}), answer({ ok: true, result: {} }))).toEqual([]);
  });

  it("sees status, content type, Allow and Location", () => {
    const wanted = recorded({
      status: 405,
      headers: { "Content-Type": "text/plain", Allow: "GET", Location: "/kvm" },
    });
    expect(compareAnswers(wanted, answer({ ok: true, result: {} }))).toEqual([
      "status: 200 instead of 405",
      'content-type: "application/json; charset=utf-8" instead of "text/plain"',
      'allow: nothing instead of "GET"',
      'location: nothing instead of "/kvm"',
    ]);
  });

  it("compares cookies by name, form of the value and attributes in any order", () => {
    const headers = {
      "Content-Type": "application/json; charset=utf-8",
      "Set-Cookie": "auth_token=<64 lower hex>; HttpOnly; Path=/",
    };
    const give = (cookie: string): readonly string[] =>
      compareAnswers(
        recorded({ headers }),
        answer(
          { ok: true, result: {} },
          {
            headers: {
              "content-type": "application/json; charset=utf-8",
              "set-cookie": cookie,
            },
          },
        ),
      );
    expect(give(`auth_token=${"0a".repeat(32)}; Path=/; HttpOnly`)).toEqual([]);
    expect(give(`auth_token=${"0A".repeat(32)}; Path=/; HttpOnly`)).toHaveLength(1);
    expect(give(`auth_token=${"0a".repeat(32)}; Path=/`)).toHaveLength(1);
  });

  it("compares the error class and text by value, everything else by type", () => {
    const wanted = recorded({
      body: { ok: false, result: { error: "A", error_msg: "a", count: 1, none: null } },
    });
    expect(
      compareAnswers(
        wanted,
        answer({ ok: true, result: { error: "B", error_msg: "a", count: 2, none: 0 } }),
      ),
    ).toEqual([
      "body.ok: true instead of false",
      'body.result.error: "B" instead of "A"',
      "body.result.none: number instead of null",
    ]);
  });

  it("sees keys that are missing and keys that are too many", () => {
    expect(
      compareAnswers(
        recorded({ body: { ok: true, result: { a: 1, b: 2 } } }),
        answer({ ok: true, result: { b: 2, c: 3 } }),
      ),
    ).toEqual(["body.result.c: unexpected", "body.result.a: missing"]);
  });

  it("compares arrays by the types of their items", () => {
    const wanted = recorded({ body: { ok: true, result: { names: ["a", "b"], none: [] } } });
    const give = (names: readonly unknown[]): readonly string[] =>
      compareAnswers(wanted, answer({ ok: true, result: { names, none: [] } }));
    expect(give(["c"])).toEqual([]);
    expect(give([1])).toEqual(["body.result.names: holds number"]);
  });

  it("compares bodies that the configuration determines by value", () => {
    const wanted = recorded({ body: { ok: true, result: { table: [[1], null] } } }, "GET /gpio");
    expect(compareAnswers(wanted, answer({ ok: true, result: { table: [[2], null] } }))).toEqual([
      "body.result.table[0][0]: 2 instead of 1",
    ]);
    expect(compareAnswers(wanted, answer({ ok: true, result: { table: [[1]] } }))).toEqual([
      "body.result.table.length: 1 instead of 2",
    ]);
  });

  it("says so when JSON is expected and something else comes", () => {
    expect(compareAnswers(recorded({}), answer("oops"))).toEqual(["body: no JSON"]);
  });

  it("compares metrics by names and form", () => {
    const wanted = recorded({ kind: "text", body: "# TYPE a gauge\na 1\n\n# TYPE b gauge\nb 2\n" });
    expect(
      compareAnswers(wanted, answer("# TYPE a gauge\na 5\n\n# TYPE b gauge\nb 2.5\n")),
    ).toEqual([]);
    expect(compareAnswers(wanted, answer("# TYPE a gauge\na 5\n"))).toEqual(["body.b: missing"]);
    expect(compareAnswers(wanted, answer("# TYPE a gauge\na x\n\n# TYPE b gauge\nb 2\n"))).toEqual([
      "body form: false instead of true",
    ]);
  });
});
