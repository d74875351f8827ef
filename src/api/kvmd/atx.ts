/** `/api/atx` and its WebSocket event (PiKVM API 4.4, 5.3). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isEqual } from "../../core/store.ts";
import type { Atx } from "../../device/atx/atx.ts";
import type { AtxState } from "../../device/atx/atx-state.ts";
import { JSON_TYPE, ok } from "../../protocol/kvmd/envelope.ts";
import { queryOf } from "../../protocol/kvmd/query.ts";
import {
  optional,
  validateAtxAction,
  validateAtxButton,
  validateBool,
} from "../../protocol/kvmd/validators.ts";
import { acceptAnyBody } from "./body.ts";
import type { WsSource } from "./ws-source.ts";

export interface AtxRoutesOptions {
  readonly atx: Atx;
}

/** The state as `GET /api/atx` and the event `atx` show it. */
export function atxToWire({ enabled, acts, leds }: AtxState) {
  return { enabled, busy: acts.power || acts.reset, acts, leds };
}

/** Clients poll this far more often than it changes: one text for each state. */
function createRenderer(): (state: AtxState) => string {
  let last: AtxState | undefined;
  let text = "";
  return (state) => {
    if (state !== last) text = JSON.stringify(ok(atxToWire(state)));
    last = state;
    return text;
  };
}

function createPower({ atx }: AtxRoutesOptions) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const query = queryOf(request.query);
    const action = validateAtxAction(query["action"]);
    const wait = optional(query["wait"], validateBool, false);
    await atx.power(action, { wait });
    request.log.info({ user: request.principal?.user, action }, "ATX power requested");
    return reply.type(JSON_TYPE).send(ok());
  };
}

function createClick({ atx }: AtxRoutesOptions) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const query = queryOf(request.query);
    const button = validateAtxButton(query["button"]);
    const wait = optional(query["wait"], validateBool, false);
    await atx.click(button, { wait });
    request.log.info({ user: request.principal?.user, button }, "ATX click requested");
    return reply.type(JSON_TYPE).send(ok());
  };
}

/** Declares the routes in a scope of its own, relative to the dialect's prefix. */
export function atxRoutes(app: FastifyInstance, options: AtxRoutesOptions): void {
  const render = createRenderer();
  void app.register((scope, _options, done) => {
    acceptAnyBody(scope);
    scope.route({
      method: "GET",
      url: "/atx",
      config: { access: "viewer" },
      handler: (_request, reply) => reply.type(JSON_TYPE).send(render(options.atx.state.value)),
    });
    scope.route({
      method: "POST",
      url: "/atx/power",
      config: { access: "operator" },
      handler: createPower(options),
    });
    scope.route({
      method: "POST",
      url: "/atx/click",
      config: { access: "operator" },
      handler: createClick(options),
    });
    done();
  });
}

/** The event `atx` is always the full state. */
export function atxSource(atx: Atx): WsSource {
  return {
    snapshot: () => [{ eventType: "atx", event: atxToWire(atx.state.value) }],
    watch: (emit) =>
      atx.state.subscribe((next, previous) => {
        const event = atxToWire(next);
        // What ails a line is not part of the event.
        if (!isEqual(event, atxToWire(previous))) emit("atx", "atx", event);
      }),
  };
}
