import { describe, expect, it } from "vitest";
import { SharedAnswers } from "../../../src/api/nezha/http/shared-answers.ts";
import { fakeClock } from "../../support/fake-clock.ts";

describe("answers that take work", () => {
  it("are made once for all who ask within a while", async () => {
    const clock = fakeClock();
    const answers = new SharedAnswers<number>(clock, { keepMs: 30_000, most: 2 });
    let made = 0;
    const make = (): Promise<number> => Promise.resolve((made += 1));
    const [first, second] = [answers.get("a", make), answers.get("a", make)];
    expect([await first, await second, await answers.get("b", make)]).toEqual([1, 1, 2]);
    await clock.advance(29_999);
    expect(await answers.get("a", make)).toBe(1);
    await clock.advance(1);
    expect(await answers.get("a", make)).toBe(3);
  });

  it("are forgotten when there are too many, and when they failed", async () => {
    const answers = new SharedAnswers<number>(fakeClock(), { keepMs: 30_000, most: 2 });
    let made = 0;
    const make = (): Promise<number> => Promise.resolve((made += 1));
    const fail = (): Promise<number> => Promise.reject(new Error("disk"));
    await expect(answers.get("a", fail)).rejects.toThrow("disk");
    expect(await answers.get("a", make)).toBe(1);
    await Promise.all(["b", "c"].map((key) => answers.get(key, make)));
    expect(await answers.get("a", make)).toBe(4);
    expect(await answers.get("c", make)).toBe(3);
  });
});
