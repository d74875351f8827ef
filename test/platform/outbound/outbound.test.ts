import { describe, expect, it } from "vitest";
import { CancelledError, ReplyTimeoutError, ValidationError } from "../../../src/core/errors.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { allowedAddresses, allowList } from "../../../src/platform/outbound/allowed-addresses.ts";
import type { LookupAll } from "../../../src/platform/outbound/allowed-addresses.ts";
import { createOutbound } from "../../../src/platform/outbound/node-outbound.ts";
import { MailRefusedError, OutboundAddressError } from "../../../src/platform/outbound/port.ts";
import type { OutboundMail, OutboundRequest } from "../../../src/platform/outbound/port.ts";
import { NetworkError } from "../../../src/platform/web/port.ts";
import { fakeClock, settle } from "../../support/fake-clock.ts";
import { httpPeer } from "../../support/http-peer.ts";
import { smtpServer } from "../../support/smtp-server.ts";

const LOOPBACK = ["127.0.0.1"];

/** Names of a small world: `inside` leads to this machine. */
const find: LookupAll = (host) =>
  host === "inside.example"
    ? Promise.resolve([{ address: "127.0.0.1", family: 4 }])
    : Promise.reject(Object.assign(new Error("not there"), { code: "ENOTFOUND" }));

const outbound = createOutbound(systemClock, find);

function request(url: string, part: Partial<OutboundRequest> = {}): OutboundRequest {
  const { signal } = new AbortController();
  return { method: "POST", url, body: "text", allow: LOOPBACK, timeoutMs: 5000, signal, ...part };
}

describe("which addresses messages may go to", () => {
  it("are those of the public internet and those that are listed", async () => {
    const hosts = ["127.0.0.1", "10.0.0.7", "192.168.1.9", "169.254.169.254", "[::1]", "[fe80::1]"];
    for (const host of hosts) {
      await expect(allowedAddresses(host, [], find)).rejects.toThrow(OutboundAddressError);
    }
    expect(await allowedAddresses("8.8.8.8", [], find)).toHaveLength(1);
    expect(await allowedAddresses("192.168.1.9", ["192.168.1.0/24"], find)).toHaveLength(1);
    await expect(allowedAddresses("192.168.2.9", ["192.168.1.0/24"], find)).rejects.toThrow(
      "hub.notify.allow",
    );
    expect(await allowedAddresses("[fd00::1]", ["fd00::/8"], find)).toHaveLength(1);
  });

  it("are not found in a list that is none", () => {
    for (const entry of ["nas", "10.0.0.0/33", "10.0.0.0/x", "", "10.0.0.0/"]) {
      expect(() => allowList([entry])).toThrow(ValidationError);
    }
  });

  it("leave out the internal ones of a name that has both", async () => {
    const both: LookupAll = () =>
      Promise.resolve([
        { address: "10.0.0.1", family: 4 },
        { address: "8.8.8.8", family: 4 },
      ]);
    expect(await allowedAddresses("both.example", [], both)).toEqual([
      { address: "8.8.8.8", family: 4 },
    ]);
  });
});

describe("requests to servers that people have named", () => {
  it("give every status as an answer", async () => {
    const peer = await httpPeer(() => ({ status: 418, body: "teapot" }));
    const headers = { "X-Key": "k" };
    const reply = await outbound.request(request(`${peer.url}/x`, { headers }));
    expect(reply).toEqual({ status: 418, body: "teapot" });
    expect(peer.requests[0]).toMatchObject({
      method: "POST",
      path: "/x",
      body: "text",
      headers: { "x-key": "k", "content-length": "4" },
    });
  });

  it("never connect to an address that was not checked", async () => {
    const peer = await httpPeer(() => ({}));
    const refused = outbound.request(request(`${peer.url}/`, { allow: [] }));
    await expect(refused).rejects.toThrow(OutboundAddressError);
    const byName = request(`http://inside.example:${peer.port}/`, { allow: [] });
    await expect(outbound.request(byName)).rejects.toThrow(OutboundAddressError);
    expect(peer.requests).toEqual([]);
    await outbound.request({ ...byName, allow: LOOPBACK });
    expect(peer.requests).toHaveLength(1);
  });

  it("check every address on the way, and take headers to no other server", async () => {
    const target = await httpPeer(() => ({ body: "arrived" }));
    const away = { status: 302, headers: { Location: `${target.url}/new` } };
    const first = await httpPeer(() => away);
    const headers = { Authorization: "Bearer k" };
    const reply = await outbound.request(request(`${first.url}/`, { headers }));
    expect(reply.body).toBe("arrived");
    expect(target.requests[0]).toMatchObject({ method: "GET", path: "/new", body: "" });
    expect(target.requests[0]?.headers["authorization"]).toBeUndefined();

    const inside = await httpPeer(() => ({
      status: 307,
      headers: { Location: "http://192.168.0.1/admin" },
    }));
    await expect(outbound.request(request(`${inside.url}/`))).rejects.toThrow(NetworkError);
    const asGet = request(`${inside.url}/`, { method: "GET" });
    const { body: _, ...withoutBody } = asGet;
    await expect(outbound.request(withoutBody)).rejects.toThrow(OutboundAddressError);
    const file = await httpPeer(() => ({
      status: 302,
      headers: { Location: "file:///etc/passwd" },
    }));
    await expect(outbound.request(request(`${file.url}/`))).rejects.toThrow("no web address");
  });

  it("do not go in circles", async () => {
    const peer = await httpPeer(() => ({ status: 308, headers: { Location: "/again" } }));
    await expect(outbound.request(request(`${peer.url}/`))).rejects.toThrow("in circles");
    expect(peer.requests).toHaveLength(4);
    expect(peer.requests.every(({ body }) => body === "text")).toBe(true);
  });

  it("end when time is up, when they are not wanted any more, and without a server", async () => {
    const silent = await httpPeer(() => undefined);
    const clock = fakeClock();
    const slow = createOutbound(clock, find).request(request(`${silent.url}/`));
    const outcome = slow.catch((error: unknown) => error);
    while (silent.requests.length === 0) await settle();
    await clock.advance(5000);
    expect(await outcome).toBeInstanceOf(ReplyTimeoutError);
    const controller = new AbortController();
    const stopped = outbound.request(request(`${silent.url}/`, { signal: controller.signal }));
    controller.abort();
    await expect(stopped).rejects.toThrow(CancelledError);
    await expect(outbound.request(request("http://nowhere.example/"))).rejects.toThrow(
      "nowhere.example is not known: the name does not exist",
    );
    await expect(outbound.request(request("ftp://inside.example/"))).rejects.toThrow(NetworkError);
  });

  it("read no more of an answer than they need", async () => {
    const peer = await httpPeer(() => ({ body: "x".repeat(1_000_000) }));
    expect((await outbound.request(request(`${peer.url}/`))).body).toHaveLength(16_384);
  });
});

