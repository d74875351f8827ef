/** `/api/switch` and its WebSocket event (PiKVM API 4.9, 5.3). */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { isEqual } from "../../core/store.ts";
import type { BeaconPlace, Switch } from "../../device/switch/switch.ts";
import type { SwitchState } from "../../device/switch/switch-state.ts";
import { JSON_TYPE, ok } from "../../protocol/kvmd/envelope.ts";
import { queryOf } from "../../protocol/kvmd/query.ts";
import type { Query } from "../../protocol/kvmd/query.ts";
import {
  notValid,
  optional,
  validateAtxAction,
  validateAtxButton,
  validateBool,
  validateFloat,
  validateInt,
} from "../../protocol/kvmd/validators.ts";
import {
  validateColor,
  validateEdidData,
  validateEdidId,
  validatePortName,
  validateSwitchDelay,
} from "../../protocol/kvmd/validators-media.ts";
import { SWITCH_COLOR_ROLES } from "../../protocol/switch/colors.ts";
import { acceptAnyBody } from "./body.ts";
import { switchView } from "./switch-view.ts";
import type { SwitchView } from "./switch-view.ts";
import type { EmitWsEvent, WsSource } from "./ws-source.ts";

export interface SwitchRoutesOptions {
  /** `switch` is a word of the language. */
  readonly multiport: Switch;
}

type Raw = string | undefined;

const portIn = (query: Query): number => validateFloat(query["port"], { min: 0 });
const unitIn = (raw: Raw): number => validateInt(raw, { min: 0 });

/** The value of a parameter that may be absent. */
function maybe<T>(raw: Raw, validate: (raw: Raw) => T): T | undefined {
  return raw === undefined ? undefined : validate(raw);
}

function beaconPlace(query: Query): BeaconPlace {
  if (query["port"] !== undefined) return { port: portIn(query) };
  if (query["uplink"] !== undefined) return { uplink: unitIn(query["uplink"]) };
  return { downlink: unitIn(query["downlink"]) };
}

const idOrDefault = (raw: Raw): string => validateEdidId(raw, { allowDefault: true });
const colorOrDefault = (raw: Raw): string => validateColor(raw, { allowDefault: true });

function setPort(multiport: Switch, query: Query): Promise<void> {
  const port = portIn(query);
  return multiport.setPort(port, {
    edidId: maybe(query["edid_id"], idOrDefault),
    dummy: maybe(query["dummy"], validateBool),
    name: maybe(query["name"], validatePortName),
    powerSeconds: maybe(query["atx_click_power_delay"], validateSwitchDelay),
    powerLongSeconds: maybe(query["atx_click_power_long_delay"], validateSwitchDelay),
    resetSeconds: maybe(query["atx_click_reset_delay"], validateSwitchDelay),
  });
}

function setColors(multiport: Switch, query: Query): Promise<void> {
  const colors = SWITCH_COLOR_ROLES.flatMap((role) => {
    const color = maybe(query[role], colorOrDefault);
    return color === undefined ? [] : [[role, color] as const];
  });
  return multiport.setColors(Object.fromEntries(colors));
}

async function createEdid(multiport: Switch, query: Query): Promise<{ readonly id: string }> {
  const name = validatePortName(query["name"]);
  if (name === "") throw notValid(name, "not empty stripped string");
  const data = validateEdidData(query["data"]);
  return { id: await multiport.createEdid({ name, data }) };
}

async function changeEdid(multiport: Switch, query: Query): Promise<void> {
  const id = validateEdidId(query["id"]);
  const name = maybe(query["name"], validatePortName);
  const data = maybe(query["data"], validateEdidData);
  if (name === undefined && data === undefined) return;
  await multiport.changeEdid(id, {
    ...(name === undefined ? {} : { name }),
    ...(data === undefined ? {} : { data }),
  });
}

/** What each action does with its parameters; a result, if any, is the answer. */
type Action = (multiport: Switch, query: Query) => unknown;

const ACTIONS: Readonly<Record<string, Action>> = {
  set_active_prev: (multiport) => {
    multiport.step(-1);
  },
  set_active_next: (multiport) => {
    multiport.step(1);
  },
  set_active: (multiport, query) => {
    multiport.setActive(portIn(query));
  },
  set_beacon: (multiport, query) => {
    const on = validateBool(query["state"]);
    multiport.setBeacon(beaconPlace(query), on);
  },
  set_port_params: setPort,
  set_colors: setColors,
  reset: (multiport, query) => {
    const unit = unitIn(query["unit"]);
    multiport.reset(unit, optional(query["bootloader"], validateBool, false));
  },
  "edids/create": createEdid,
  "edids/change": changeEdid,
  "edids/remove": (multiport, query) => multiport.removeEdid(validateEdidId(query["id"])),
  "atx/power": (multiport, query) => {
    const port = portIn(query);
    multiport.power(port, validateAtxAction(query["action"]));
  },
  "atx/click": (multiport, query) => {
    const port = portIn(query);
    multiport.click(port, validateAtxButton(query["button"]));
  },
};

/** One text for each state. */
function createRenderer(multiport: Switch): () => string {
  let last: SwitchState | undefined;
  let text = "";
  return () => {
    const { value } = multiport.state;
    if (value !== last) text = JSON.stringify(ok(switchView(value)));
    last = value;
    return text;
  };
}

function note(request: FastifyRequest, action: string): void {
  request.log.info({ user: request.principal?.user, action }, "Switch action requested");
}

/** Declares the routes in a scope of its own, relative to the dialect's prefix. */
export function switchRoutes(app: FastifyInstance, { multiport }: SwitchRoutesOptions): void {
  const render = createRenderer(multiport);
  void app.register((scope, _options, done) => {
    acceptAnyBody(scope);
    scope.route({
      method: "GET",
      url: "/switch",
      config: { access: "viewer" },
      handler: (_request, reply) => reply.type(JSON_TYPE).send(render()),
    });
    for (const [name, act] of Object.entries(ACTIONS)) {
      scope.route({
        method: "POST",
        url: `/switch/${name}`,
        config: { access: "operator" },
        async handler(request, reply) {
          const result = await act(multiport, queryOf(request.query));
          note(request, name);
          return reply.type(JSON_TYPE).send(ok(result ?? {}));
        },
      });
    }
    done();
  });
}

const PARTS = ["summary", "edids", "colors", "video", "usb", "beacons", "atx"] as const;

function emitChanges(next: SwitchView, previous: SwitchView, emit: EmitWsEvent): void {
  if (!isEqual(next.model, previous.model)) emit("switch", "switch", next);
  // Also after a full state: a part that still waits for a slow client must not come after it and undo it.
  for (const part of PARTS) {
    if (isEqual(next[part], previous[part])) continue;
    emit(`switch:${part}`, "switch", { [part]: next[part] });
  }
}

/** The full state for newcomers and whenever the model changes; otherwise the parts that changed. */
export function switchSource({ state }: Switch): WsSource {
  return {
    snapshot: () => [{ eventType: "switch", event: switchView(state.value) }],
    watch: (emit) =>
      state.subscribe((next, previous) => {
        emitChanges(switchView(next), switchView(previous), emit);
      }),
  };
}
