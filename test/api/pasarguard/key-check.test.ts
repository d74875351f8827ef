import { describe, expect, it } from "vitest";
import { KeyCheck, KeyError } from "../../../src/api/pasarguard/key-check.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { API_KEY } from "../../support/proxy-fixture.ts";

const WRONG = API_KEY.replace("d", "e");

function setUp(key = API_KEY) {
  const clock = fakeClock();
  const keys = new KeyCheck(key, clock);
  const offer = (apiKey: string | undefined, address = "192.0.2.1", authorization?: string) => {
    try {
      keys.check({ apiKey, authorization }, address);
      return "accepted";
    } catch (error) {
      return error instanceof KeyError ? error.fault : String(error);
    }
  };
  return { clock, offer };
}

describe("KeyCheck", () => {
  it("tells what is wrong", () => {
    const { offer } = setUp();
    expect(offer(API_KEY)).toBe("accepted");
    expect(offer(undefined)).toBe("missing");
    expect(offer("key")).toBe("malformed");
    expect(offer(WRONG)).toBe("mismatch");
    expect(offer("", "192.0.2.1", `bearer ${API_KEY}`)).toBe("accepted");
    expect(offer("", "192.0.2.1", API_KEY)).toBe("missing");
  });

  it("prefers the header that panels use", () => {
    expect(setUp().offer(WRONG, "192.0.2.1", `Bearer ${API_KEY}`)).toBe("mismatch");
  });

  it("makes an address wait that guesses, for half a minute at most, and no other", async () => {
    const { clock, offer } = setUp();
    for (let attempt = 0; attempt < 20; attempt += 1) {
      offer(WRONG);
      await clock.advance(31_000);
    }
    expect(offer(WRONG)).toBe("mismatch");
    expect([offer(WRONG), offer("key")]).toEqual(["throttled", "throttled"]);
    expect(offer(WRONG, "192.0.2.2")).toBe("mismatch");
    await clock.advance(31_000);
    expect(offer(WRONG)).toBe("mismatch");
  });

  it("lets the right key through a storm of wrong ones from the same address, and brakes only those", () => {
    const { offer } = setUp();
    const seen = new Set<string>();
    for (let attempt = 0; attempt < 500; attempt += 1) {
      offer(WRONG);
      seen.add(offer(API_KEY));
    }
    expect([...seen]).toEqual(["accepted"]);
    expect(offer(WRONG)).toBe("throttled");
  });

  it("does not count requests without a key", () => {
    const { offer } = setUp();
    for (let attempt = 0; attempt < 50; attempt += 1) offer(undefined);
    expect(offer(API_KEY)).toBe("accepted");
  });

  it("accepts nobody when its own key is none", () => {
    const { offer } = setUp("");
    expect(offer("00000000-0000-0000-0000-000000000000")).toBe("mismatch");
    expect(offer("")).toBe("missing");
  });
});
