import { afterEach, describe, expect, it } from "vitest";
import { checkNezha, registerNezha } from "../../../src/agent/nezha/pair.ts";
import type { NezhaCheckOptions } from "../../../src/agent/nezha/pair.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { CancelledError } from "../../../src/core/errors.ts";
import { createGrpcDialer } from "../../../src/platform/net/grpc/grpc-dialer.ts";
import type { WebClient, WebRequest } from "../../../src/platform/web/port.ts";
import { METHOD } from "../../../src/protocol/nezha/service.ts";
import { startGrpcServer } from "../../support/grpc-server.ts";
import { SECRET, UUID } from "../../support/nezha-agent.ts";
import { startNezhaDashboard } from "../../support/nezha-dashboard.ts";
import type {
  DashboardEdition,
  DashboardOptions,
  NezhaDashboard,
} from "../../support/nezha-dashboard.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function dashboard(
  edition: DashboardEdition,
  part: Partial<DashboardOptions> = {},
): Promise<NezhaDashboard> {
  const started = await startNezhaDashboard({ edition, secret: SECRET, ...part });
  closers.push(() => {
    started.close();
  });
  return started;
}

const check = (port: number, part: Partial<NezhaCheckOptions> = {}): Promise<unknown> =>
  checkNezha({
    server: { host: "127.0.0.1", port, tls: "off" },
    credentials: { secret: SECRET, uuid: UUID },
    generation: "auto",
    dialer: createGrpcDialer(),
    clock: systemClock,
    signal: new AbortController().signal,
    ...part,
  });

describe("checking a Nezha dashboard", () => {
  it.each([
    ["v0.20", "v0"],
    ["v1.0.0", "v1"],
    ["v1.0.21", "v1"],
    ["v2", "v1"],
  ] as const)("finds one of %s and leaves no report there", async (edition, generation) => {
    const peer = await dashboard(edition);
    expect(await check(peer.port)).toBe(generation);
    expect(peer.told.value.states).toHaveLength(0);
  });

  it.each(["v0.20", "v1.0.0", "v2"] as const)("tells a wrong secret of %s", async (edition) => {
    const peer = await dashboard(edition);
    const credentials = { secret: "wrong", uuid: UUID };
    await expect(check(peer.port, { credentials })).rejects.toMatchObject({
      code: "NEZHA_PAIRING",
      message: expect.stringContaining("refuses the secret"),
    });
  });

  it("tells a wrong secret also where the description of the machine is taken without one", async () => {
    const peer = await dashboard("v2", { ignoresSecretOfHost: true });
    const credentials = { secret: "wrong", uuid: UUID };
    await expect(check(peer.port, { credentials })).rejects.toMatchObject({
      code: "NEZHA_PAIRING",
      message: expect.stringContaining("refuses the secret"),
    });
  });

  it("stops when it is told to, also while a dashboard keeps it waiting", async () => {
    const controller = new AbortController();
    const keepWaiting = () => {
      controller.abort();
    };
    const handlers = new Map([[METHOD.ioStream, { kind: "stream", handle: keepWaiting } as const]]);
    const peer = await startGrpcServer({ handlers });
    closers.push(() => {
      peer.close();
    });
    const answer = check(peer.port, { generation: "v0", signal: controller.signal });
    await expect(answer).rejects.toThrow(CancelledError);
  });

  it("tells that nothing listens there", async () => {
    const peer = await dashboard("v2");
    peer.close();
    await expect(check(peer.port)).rejects.toMatchObject({
      code: "NEZHA_PAIRING",
      message: `127.0.0.1:${peer.port} refuses the connection`,
    });
  });
});

function webOf(status: number, body: string): WebClient & { readonly asked: WebRequest[] } {
  const asked: WebRequest[] = [];
  return {
    asked,
    request(request) {
      asked.push(request);
      return Promise.resolve({ status, headers: {}, body });
    },
    openSocket: () => Promise.reject(new Error("no sockets here")),
  };
}

const register = (web: WebClient, url = "https://dash.example/"): Promise<string> =>
  registerNezha({
    web,
    url,
    token: "panel-token",
    registration: { name: "kvm", tag: "", note: "", hideForGuest: true },
    verifyTls: true,
  });

describe("registering at a Nezha dashboard", () => {
  it("shows the panel token as it is and gets the secret of a new server", async () => {
    const secret = "8GYwaxYuLfU7zl7ndC";
    const web = webOf(200, JSON.stringify({ code: 200, message: "ok", secret }));
    expect(await register(web)).toBe(secret);
    expect(web.asked[0]).toMatchObject({
      method: "POST",
      url: "https://dash.example/api/v1/server/register",
      headers: { Authorization: "panel-token" },
    });
  });

  it("tells a refusal, which is an answer with status 200", async () => {
    const web = webOf(200, JSON.stringify({ code: 403, message: "not you" }));
    await expect(register(web)).rejects.toMatchObject({
      code: "NEZHA_PAIRING",
      message: "The dashboard refuses: not you",
    });
  });

  it("tells a dashboard without registration", async () => {
    await expect(register(webOf(404, "<html>"))).rejects.toMatchObject({ code: "NEZHA_PAIRING" });
  });

  it("tells an answer that makes no sense", async () => {
    await expect(register(webOf(200, "<html>"))).rejects.toMatchObject({ code: "NEZHA_FORMAT" });
  });
});
