/** `/api/info` and the `info` events (PiKVM API 4.2, 5.3). Additional to the original: `system.farhand`. */
import type { FastifyInstance } from "fastify";
import { isEqual } from "../../core/store.ts";
import type { Store, Unsubscribe } from "../../core/store.ts";
import type { Info } from "../../device/info/info.ts";
import { JSON_TYPE } from "../../protocol/kvmd/envelope.ts";
import { queryOf } from "../../protocol/kvmd/query.ts";
import { selectPieces } from "./info-layout.ts";
import type { InfoPart, InfoPiece } from "./info-layout.ts";
import {
  authView,
  extrasView,
  fanView,
  healthView,
  nodeView,
  platformView,
  softwareView,
  systemView,
  uptimeView,
} from "./info-view.ts";
import type { EmitWsEvent, WsEvent, WsSource } from "./ws-source.ts";

/** JSON of a store's view, made again only after the store has changed. */
function textOf<T>(store: Store<T>, view: (value: T) => unknown): () => string {
  let made: { readonly value: T; readonly text: string } | undefined;
  return () => {
    const { value } = store;
    if (made === undefined || made.value !== value) {
      made = { value, text: JSON.stringify(view(value)) };
    }
    return made.text;
  };
}

type Piece = () => string;

/** `"name":value` of each piece. */
function createPieces(info: Info): Readonly<Record<InfoPiece, Piece>> {
  const named =
    (name: string, text: Piece): Piece =>
    () =>
      `"${name}":${text()}`;
  const health = textOf(info.health, healthView);
  const platform = textOf(info.system, platformView);
  return {
    auth: named("auth", textOf(info.auth, authView)),
    extras: named("extras", textOf(info.extras, extrasView)),
    fan: named("fan", textOf(info.fan, fanView)),
    health: named("health", health),
    hw: () => `"hw":{"health":${health()},"platform":${platform()}}`,
    meta: named(
      "meta",
      textOf(info.meta, (meta) => meta ?? null),
    ),
    node: named("node", textOf(info.node, nodeView)),
    software: named("system", textOf(info.system, softwareView)),
    system: named("system", textOf(info.system, systemView)),
    uptime: named("uptime", textOf(info.uptime, uptimeView)),
  };
}

/** The whole body: the parts rarely change, so they are joined from text that is already there. */
export function createInfoBody(info: Info): (wanted: readonly InfoPiece[]) => string {
  const pieces = createPieces(info);
  return (wanted) => {
    let body = "";
    for (const name of wanted) body += body === "" ? pieces[name]() : `,${pieces[name]()}`;
    return `{"ok":true,"result":{${body}}}`;
  };
}

/** Declares the route, relative to the dialect's prefix. */
export function infoRoutes(app: FastifyInstance, { info }: { readonly info: Info }): void {
  const bodyOf = createInfoBody(info);
  app.route({
    method: "GET",
    url: "/info",
    config: { access: "viewer" },
    async handler(request, reply) {
      const wanted = selectPieces(queryOf(request.query));
      await info.refresh();
      return reply.type(JSON_TYPE).send(bodyOf(wanted));
    },
  });
}

const EVENT_TYPE = "info";

/** Each event carries one part. */
export function infoSource(info: Info): WsSource {
  const eventOf = (part: InfoPart, view: unknown): WsEvent => ({
    eventType: EVENT_TYPE,
    event: { [part]: view },
  });
  const follow = <T>(
    emit: EmitWsEvent,
    part: InfoPart,
    [store, view]: readonly [Store<T>, (value: T) => unknown],
  ): Unsubscribe =>
    store.subscribe((next) => {
      emit(`${EVENT_TYPE}:${part}`, EVENT_TYPE, { [part]: view(next) });
    });

  return {
    snapshot: () => [
      eventOf("auth", authView(info.auth.value)),
      eventOf("fan", fanView(info.fan.value)),
      eventOf("meta", info.meta.value ?? null),
      eventOf("node", nodeView(info.node.value)),
      eventOf("extras", extrasView(info.extras.value)),
      eventOf("uptime", uptimeView(info.uptime.value)),
      eventOf("health", healthView(info.health.value)),
      eventOf("system", systemView(info.system.value)),
    ],
    watch(emit) {
      const stops = [
        follow(emit, "auth", [info.auth, authView]),
        follow(emit, "meta", [info.meta, (meta) => meta ?? null]),
        follow(emit, "node", [info.node, nodeView]),
        follow(emit, "extras", [info.extras, extrasView]),
        follow(emit, "uptime", [info.uptime, uptimeView]),
        follow(emit, "health", [info.health, healthView]),
        follow(emit, "system", [info.system, systemView]),
        info.fan.subscribe((next, previous) => {
          // The time of the reading alone is no news.
          if (isEqual(next?.reading, previous?.reading)) return;
          emit(`${EVENT_TYPE}:fan`, EVENT_TYPE, { fan: fanView(next) });
        }),
        info.watch(),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}
