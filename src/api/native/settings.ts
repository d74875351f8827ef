/** `/native/settings`: the configuration file, and what goes into it. Admins only. */
import type { FastifyInstance } from "fastify";
import type { SettingsKeeper } from "../../config/settings.ts";
import type { SettingsView, TakeOverView } from "../../protocol/native/settings.ts";
import { PairBody, SettingsPatch, UnpairBody } from "./body.ts";
import type { Recorder } from "../../http/auth/recorder.ts";

export interface SettingsRoutesOptions {
  readonly settings: SettingsKeeper;
  readonly record: Recorder;
}

/** Names and passwords in an address, and what follows the path, are nobody's to read in an audit. */
const placeOf = (address: string): string =>
  address.replace(/^([a-z]+:\/\/)?[^/]*@/i, "$1").replace(/[?#].*$/s, "");

function pairRoutes(app: FastifyInstance, { settings, record }: SettingsRoutesOptions): void {
  app.route<{ Body: PairBody }>({
    method: "POST",
    url: "/pair",
    schema: { body: PairBody },
    config: { access: "admin" },
    handler(request) {
      const act = { action: "agent.pair", detail: placeOf(request.body.address) };
      return record(request, act, async () => ({ message: await settings.pair(request.body) }));
    },
  });
  app.route<{ Body: UnpairBody }>({
    method: "POST",
    url: "/unpair",
    schema: { body: UnpairBody },
    config: { access: "admin" },
    handler(request) {
      const { address } = request.body;
      const act = { action: "agent.unpair", detail: placeOf(address) };
      return record(request, act, async () => ({ message: await settings.unpair(address) }));
    },
  });
}

export function settingsRoutes(app: FastifyInstance, options: SettingsRoutesOptions): void {
  const { settings, record } = options;
  app.route({
    method: "GET",
    url: "/settings",
    config: { access: "admin" },
    handler: (): Promise<SettingsView> => settings.read(),
  });
  app.route<{ Body: SettingsPatch }>({
    method: "PATCH",
    url: "/settings",
    schema: { body: SettingsPatch },
    config: { access: "admin" },
    handler(request): Promise<SettingsView> {
      const given = Object.entries(request.body.changes);
      const changes = new Map(given.map(([path, value]) => [path, value ?? undefined]));
      const seen = new Map(Object.entries(request.body.seen ?? {}));
      // Values may be secrets.
      const act = { action: "settings.change", detail: [...changes.keys()].join(", ") };
      return record(request, act, () => settings.change(changes, seen));
    },
  });
  app.route({
    method: "POST",
    url: "/restart",
    config: { access: "admin" },
    async handler(request, reply): Promise<TakeOverView> {
      const act = { action: "settings.restart" };
      const done = await record(request, act, () => settings.takeOver());
      if (done.restarted === "everything") {
        void reply.code(202);
        reply.raw.once("close", () => {
          settings.restart();
        });
      }
      return done;
    },
  });
  pairRoutes(app, options);
}
