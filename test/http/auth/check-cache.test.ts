import { describe, expect, it } from "vitest";
import { CheckCache } from "../../../src/http/auth/check-cache.ts";
import type { Shown } from "../../../src/http/auth/check-cache.ts";
import type { Principal } from "../../../src/http/auth/principal.ts";
import { fakeClock } from "../../support/fake-clock.ts";

const SHOWN: Shown = { via: "header", user: "admin", password: "pass", address: "192.0.2.1" };

function principal(user = "admin"): Principal {
  return { user, role: "admin", via: "header", revoked: new AbortController().signal };
}

describe("CheckCache", () => {
  it("gives the same key to the same credential only", () => {
    const cache = new CheckCache(10, fakeClock());
    const others: readonly Partial<Shown>[] = [
      { via: "basic" },
      { user: "bob" },
      { password: "pass " },
      { address: "192.0.2.2" },
    ];
    const key = cache.keyOf(SHOWN);
    expect(cache.keyOf({ ...SHOWN })).toBe(key);
    for (const other of others) expect(cache.keyOf({ ...SHOWN, ...other })).not.toBe(key);
  });

  it("uses another key in every process", () => {
    const clock = fakeClock();
    expect(new CheckCache(10, clock).keyOf(SHOWN)).not.toBe(new CheckCache(10, clock).keyOf(SHOWN));
  });

  it("remembers for its time from the check on, not from the last use", async () => {
    const clock = fakeClock();
    const cache = new CheckCache(10, clock);
    const known = principal();
    cache.put("key", known);
    await clock.advance(9999);
    expect(cache.get("key")).toBe(known);
    await clock.advance(1);
    expect(cache.get("key")).toBeUndefined();
  });

  it("remembers nothing when switched off", () => {
    const cache = new CheckCache(0, fakeClock());
    cache.put("key", principal());
    expect(cache.get("key")).toBeUndefined();
  });

  it("drops one user, or all", () => {
    const cache = new CheckCache(10, fakeClock());
    cache.put("a", principal("alice"));
    cache.put("b", principal("bob"));
    cache.dropUser("alice");
    expect([cache.get("a"), cache.get("b")?.user]).toEqual([undefined, "bob"]);
    cache.clear();
    expect(cache.get("b")).toBeUndefined();
  });

  it("stays bounded, dropping the oldest", () => {
    const cache = new CheckCache(10, fakeClock());
    for (let index = 0; index < 1025; index += 1) cache.put(`key${index}`, principal());
    expect(cache.get("key0")).toBeUndefined();
    expect(cache.get("key1")).toBeDefined();
    expect(cache.get("key1024")).toBeDefined();
  });
});
