import { describe, expect, it } from "vitest";
import { Sessions } from "../../../src/http/auth/sessions.ts";
import { fakeClock } from "../../support/fake-clock.ts";

function setUp({ expireSeconds = 0, extend = false } = {}) {
  const clock = fakeClock();
  return { clock, sessions: new Sessions({ clock, expireSeconds, extend }) };
}

describe("Sessions", () => {
  it("hands out tokens of 64 digits, another one each time", () => {
    const { sessions } = setUp();
    const one = sessions.create("admin", "admin", 0);
    const two = sessions.create("admin", "admin", 0);
    expect(one.token).toMatch(/^[0-9a-f]{64}$/);
    expect(two.token).not.toBe(one.token);
    expect(sessions.find(one.token)).toBe(one.principal);
    expect(one.principal).toMatchObject({ user: "admin", role: "admin", via: "cookie" });
  });

  it("knows nothing of other tokens", () => {
    const { sessions } = setUp();
    sessions.create("admin", "admin", 0);
    expect(sessions.find("0".repeat(64))).toBeUndefined();
  });

  it("lets each session end after the time that was asked for", async () => {
    const { sessions, clock } = setUp();
    const short = sessions.create("admin", "admin", 3);
    const long = sessions.create("admin", "admin", 6);
    await clock.advance(4000);
    expect(sessions.find(short.token)).toBeUndefined();
    expect(sessions.find(long.token)).toBeDefined();
    await clock.advance(3000);
    expect(sessions.find(long.token)).toBeUndefined();
    expect(sessions.list("admin")).toEqual([]);
  });

  it.each([
    [0, 100],
    [5000, 100],
    [50, 50],
  ])("asked for %i s with at most 100 s allowed, gives %i s", (asked, given) => {
    const { sessions } = setUp({ expireSeconds: 100 });
    sessions.create("admin", "admin", asked);
    expect(sessions.list("admin")).toMatchObject([{ secondsLeft: given }]);
  });

  it("does not slide with use", async () => {
    const { sessions, clock } = setUp();
    const { token } = sessions.create("admin", "admin", 10);
    await clock.advance(9000);
    expect(sessions.find(token)).toBeDefined();
    await clock.advance(1000);
    expect(sessions.find(token)).toBeUndefined();
  });

  it("drops all sessions of a user, says so to their sockets, and leaves other users alone", () => {
    const { sessions } = setUp();
    const mine = [sessions.create("admin", "admin", 0), sessions.create("admin", "admin", 0)];
    const other = sessions.create("bob", "viewer", 0);
    sessions.dropUser("admin");
    expect(mine.map(({ token }) => sessions.find(token))).toEqual([undefined, undefined]);
    expect(mine.map(({ principal }) => principal.revoked.aborted)).toEqual([true, true]);
    expect(sessions.find(other.token)).toBe(other.principal);
    expect(other.principal.revoked.aborted).toBe(false);
  });

  it("does not end by itself while a socket is open, where configured, and then lives a full period", async () => {
    const { sessions, clock } = setUp({ extend: true });
    const { token, principal } = sessions.create("admin", "admin", 10);
    const releaseOne = sessions.hold(principal);
    const releaseTwo = sessions.hold(principal);
    await clock.advance(100_000);
    expect(sessions.list("admin")).toMatchObject([{ secondsLeft: null, sockets: 2 }]);
    releaseOne();
    releaseOne();
    expect(sessions.find(token)).toBe(principal);
    releaseTwo();
    await clock.advance(9999);
    expect(sessions.find(token)).toBe(principal);
    await clock.advance(1);
    expect(sessions.find(token)).toBeUndefined();
  });

  it("ends in time in spite of an open socket otherwise, but still reaches the socket when revoked", async () => {
    const { sessions, clock } = setUp();
    const { token, principal } = sessions.create("admin", "admin", 10);
    sessions.hold(principal);
    await clock.advance(10_000);
    expect(sessions.find(token)).toBeUndefined();
    expect(principal.revoked.aborted).toBe(false);
    sessions.dropUser("admin");
    expect(principal.revoked.aborted).toBe(true);
  });

  it("ends the oldest session of a user who has too many", () => {
    const { sessions } = setUp();
    const all = Array.from({ length: 65 }, () => sessions.create("admin", "admin", 0));
    expect(sessions.list("admin")).toHaveLength(64);
    expect(all[0]?.principal.revoked.aborted).toBe(true);
    expect(all[1]?.principal.revoked.aborted).toBe(false);
  });
});
