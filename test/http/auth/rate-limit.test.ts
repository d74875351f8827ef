import { describe, expect, it } from "vitest";
import { RateLimiter } from "../../../src/http/auth/rate-limit.ts";
import { fakeClock } from "../../support/fake-clock.ts";

const HOME = "192.0.2.1";
const ELSEWHERE = "198.51.100.7";

function setUp() {
  const clock = fakeClock();
  const limiter = new RateLimiter({ freeAttempts: 3, maxWaitSeconds: 60 }, clock);
  const fail = (times: number, user = "admin", address = HOME): void => {
    for (let count = 0; count < times; count += 1) limiter.failed(user, address);
  };
  return { clock, limiter, fail };
}

describe("RateLimiter", () => {
  it("lets the first failures pass without a wait", () => {
    const { limiter, fail } = setUp();
    fail(3);
    expect(limiter.waitMs("admin", HOME)).toBe(0);
    expect(limiter.addressWaitMs(HOME)).toBe(0);
  });

  it("doubles the wait with each further failure, up to the limit", () => {
    const { limiter, fail } = setUp();
    fail(3);
    const waits = Array.from({ length: 8 }, () => {
      fail(1);
      return limiter.waitMs("admin", HOME) / 1000;
    });
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it("counts an account over all addresses", () => {
    const { limiter, fail } = setUp();
    for (let host = 1; host <= 4; host += 1) fail(1, "admin", `198.51.100.${host}`);
    expect(limiter.waitMs("admin", HOME)).toBe(1000);
    expect(limiter.waitMs("bob", HOME)).toBe(0);
  });

  it("counts an address over all accounts", () => {
    const { limiter, fail } = setUp();
    for (const user of ["a", "b", "c", "d"]) fail(1, user);
    expect(limiter.waitMs("admin", HOME)).toBe(1000);
    expect(limiter.addressWaitMs(HOME)).toBe(1000);
    expect(limiter.waitMs("admin", ELSEWHERE)).toBe(0);
  });

  it("counts the addresses of one IPv6 network, and both spellings of an IPv4 one, together", () => {
    const { limiter, fail } = setUp();
    for (const user of ["a", "b", "c", "d"]) fail(1, user, `2001:db8:1:2::${user}`);
    expect(limiter.addressWaitMs("2001:db8:1:2:ffff::1")).toBe(1000);
    expect(limiter.addressWaitMs("2001:db8:1:3::1")).toBe(0);
    fail(4, "e", "::ffff:192.0.2.1");
    expect(limiter.addressWaitMs(HOME)).toBe(1000);
  });

  it("lets the wait pass and starts afresh for the account after a success", async () => {
    const { limiter, fail, clock } = setUp();
    for (let host = 1; host <= 4; host += 1) fail(1, "admin", `198.51.100.${host}`);
    await clock.advance(1000);
    expect(limiter.waitMs("admin", HOME)).toBe(0);
    limiter.succeeded("admin", HOME);
    fail(3, "admin", "203.0.113.1");
    expect(limiter.waitMs("admin", "203.0.113.2")).toBe(0);
  });

  it("does not let strangers lock an owner out of the usual place", () => {
    const { limiter, fail } = setUp();
    limiter.succeeded("admin", HOME);
    fail(10, "admin", ELSEWHERE);
    expect(limiter.waitMs("admin", HOME)).toBe(0);
    expect(limiter.waitMs("admin", "203.0.113.1")).toBeGreaterThan(0);
  });

  it("brakes the usual place too when guessing happens there, and only there", () => {
    const { limiter, fail } = setUp();
    limiter.succeeded("admin", HOME);
    fail(4, "admin", HOME);
    expect(limiter.waitMs("admin", HOME)).toBe(1000);
    expect(limiter.waitMs("admin", ELSEWHERE)).toBe(0);
  });

  it("forgets after a quarter of an hour without failures", async () => {
    const { limiter, fail, clock } = setUp();
    fail(4);
    await clock.advance(15 * 60_000 + 1);
    fail(1);
    expect(limiter.waitMs("admin", HOME)).toBe(0);
  });

  it("keeps the record of a real account through a flood of invented ones", () => {
    const { limiter, fail } = setUp();
    fail(5, "admin", ELSEWHERE);
    for (let index = 0; index < 10_000; index += 1) {
      limiter.failed(`user${index}`, `10.${index >> 8}.${index & 255}.1`);
    }
    expect(limiter.waitMs("admin", HOME)).toBe(2000);
  });
});
