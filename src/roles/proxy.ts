import { listenForPanel } from "../api/pasarguard/listener.ts";
import type { PanelListener } from "../api/pasarguard/listener.ts";
import { createScope } from "../core/scope.ts";
import { FollowedTls } from "../http/followed-tls.ts";
import { Proxy } from "../proxy/proxy.ts";
import { ensureProxyCredentials, proxyTlsPaths } from "./proxy-credentials.ts";
import type { Role, RoleOptions } from "./role.ts";

export interface ProxyRole extends Role {
  readonly name: "proxy";
  readonly proxy: Proxy;
  /** Undefined until started. */
  readonly listener: PanelListener | undefined;
}

/** A node for a PasarGuard panel, with an address of its own beside the HTTP server of the other roles. */
export function mountProxy(options: RoleOptions): Promise<ProxyRole> {
  const { config, platform } = options;
  const { clock, files } = platform;
  const log = options.log.child({ sub: "proxy" });
  const proxy = new Proxy({ config: config.proxy, platform, log });
  const scope = createScope("proxy", log);
  let listener: PanelListener | undefined;
  return Promise.resolve({
    name: "proxy",
    proxy,
    get listener() {
      return listener;
    },
    async start() {
      const { apiKey, tls: read } = await ensureProxyCredentials({ config, ...platform, log });
      // Never made anew by itself: the panel has to be given the next one.
      const paths = { ...proxyTlsPaths(config), section: "proxy.tls" };
      const followed = new FollowedTls(read, { ...paths, files, clock, log });
      followed.follow(scope);
      const tls = followed.material;
      listener = await listenForPanel({ proxy, config: config.proxy, apiKey, tls, clock, log });
      const { protocol, host } = config.proxy;
      log.info({ protocol, host, port: listener.port }, "Waiting for a panel");
    },
    async close() {
      await Promise.all([scope.close(), listener?.close(), proxy.close()]);
    },
    health: () => ({ proxy: proxy.state }),
  });
}
