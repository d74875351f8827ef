/** `/api/gpio` and its WebSocket events (PiKVM API 4.6, 5.3). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { GpioModel, GpioOutputModel, GpioState } from "../../device/gpio/gpio-state.ts";
import type { UserGpio } from "../../device/gpio/user-gpio.ts";
import { JSON_TYPE, ok } from "../../protocol/kvmd/envelope.ts";
import { queryOf } from "../../protocol/kvmd/query.ts";
import {
  optional,
  validateBool,
  validateGpioChannel,
  validateGpioDelay,
} from "../../protocol/kvmd/validators.ts";
import { acceptAnyBody } from "./body.ts";
import type { EmitWsEvent, WsSource } from "./ws-source.ts";

export interface GpioRoutesOptions {
  readonly gpio: UserGpio;
}

function outputToWire({ hw, canSwitch, pulse }: GpioOutputModel) {
  return {
    switch: canSwitch,
    pulse: {
      delay: pulse.delaySeconds,
      min_delay: pulse.minDelaySeconds,
      max_delay: pulse.maxDelaySeconds,
    },
    hw,
  };
}

function modelToWire({ scheme, view }: GpioModel) {
  const outputs = Object.entries(scheme.outputs).map(
    ([name, output]) => [name, outputToWire(output)] as const,
  );
  return { scheme: { inputs: scheme.inputs, outputs: Object.fromEntries(outputs) }, view };
}

/** What `GET /api/gpio` and the full event `gpio` show. */
export function gpioToWire({ model, state }: UserGpio) {
  return { model: modelToWire(model), state: state.value };
}

/** One text for each state; the model is another one after a change of settings. */
function createRenderer(gpio: UserGpio): () => string {
  let lastState: GpioState | undefined;
  let lastModel: GpioModel | undefined;
  let text = "";
  return () => {
    const { state, model } = gpio;
    if (state.value !== lastState || model !== lastModel) {
      text = JSON.stringify(ok(gpioToWire(gpio)));
    }
    lastState = state.value;
    lastModel = model;
    return text;
  };
}

function createSwitch({ gpio }: GpioRoutesOptions) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const query = queryOf(request.query);
    const channel = validateGpioChannel(query["channel"]);
    const state = validateBool(query["state"]);
    const wait = optional(query["wait"], validateBool, false);
    await gpio.switch(channel, state, { wait });
    const { principal } = request;
    request.log.info({ user: principal?.user, channel, state }, "GPIO switch requested");
    return reply.type(JSON_TYPE).send(ok());
  };
}

function createPulse({ gpio }: GpioRoutesOptions) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const query = queryOf(request.query);
    const channel = validateGpioChannel(query["channel"]);
    const delaySeconds = optional(query["delay"], validateGpioDelay, 0);
    const wait = optional(query["wait"], validateBool, false);
    await gpio.pulse(channel, delaySeconds, { wait });
    request.log.info({ user: request.principal?.user, channel }, "GPIO pulse requested");
    return reply.type(JSON_TYPE).send(ok());
  };
}

/** Declares the routes in a scope of its own, relative to the dialect's prefix. */
export function gpioRoutes(app: FastifyInstance, options: GpioRoutesOptions): void {
  const render = createRenderer(options.gpio);
  void app.register((scope, _options, done) => {
    acceptAnyBody(scope);
    scope.route({
      method: "GET",
      url: "/gpio",
      config: { access: "viewer" },
      handler: (_request, reply) => reply.type(JSON_TYPE).send(render()),
    });
    scope.route({
      method: "POST",
      url: "/gpio/switch",
      config: { access: "operator" },
      handler: createSwitch(options),
    });
    scope.route({
      method: "POST",
      url: "/gpio/pulse",
      config: { access: "operator" },
      handler: createPulse(options),
    });
    done();
  });
}

/** Emits every channel of one kind that differs; unchanged channels are the same objects. */
function emitChanges(
  kind: keyof GpioState,
  next: GpioState,
  previous: GpioState,
  emit: EmitWsEvent,
): void {
  for (const [channel, state] of Object.entries(next[kind])) {
    if (previous[kind][channel] === state) continue;
    emit(`gpio:${channel}`, "gpio", { state: { [kind]: { [channel]: state } } });
  }
}

/** The full state for newcomers and with another model, otherwise only what changed, a channel at a time. */
export function gpioSource(gpio: UserGpio): WsSource {
  return {
    snapshot: () => [{ eventType: "gpio", event: gpioToWire(gpio) }],
    watch: (emit) => {
      let { model } = gpio;
      return gpio.state.subscribe((next, previous) => {
        if (gpio.model !== model) {
          ({ model } = gpio);
          emit("gpio", "gpio", gpioToWire(gpio));
          return;
        }
        emitChanges("inputs", next, previous, emit);
        emitChanges("outputs", next, previous, emit);
      });
    },
  };
}
