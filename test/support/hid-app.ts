import Fastify from "fastify";
import type { FastifyInstance } from "fastify";
import { onTestFinished } from "vitest";
import { installKvmdErrors } from "../../src/api/kvmd/errors.ts";
import { hidRoutes, hidSource } from "../../src/api/kvmd/hid.ts";
import { wsRoutes } from "../../src/api/kvmd/ws.ts";
import { WsPresence } from "../../src/api/kvmd/ws-presence.ts";
import type { WsSource } from "../../src/api/kvmd/ws-source.ts";
import type { HidConfig, HttpConfig } from "../../src/config/schema.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { Clock } from "../../src/core/clock.ts";
import { createScope } from "../../src/core/scope.ts";
import { createStore, until } from "../../src/core/store.ts";
import { createHid } from "../../src/device/hid/hid.ts";
import type { Hid } from "../../src/device/hid/hid.ts";
import { USER_ROLES } from "../../src/http/auth/principal.ts";
import { webSockets } from "../../src/http/websocket.ts";
import { fakeHidDriver } from "./fake-hid-driver.ts";
import type { FakeHidDriver } from "./fake-hid-driver.ts";
import { HID_CONFIG } from "./hid-config.ts";
import { recordingLogger } from "./recording-logger.ts";
import type { RecordingLogger } from "./recording-logger.ts";
import { connectWs } from "./ws-client.ts";
import type { WsClient } from "./ws-client.ts";

/** `/api/hid` and `/api/ws` over a fake driver, listening on loopback. */
export interface HidApp {
  readonly app: FastifyInstance;
  readonly url: string;
  readonly hid: Hid;
  readonly driver: FakeHidDriver;
  readonly log: RecordingLogger;
  readonly viewers: readonly number[];
  /** Resolves when the driver got as many reports. */
  sent(count: number): Promise<readonly string[]>;
  connect(query?: string, role?: string): Promise<WsClient>;
  /** Signs out everybody of a role. */
  revoke(role: string): void;
}

function decoratePrincipals(app: FastifyInstance): (role: string) => void {
  const revocations = new Map(USER_ROLES.map((role) => [role, new AbortController()]));
  app.decorateRequest("principal", null);
  app.addHook("onRequest", (request, _reply, done) => {
    const wanted = request.headers["x-role"];
    const role = USER_ROLES.find((name) => name === wanted) ?? "admin";
    const revoked = revocations.get(role)?.signal ?? AbortSignal.abort();
    request.principal = { user: role, role, via: "header", revoked };
    done();
  });
  return (role) => {
    for (const [name, controller] of revocations) if (name === role) controller.abort();
  };
}

/** Adds a store to the driver that counts accepted reports. */
function countReports(driver: FakeHidDriver): (count: number) => Promise<readonly string[]> {
  const count = createStore(0);
  driver.onSubmit = () => {
    queueMicrotask(() => {
      count.set(driver.sent.length);
    });
  };
  return async (wanted) => {
    await until(count, (value) => value >= wanted);
    return driver.sent;
  };
}

export async function createHidApp(
  options: {
    readonly config?: Partial<HidConfig>;
    readonly sources?: readonly WsSource[];
    /** Real time by default. */
    readonly clock?: Clock;
  } = {},
): Promise<HidApp> {
  const driver = fakeHidDriver();
  const log = recordingLogger();
  const { clock = systemClock } = options;
  const hid = createHid({ config: { ...HID_CONFIG, ...options.config }, driver, clock, log });
  const scope = createScope("test", log);
  await hid.start(scope);
  const app = Fastify({ exposeHeadRoutes: false });
  const revoke = decoratePrincipals(app);
  const http = { allowedOrigins: [] as readonly string[] } as HttpConfig;
  const auth = { hold: () => () => undefined };
  await app.register(webSockets, { config: http, auth, clock, log });
  const viewers: number[] = [];
  await app.register(
    (kvmd, _options, done) => {
      installKvmdErrors(kvmd);
      const presence = new WsPresence(clock);
      hidRoutes(kvmd, { hid, presence });
      wsRoutes(kvmd, {
        presence,
        sources: [hidSource(hid), ...(options.sources ?? [])],
        hid,
        clock,
        log,
        onViewersChanged(count) {
          viewers.push(count);
        },
      });
      done();
    },
    { prefix: "/api" },
  );
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(async () => {
    await app.close();
    await scope.close();
  });
  const connect: HidApp["connect"] = (query = "?stream=0", role = "admin") =>
    connectWs(url, `/api/ws${query}`, { "X-Role": role });
  return { app, url, hid, driver, log, viewers, sent: countReports(driver), connect, revoke };
}
