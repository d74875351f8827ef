import { describe, expect, it } from "vitest";
import {
  addUserRequest,
  corePath,
  parseCoreVersion,
  removeUserRequest,
} from "../../../src/protocol/xray/dialect.ts";
import type { Account } from "../../../src/protocol/xray/dialect.ts";
import {
  AddUserOperation,
  AlterInboundRequest,
  RemoveUserOperation,
  ShadowsocksAccount,
  VlessAccount,
} from "../../../src/protocol/xray/messages.ts";

describe("parseCoreVersion", () => {
  it.each([
    ["Xray 26.3.27 (Xray, Penetrates Everything.) Custom\nA unified platform", "xray", "26.3.27"],
    ["V2Ray 4.34.0 (user) 20230518-074445 (go1.19.8 linux/amd64)", "v2ray", "4.34.0"],
    ["some warning\nXray v1.8.0 (x)", "xray", "1.8.0"],
  ])("understands %j", (output, family, version) => {
    expect(parseCoreVersion(output)).toEqual({ family, version });
  });

  it.each(["", "Xray", "xray 26.3.27", "sing-box version 1.12.0", " Xray 1.2.3"])(
    "does not take %j for a core",
    (output) => {
      expect(parseCoreVersion(output)).toBeUndefined();
    },
  );
});

describe("the API of a core", () => {
  it("has one path for each family", () => {
    expect(corePath("xray", "StatsService", "QueryStats")).toBe(
      "/xray.app.stats.command.StatsService/QueryStats",
    );
    expect(corePath("v2ray", "HandlerService", "AlterInbound")).toBe(
      "/v2ray.core.app.proxyman.command.HandlerService/AlterInbound",
    );
  });

  const accounts: readonly (readonly [Account, string])[] = [
    [{ kind: "vmess", id: "i" }, "proxy.vmess.Account"],
    [{ kind: "vless", id: "i", flow: "" }, "proxy.vless.Account"],
    [{ kind: "trojan", password: "p" }, "proxy.trojan.Account"],
    [{ kind: "shadowsocks", password: "p", method: "aes-256-gcm" }, "proxy.shadowsocks.Account"],
    [{ kind: "shadowsocks-2022", key: "k" }, "proxy.shadowsocks_2022.Account"],
    [{ kind: "hysteria", auth: "a" }, "proxy.hysteria.account.Account"],
  ];

  it.each(accounts)("adds a user with %j", (account, type) => {
    const { tag, operation } = AlterInboundRequest.decode(
      addUserRequest("xray", "in", "42", account),
    );
    expect([tag, operation?.type]).toEqual(["in", "xray.app.proxyman.command.AddUserOperation"]);
    const { user } = AddUserOperation.decode(operation?.value ?? new Uint8Array());
    expect(user).toMatchObject({ level: 0, email: "42", account: { type: `xray.${type}` } });
  });

  it("carries secrets, flow and cipher", () => {
    const valueOf = (account: Account): Uint8Array => {
      const request = AlterInboundRequest.decode(addUserRequest("v2ray", "in", "42", account));
      const { user } = AddUserOperation.decode(request.operation?.value ?? new Uint8Array());
      return user?.account?.value ?? new Uint8Array();
    };
    const flow = "xtls-rprx-vision";
    expect(VlessAccount.decode(valueOf({ kind: "vless", id: "i", flow }))).toEqual({
      id: "i",
      flow,
    });
    const method = "chacha20-ietf-poly1305";
    expect(
      ShadowsocksAccount.decode(valueOf({ kind: "shadowsocks", password: "p", method })),
    ).toEqual({ password: "p", cipherType: 7 });
  });

  it("removes a user by name", () => {
    const { operation } = AlterInboundRequest.decode(removeUserRequest("v2ray", "in", "42"));
    expect(operation?.type).toBe("v2ray.core.app.proxyman.command.RemoveUserOperation");
    expect(RemoveUserOperation.decode(operation?.value ?? new Uint8Array())).toEqual({
      email: "42",
    });
  });
});