describe("mail", () => {
  function mail(port: number, part: Partial<OutboundMail> = {}): OutboundMail {
    return {
      host: "inside.example",
      port,
      security: "none",
      user: "",
      password: "",
      from: "hub@fleet.example",
      to: ["ada@fleet.example", "eve@fleet.example"],
      subject: "🔴 离线: alpha",
      text: "alpha is away\n",
      allow: LOOPBACK,
      timeoutMs: 5000,
      signal: new AbortController().signal,
      ...part,
    };
  }

  it("is delivered to everybody, with what the server said", async () => {
    const server = await smtpServer();
    const answer = await outbound.mail(mail(server.port, { user: "ada", password: "secret word" }));
    expect(answer).toBe("250 2.0.0 queued as 42");
    expect(server.commands.filter((line) => line.startsWith("RCPT"))).toHaveLength(2);
    expect(server.messages[0]).toContain("Subject: =?UTF-8?");
    expect(server.messages[0]).toContain("alpha is away");
  });

  it("names those who do not get it", async () => {
    const server = await smtpServer({ refuse: "eve@" });
    expect(await outbound.mail(mail(server.port))).toBe(
      "250 2.0.0 queued as 42; not for eve@fleet.example",
    );
  });

  it("that is refused says why, and whether it is for ever", async () => {
    const server = await smtpServer({ recipient: "550 5.1.1 no such user" });
    const error: unknown = await outbound
      .mail(mail(server.port))
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(MailRefusedError);
    expect(error).toMatchObject({ isFinal: true });
    expect(String(error)).toContain("inside.example refuses: 550 5.1.1 no such user");
    const later = await smtpServer({ recipient: "451 try later" });
    await expect(outbound.mail(mail(later.port))).rejects.toMatchObject({ isFinal: false });
    const wrong = mail(server.port, { user: "ada", password: "wrong one" });
    const refused: unknown = await outbound.mail(wrong).catch((caught: unknown) => caught);
    expect(String(refused)).toContain("535");
    expect(String(refused)).not.toContain("wrong one");
  });

  it("is given up when it is not wanted any more, and when the server says nothing", async () => {
    const silent = await smtpServer({ greeting: "" });
    const controller = new AbortController();
    const stopped = outbound.mail(mail(silent.port, { signal: controller.signal }));
    controller.abort();
    await expect(stopped).rejects.toThrow(CancelledError);
    await expect(outbound.mail(mail(silent.port, { timeoutMs: 50 }))).rejects.toThrow(
      "inside.example",
    );
  });

  it("goes to no internal server that is not permitted", async () => {
    const server = await smtpServer();
    const refused = outbound.mail(mail(server.port, { allow: [] }));
    await expect(refused).rejects.toThrow(OutboundAddressError);
    expect(server.commands).toEqual([]);
  });

  it("is not sent without encryption where encryption is demanded", async () => {
    const server = await smtpServer();
    const refused = outbound.mail(mail(server.port, { security: "starttls" }));
    await expect(refused).rejects.toThrow("inside.example");
    expect(server.messages).toEqual([]);
    expect(server.commands.some((line) => line.startsWith("AUTH"))).toBe(false);
  });
});
