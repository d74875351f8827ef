import { describe, expect, it } from "vitest";
import { parseRegistration, registrationBody } from "../../../src/protocol/nezha/http.ts";
import { credentialMetadata, isNezhaUuid } from "../../../src/protocol/nezha/service.ts";
import { NezhaFormatError } from "../../../src/protocol/nezha/format-error.ts";

describe("Nezha registration", () => {
  it("asks for a server with the names of the dashboard", () => {
    const request = { name: "kvm-1", tag: "rack", note: "", hideForGuest: true };
    expect(JSON.parse(registrationBody(request))).toEqual({
      Name: "kvm-1",
      Tag: "rack",
      Note: "",
      HideForGuest: "on",
    });
    expect(registrationBody({ ...request, hideForGuest: false })).toContain('"HideForGuest":""');
  });

  it("reads the secret from the full and from the simple answer", () => {
    const secret = "8GYwaxYuLfU7zl7ndC";
    const full = { code: 200, message: "Server created successfully", secret };
    expect(parseRegistration(JSON.stringify(full))).toEqual({ ok: true, secret });
    expect(parseRegistration(JSON.stringify(secret))).toEqual({ ok: true, secret });
  });

  it("reads the reason of a refusal", () => {
    for (const body of [
      { code: 403, message: "not you" },
      { code: 500, message: "not you", secret: "" },
      { error: "not you" },
    ]) {
      expect(parseRegistration(JSON.stringify(body))).toEqual({ ok: false, reason: "not you" });
    }
  });

  it("refuses every other answer", () => {
    for (const body of ["", "<html>", '""', "null", "[]", "{}", '{"secret":"short"}']) {
      expect(() => parseRegistration(body)).toThrow(NezhaFormatError);
    }
  });
});

describe("Nezha credentials", () => {
  const credentials = { secret: "s3cret", uuid: "0f0e0d0c-0b0a-4908-8706-050403020100" };

  it("are the secret alone up to v0.20", () => {
    expect(credentialMetadata("v0", credentials)).toEqual({ client_secret: "s3cret" });
  });

  it("are secret and uuid under both spellings later", () => {
    expect(credentialMetadata("v1", credentials)).toEqual({
      "client-secret": "s3cret",
      "client-uuid": credentials.uuid,
      client_secret: "s3cret",
      client_uuid: credentials.uuid,
    });
  });

  it("need a uuid with hyphens", () => {
    expect(isNezhaUuid(credentials.uuid)).toBe(true);
    expect(isNezhaUuid(credentials.uuid.replaceAll("-", ""))).toBe(false);
    expect(isNezhaUuid(`${credentials.uuid}0`)).toBe(false);
  });
});
