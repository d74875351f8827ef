import { describe, expect, it } from "vitest";
import { systemClock } from "../../../../src/core/clock.ts";
import { createDeliver, withoutSecrets } from "../../../../src/hub/notify/channels/deliver.ts";
import { DeliveryRefusedError } from "../../../../src/hub/notify/channels/driver.ts";
import { PUBLIC_ENDPOINTS } from "../../../../src/hub/notify/channels/messengers.ts";
import { fillTemplate, parseHeaders } from "../../../../src/hub/notify/channels/webhook.ts";
import type { Message } from "../../../../src/hub/notify/messages.ts";
import { createOutbound } from "../../../../src/platform/outbound/node-outbound.ts";
import type { ChannelSettings } from "../../../../src/protocol/fleet/channels.ts";
import { httpPeer } from "../../../support/http-peer.ts";
import type { HttpPeer, PeerReply } from "../../../support/http-peer.ts";
import { smtpServer } from "../../../support/smtp-server.ts";

const MESSAGE: Message = {
  title: '🔴 Offline: "alpha"',
  body: "alpha: since noon\nRule: Away",
  severity: "critical",
  event: "raised",
  rule: "Away",
  node: "alpha",
  at: 0,
  time: "noon",
};

const outbound = createOutbound(systemClock);

function deliverTo(url: string) {
  const endpoints = {
    telegram: url,
    bark: url,
    ntfy: url,
    serverChan: (key: string) => `${url}/${key}`,
  };
  const deliver = createDeliver(endpoints);
  const { signal } = new AbortController();
  return (settings: ChannelSettings) =>
    deliver(settings, { message: MESSAGE, outbound, allow: ["127.0.0.1"], signal });
}

async function peerThat(answer: PeerReply): Promise<HttpPeer> {
  return httpPeer(() => answer);
}

const jsonOf = ({ requests }: HttpPeer): unknown => JSON.parse(requests[0]?.body ?? "{}");

async function refusal(sent: Promise<string>): Promise<DeliveryRefusedError> {
  const error: unknown = await sent.catch((caught: unknown) => caught);
  if (!(error instanceof DeliveryRefusedError)) throw new Error(`not refused: ${String(error)}`);
  return error;
}

describe("a webhook", () => {
  const settings = (url: string, part: object = {}): ChannelSettings => ({
    kind: "webhook",
    url,
    method: "POST",
    contentType: "",
    body: "",
    ...part,
  });

  it("is told everything as JSON where no text is given", async () => {
    const peer = await peerThat({ body: "ok" });
    expect(await deliverTo(peer.url)(settings(`${peer.url}/hook`))).toBe("200 ok");
    expect(jsonOf(peer)).toEqual(MESSAGE);
    expect(peer.requests[0]?.headers["content-type"]).toBe("application/json; charset=utf-8");
  });

  it("gets its own text with values that cannot break it, and its own headers", async () => {
    const peer = await peerThat({ status: 204 });
    const body = '{"content":"{{title}}\\n{{ body }}","who":"{{node}} {{unknown}}"}';
    const headers = "X-Key: a:b\nHost: elsewhere.example\nbroken line\nX-Two:  2 ";
    await deliverTo(peer.url)(settings(`${peer.url}/?t={{title}}`, { body, headers }));
    expect(jsonOf(peer)).toEqual({
      content: `${MESSAGE.title}\n${MESSAGE.body}`,
      who: "alpha {{unknown}}",
    });
    const [request] = peer.requests;
    expect(request?.headers).toMatchObject({ "x-key": "a:b", "x-two": "2" });
    expect(request?.headers["host"]).toBe(`127.0.0.1:${peer.port}`);
    expect(request?.path).toBe(`/?t=${encodeURIComponent(MESSAGE.title)}`);
  });

  it("is asked without a body where GET is wanted", async () => {
    const peer = await peerThat({});
    await deliverTo(peer.url)(settings(`${peer.url}/{{node}}`, { method: "GET" }));
    expect(peer.requests[0]).toMatchObject({ method: "GET", path: "/alpha", body: "" });
  });

  it("that refuses is believed where asking again cannot help", async () => {
    const status = async (code: number) => {
      const peer = await peerThat({ status: code, body: "no" });
      return (await refusal(deliverTo(peer.url)(settings(peer.url)))).isFinal;
    };
    expect([await status(404), await status(429), await status(500)]).toEqual([true, false, false]);
  });

  it("fills templates once: what is filled in is not looked at again", () => {
    const odd = { ...MESSAGE, title: "{{body}}" };
    expect(fillTemplate("{{title}}", odd, (text) => text)).toBe("{{body}}");
    expect(parseHeaders("A: 1\r\nB: 2")).toEqual({ A: "1", B: "2" });
  });
});

