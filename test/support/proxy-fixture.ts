import { silentLogger } from "../../src/core/log.ts";
import type { ProxyConfig } from "../../src/config/schema.ts";
import { Backend, User } from "../../src/protocol/pasarguard/messages.ts";
import type { CoreFamily } from "../../src/protocol/xray/dialect.ts";
import { Proxy } from "../../src/proxy/proxy.ts";
import { fakeClock } from "./fake-clock.ts";
import type { FakeClock } from "./fake-clock.ts";
import { memoryCore } from "./fake-core/memory-core.ts";
import type { MemoryCore } from "./fake-core/memory-core.ts";
import { memoryFiles } from "./memory-files.ts";
import type { MemoryFiles } from "./memory-files.ts";

export const PROXY_CONFIG: ProxyConfig = {
  host: "127.0.0.1",
  port: 0,
  protocol: "grpc",
  apiKey: "",
  tls: { cert: "", key: "" },
  core: { path: "", assets: "/assets", user: "" },
};

export const API_KEY = "d04d8680-942d-4365-992f-9f482275691d";
export const INBOUNDS = ["vmess", "vless", "trojan", "ss", "ss22"];

const PROTOCOLS: Readonly<Record<string, string>> = { ss: "shadowsocks", ss22: "shadowsocks" };

/** A panel's core configuration with an inbound of every kind, and `more` for the fake core. */
export function panelConfig(
  more: Readonly<Record<string, unknown>> = {},
  sections: Readonly<Record<string, unknown>> = {},
): string {
  const inbounds = INBOUNDS.map((tag) => ({
    tag,
    protocol: PROTOCOLS[tag] ?? tag,
    settings: tag === "ss22" ? { method: "2022-blake3-aes-128-gcm" } : {},
  }));
  const outbounds = [
    { tag: "direct", protocol: "freedom" },
    { tag: "block", protocol: "blackhole" },
  ];
  const fake = { tag: "fake", protocol: "fake", settings: more };
  return JSON.stringify({ inbounds: [...inbounds, fake], outbounds, ...sections });
}

/** A user with all kinds of accounts, in these inbounds. */
export function panelUser(email: string, inbounds: readonly string[] = INBOUNDS): User {
  const id = "11111111-2222-4333-8444-555555555555";
  return User.create({
    email,
    proxies: {
      vmess: { id },
      vless: { id, flow: "" },
      trojan: { password: `trojan ${email}` },
      shadowsocks: { password: `ss ${email}`, method: "aes-256-gcm" },
      wireguard: undefined,
      hysteria: { auth: `hysteria ${email}` },
    },
    inbounds,
  });
}

export function startRequest(more: Partial<Backend> = {}): Backend {
  return Backend.create({ config: panelConfig(), users: [panelUser("42")], ...more });
}

export interface ProxyFixture {
  readonly proxy: Proxy;
  readonly core: MemoryCore;
  readonly clock: FakeClock;
  readonly files: MemoryFiles;
  /** Starts a core; rejects as the proxy does. */
  start(more?: Partial<Backend>): Promise<void>;
}

export interface ProxyFixtureOptions {
  readonly family?: CoreFamily;
  readonly core?: Partial<ProxyConfig["core"]>;
  readonly files?: Readonly<Record<string, string>>;
}

/** The proxy with a core in memory and a clock that stands still. */
export function proxyFixture(options: ProxyFixtureOptions = {}): ProxyFixture {
  const core = memoryCore(options.family);
  const clock = fakeClock();
  const files = memoryFiles(options.files);
  const config = { ...PROXY_CONFIG, core: { ...PROXY_CONFIG.core, ...options.core } };
  const platform = { clock, files, process: core.process, loopback: core.loopback };
  const proxy = new Proxy({ config, platform, log: silentLogger });
  return {
    proxy,
    core,
    clock,
    files,
    start: async (more) => {
      await proxy.start(startRequest(more), new AbortController().signal);
    },
  };
}
