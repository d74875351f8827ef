import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { connectionError } from "../../src/platform/web/network-error.ts";
import { SocketRefusedError } from "../../src/platform/web/port.ts";
import { translated } from "../../src/web/i18n/server-words.ts";
import { zhServerWords } from "../../src/web/i18n/zh-cn/server-words.ts";
import { REPOSITORY } from "../support/source-tree.ts";

const inChinese = (text: string): string => translated(zhServerWords, text);

const source = (path: string): string => readFileSync(join(REPOSITORY, "src", path), "utf8");

/** Templates of the sources with a sample in every place. */
const sampled = (template: string): string => template.replaceAll(/\$\{\w+\}/g, "x");

describe("what the server says of other servers", () => {
  it("is said in Chinese for every failure of a connection", () => {
    const file = source("platform/web/network-error.ts");
    const codes = Array.from(file.matchAll(/^ {2}([A-Z_0-9]+): "/gm), ([, code = ""]) => code);
    expect(codes.length).toBeGreaterThan(20);
    for (const code of codes) {
      const error = Object.assign(new Error("x"), { code });
      const { message } = connectionError(error, "hub.example:443", 0);
      const said = inChinese(message);
      expect([code, said]).toEqual([code, expect.stringMatching(/\p{Script=Han}/u)]);
      expect(said).toContain("hub.example:443");
      const names = /hub\.example:443|1970-\S+|TLS|HTTP|http:\/\//g;
      expect(said.replaceAll(names, "")).not.toMatch(/[A-Za-z]/);
    }
  });

  it("is said in Chinese for what gRPC lacks, and for a WebSocket that is refused", () => {
    const templates = source("platform/net/grpc/diagnose.ts").matchAll(/NetworkError\(`([^`]+)`/g);
    const sentences = Array.from(templates, ([, template = ""]) => sampled(template));
    expect(sentences.length).toBeGreaterThan(4);
    for (const sentence of [...sentences, new SocketRefusedError(403, "").message])
      expect([sentence, inChinese(sentence)]).toEqual([
        sentence,
        expect.stringMatching(/\p{Script=Han}/u),
      ]);
  });

  it("knows only sentences that there are", () => {
    const texts = [
      "agent/komari/server.ts",
      "agent/nezha/nezha-uplink.ts",
      "agent/nezha/pair.ts",
      "cli/pair-agent.ts",
      "cli/pair-nezha.ts",
      "cli/pair-request.ts",
      "http/auth/errors.ts",
      "http/tls.ts",
      "hub/notify/outbox.ts",
      "platform/net/grpc/diagnose.ts",
      "platform/outbound/allowed-addresses.ts",
      "platform/outbound/limits.ts",
      "platform/outbound/mail.ts",
      "platform/web/network-error.ts",
      "platform/web/port.ts",
      "platform/web/socket.ts",
    ].map(source);
    const all = texts.join("\n");
    for (const sentence of Object.keys(zhServerWords)) {
      const parts = sentence.split(/:? ?\{\w+\}|; |'|Registration/).map((part) => part.trim());
      const words = parts.toSorted((one, other) => other.length - one.length)[0] ?? "";
      expect([sentence, all.includes(words)]).toEqual([sentence, true]);
    }
  });

  it("is said line by line, with a reason within, and stays where it is not known", () => {
    const lines = "hub.example refuses the secret or the identity of this machine: moon phase\nOdd";
    expect(inChinese(lines)).toBe("hub.example 拒绝该密钥或本机的身份：moon phase\nOdd");
    expect(inChinese("No connection to a: b does not answer")).toBe("无法连接 a：b 没有响应");
  });
});
