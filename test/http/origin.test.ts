import { describe, expect, it } from "vitest";
import { ForbiddenError } from "../../src/http/auth/errors.ts";
import { OriginPolicy } from "../../src/http/origin.ts";
import type { OriginRequest } from "../../src/http/origin.ts";

function request(origin: string | undefined, protocol = "https", host = "kvm.lan"): OriginRequest {
  return { headers: origin === undefined ? {} : { origin }, protocol, host };
}

describe("OriginPolicy", () => {
  it.each([
    [request(undefined)],
    [request("https://kvm.lan")],
    [request("https://kvm.lan", "https", "kvm.lan:443")],
    [request("https://KVM.lan")],
    [request("https://kvm.lan:8443", "https", "kvm.lan:8443")],
    [request("http://[fe80::1]:8080", "http", "[fe80::1]:8080")],
    [request("https://kvm.lan", "wss")],
    [request("https://panel.example:444")],
  ])("allows %j", (from) => {
    const policy = new OriginPolicy(["https://panel.example:444"]);
    expect(() => {
      policy.check(from);
    }).not.toThrow();
  });

  it.each([
    [request("http://kvm.lan")],
    [request("https://kvm.lan:8443")],
    [request("https://kvm.lan.evil.example")],
    [request("https://panel.example")],
    [request("null")],
    [request("")],
    [request("garbage")],
    [request("https://kvm.lan", "https", "")],
    [request("file:///etc", "https", "")],
  ])("refuses %j", (from) => {
    const policy = new OriginPolicy(["https://panel.example:444"]);
    expect(() => {
      policy.check(from);
    }).toThrow(ForbiddenError);
  });
});
