import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TrustedProxies } from "../../src/http/trusted-proxies.ts";

describe("who is behind a proxy", () => {
  it.each([
    // Nobody is trusted: what they say is not looked at.
    [[], "192.0.2.1", "203.0.113.9", "192.0.2.1"],
    [["192.0.2.1"], "192.0.2.1", "203.0.113.9", "203.0.113.9"],
    [["192.0.2.1"], "192.0.2.2", "203.0.113.9", "192.0.2.2"],
    [["192.0.2.1"], "::ffff:192.0.2.1", "203.0.113.9", "203.0.113.9"],
    [["192.0.2.1"], "192.0.2.1", undefined, "192.0.2.1"],
    [["192.0.2.1"], "192.0.2.1", "nonsense", "192.0.2.1"],
    // What the client itself has written before the proxy's word counts for nothing.
    [["192.0.2.1"], "192.0.2.1", "10.0.0.1, 203.0.113.9", "203.0.113.9"],
    [["192.0.2.0/24", "uniquelocal"], "192.0.2.7", "203.0.113.9, 10.0.0.1", "203.0.113.9"],
    [["loopback"], "127.0.0.1", "2001:db8::1", "2001:db8::1"],
    [["loopback"], "::1", "203.0.113.9", "203.0.113.9"],
    [["2001:db8::/32"], "2001:db8::1", "203.0.113.9", "203.0.113.9"],
    [["nobody", "1.2.3.4/x"], "1.2.3.4", "203.0.113.9", "1.2.3.4"],
  ] as const)("with %j trusted, %s saying %s is %s", (trusted, peer, forwarded, expected) => {
    expect(new TrustedProxies(trusted).clientOf(peer, forwarded)).toBe(expected);
  });

  it("is an address whatever is written, and never read from an endless chain", () => {
    const proxies = new TrustedProxies(["loopback"]);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(proxies.clientOf("127.0.0.1", text)).toMatch(/^[0-9a-f.:]+$/i);
      }),
    );
    const chain = Array.from({ length: 5000 }, () => "127.0.0.1").join();
    expect(proxies.clientOf("127.0.0.1", `203.0.113.9,${chain}`)).toBe("127.0.0.1");
  });
});