describe("messengers", () => {
  it("Telegram gets chat, topic and text from the bot", async () => {
    const peer = await peerThat({ body: '{"ok":true,"result":{}}' });
    const settings = {
      kind: "telegram",
      server: "",
      chatId: "-100",
      topic: "7",
      token: "12:ab",
    } as const;
    expect(await deliverTo(peer.url)(settings)).toBe("200 ok");
    expect(peer.requests[0]?.path).toBe("/bot12:ab/sendMessage");
    expect(jsonOf(peer)).toMatchObject({
      chat_id: "-100",
      message_thread_id: 7,
      text: `${MESSAGE.title}\n${MESSAGE.body}`,
    });
  });

  it("Telegram's wish to wait is heard", async () => {
    const body = '{"ok":false,"description":"Too Many Requests","parameters":{"retry_after":35}}';
    const peer = await peerThat({ status: 429, body });
    const settings = { kind: "telegram", server: "", chatId: "1", topic: "", token: "t" } as const;
    const error = await refusal(deliverTo(peer.url)(settings));
    expect(error).toMatchObject({
      message: "429 Too Many Requests",
      isFinal: false,
      retryAfterSeconds: 35,
    });
  });

  it("Bark gets its key, and critical ones break through", async () => {
    const peer = await peerThat({ body: '{"code":200,"message":"success"}' });
    expect(
      await deliverTo("http://unused.invalid")({
        kind: "bark",
        server: `${peer.url}/`,
        key: "dev",
      }),
    ).toBe("200 success");
    expect(peer.requests[0]?.path).toBe("/push");
    expect(jsonOf(peer)).toMatchObject({
      device_key: "dev",
      level: "timeSensitive",
      title: MESSAGE.title,
    });
  });

  it("ServerChan's failures are failures although their status is fine", async () => {
    const fine = await peerThat({ body: '{"code":0,"message":"","data":{}}' });
    await deliverTo(fine.url)({ kind: "serverchan", key: "SCT1" });
    expect(fine.requests[0]?.path).toBe("/SCT1");
    expect(jsonOf(fine)).toMatchObject({ desp: expect.stringContaining("since noon\n\nRule") });
    const bad = await peerThat({ body: '{"code":40001,"message":"bad pushtoken"}' });
    const error = await refusal(deliverTo(bad.url)({ kind: "serverchan", key: "SCT1" }));
    expect(error.message).toBe("200 bad pushtoken");
  });

  it("ServerChan 3 has an address for each of its users", () => {
    expect(PUBLIC_ENDPOINTS.serverChan("sctp123tabc")).toBe(
      "https://123.push.ft07.com/send/sctp123tabc.send",
    );
    expect(PUBLIC_ENDPOINTS.serverChan("SCT9x")).toBe("https://sctapi.ftqq.com/SCT9x.send");
    expect(PUBLIC_ENDPOINTS.serverChan("a/../b")).toBe("https://sctapi.ftqq.com/a%2F..%2Fb.send");
  });

  it("ntfy gets topic, priority and its token", async () => {
    const peer = await peerThat({ body: '{"id":"x1","event":"message"}' });
    const settings = { kind: "ntfy", server: peer.url, topic: "fleet", token: "tk_1" } as const;
    expect(await deliverTo("http://unused.invalid")(settings)).toBe("200 ok");
    expect(peer.requests[0]?.headers["authorization"]).toBe("Bearer tk_1");
    expect(jsonOf(peer)).toMatchObject({ topic: "fleet", priority: 5, message: MESSAGE.body });
    const refusing = await peerThat({ status: 403, body: '{"code":40301,"error":"forbidden"}' });
    const error = await refusal(deliverTo("")({ ...settings, server: refusing.url }));
    expect(error).toMatchObject({ message: "403 forbidden", isFinal: true });
  });

  it("without their key are not asked at all", async () => {
    const error = await refusal(deliverTo("http://unused.invalid")({ kind: "serverchan" }));
    expect(error).toMatchObject({ message: "The key is missing", isFinal: true });
  });

  it("that answer something else altogether have refused", async () => {
    const peer = await peerThat({ body: "<html>welcome</html>" });
    const telegram = { kind: "telegram", server: "", chatId: "1", topic: "", token: "t" } as const;
    const ntfy = { kind: "ntfy", server: peer.url, topic: "x" } as const;
    await refusal(deliverTo(peer.url)(telegram));
    await refusal(deliverTo(peer.url)(ntfy));
    expect(peer.requests).toHaveLength(2);
  });
});

describe("e-mail", () => {
  it("has the title as its subject", async () => {
    const server = await smtpServer();
    const settings: ChannelSettings = {
      kind: "email",
      host: "127.0.0.1",
      port: server.port,
      security: "none",
      user: "",
      from: "hub@fleet.example",
      to: ["ada@fleet.example"],
    };
    expect(await deliverTo("")(settings)).toBe("250 2.0.0 queued as 42");
    expect(server.messages).toHaveLength(1);
  });
});

describe("what servers say", () => {
  it("is shown without the channel's secrets", () => {
    const telegram = {
      kind: "telegram",
      server: "",
      chatId: "1",
      topic: "",
      token: "12345:abcdefgh",
    } as const;
    expect(withoutSecrets("no bot12345:abcdefgh, none like abcdefgh", telegram)).toBe(
      "no bot***, none like ***",
    );
    const url = "https://hooks.example/services/T0123456/secretsecret?key=abcdef123";
    const webhook = { kind: "webhook", url, method: "POST", contentType: "", body: "" } as const;
    const said = "hooks.example knows neither T0123456 nor secretsecret nor abcdef123";
    expect(withoutSecrets(said, webhook)).toBe("hooks.example knows neither *** nor *** nor ***");
  });
});
