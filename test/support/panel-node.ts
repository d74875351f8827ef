import { onTestFinished } from "vitest";
import { listenForPanel } from "../../src/api/pasarguard/listener.ts";
import type { ProxyConfig } from "../../src/config/schema.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { Clock } from "../../src/core/clock.ts";
import { createStore } from "../../src/core/store.ts";
import type { MutableStore } from "../../src/core/store.ts";
import { silentLogger } from "../../src/core/log.ts";
import { createSelfSigned } from "../../src/http/self-signed.ts";
import type { TlsMaterial } from "../../src/http/node-server.ts";
import { Proxy } from "../../src/proxy/proxy.ts";
import { memoryCore } from "./fake-core/memory-core.ts";
import type { MemoryCore } from "./fake-core/memory-core.ts";
import { memoryFiles } from "./memory-files.ts";
import { API_KEY, PROXY_CONFIG } from "./proxy-fixture.ts";

let material: Promise<TlsMaterial> | undefined;

/** One certificate for all tests of a file: making it takes longer than most of them. */
export function testCertificate(): Promise<TlsMaterial> {
  material ??= createSelfSigned({
    hostName: "localhost",
    addresses: [],
    notBefore: Date.now() - 86_400_000,
    notAfter: Date.now() + 86_400_000,
  });
  return material;
}

export interface PanelNode {
  readonly port: number;
  readonly cert: string;
  /** What new connections are shown. */
  readonly tls: MutableStore<TlsMaterial>;
  readonly proxy: Proxy;
  readonly core: MemoryCore;
  readonly headers: Readonly<Record<string, string>>;
  /** Stops listening, as the end of the test does. */
  close(): Promise<void>;
}

/** A node on a free port with a core in memory; the end of the test closes it. */
export async function panelNode(
  protocol: ProxyConfig["protocol"],
  clock: Clock = systemClock,
): Promise<PanelNode> {
  const core = memoryCore();
  const platform = { clock, files: memoryFiles(), process: core.process, loopback: core.loopback };
  const proxy = new Proxy({ config: PROXY_CONFIG, platform, log: silentLogger });
  const tls = createStore(await testCertificate());
  const config = { host: "127.0.0.1", port: 0, protocol };
  const listener = await listenForPanel({
    proxy,
    config,
    apiKey: API_KEY,
    tls,
    clock,
    log: silentLogger,
  });
  onTestFinished(async () => {
    await proxy.close();
    await listener.close();
  });
  const headers = { "x-api-key": API_KEY };
  const close = (): Promise<void> => listener.close();
  return { port: listener.port, cert: tls.value.cert, tls, proxy, core, headers, close };
}
