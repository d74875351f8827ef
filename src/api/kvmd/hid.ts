/**
 * `/api/hid` and its WebSocket events (PiKVM API 4.7, 5.3). Deliberately different from the original: a text is no longer
 * typed when its sender hangs up, and a text that the offline chip cannot take is an error instead of success. Whoever
 * types by requests is shown to the others as typing; `client` names the socket that a page has besides.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isEqual } from "../../core/store.ts";
import type { Hid } from "../../device/hid/hid.ts";
import type { HidState } from "../../device/hid/hid-state.ts";
import { layoutNameOf } from "../../protocol/hid/layout-loader.ts";
import { isWebKeyName } from "../../protocol/hid/web-keys.ts";
import { JSON_TYPE, ok } from "../../protocol/kvmd/envelope.ts";
import { queryOf } from "../../protocol/kvmd/query.ts";
import type { Query } from "../../protocol/kvmd/query.ts";
import {
  optional,
  validateBool,
  validateHidKey,
  validateHidShortcut,
  validateInt,
  validateKeyboardOutput,
  validateKeymap,
  validateKeysDelay,
  validateMouseButton,
  validateMouseDelta,
  validateMouseMove,
  validateMouseOutput,
} from "../../protocol/kvmd/validators.ts";
import { acceptAnyBody, bodyText } from "./body.ts";
import type { WsPresence } from "./ws-presence.ts";
import type { WsSource } from "./ws-source.ts";

export interface HidRoutesOptions {
  readonly hid: Hid;
  readonly presence: Pick<WsPresence, "noteRequest">;
}

const DEFAULT_LIMIT = 1024;
/** The largest text that is read at once. */
const PRINT_BODY_LIMIT = 1024 * 1024;

/** The state as `GET /api/hid` and the event `hid` show it. */
export function hidToWire(state: HidState) {
  const { enabled, online, busy, connected, keyboard, mouse, jiggler } = state;
  const { active, intervalSeconds } = jiggler;
  return {
    enabled,
    online,
    busy,
    connected,
    keyboard,
    mouse,
    jiggler: { enabled: jiggler.enabled, active, interval: intervalSeconds },
  };
}

function keymapsToWire(hid: Hid) {
  return { keymaps: hid.keymaps() };
}

/** Aborts when the client hangs up before it is answered. */
function hangUpSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const { raw } = reply;
  raw.once("close", () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

type Action = (query: Query, request: FastifyRequest, reply: FastifyReply) => void | Promise<void>;

function setParams(hid: Hid, query: Query): void {
  hid.setParams({
    keyboardOutput: optional(query["keyboard_output"], validateKeyboardOutput, undefined),
    mouseOutput: optional(query["mouse_output"], validateMouseOutput, undefined),
    jiggler: optional(query["jiggler"], validateBool, undefined),
  });
}

function sendKey(hid: Hid, query: Query): void {
  const name = validateHidKey(query["key"], isWebKeyName);
  if (query["state"] === undefined) {
    hid.tapKey(name);
    return;
  }
  const isPressed = validateBool(query["state"]);
  hid.key(name, isPressed, { finish: optional(query["finish"], validateBool, false) });
}

function sendButton(hid: Hid, query: Query): void {
  const name = validateMouseButton(query["button"]);
  if (query["state"] === undefined) hid.tapButton(name);
  else hid.button(name, validateBool(query["state"]));
}

function deltasIn(query: Query): readonly number[] {
  return [validateMouseDelta(query["delta_x"]), validateMouseDelta(query["delta_y"])];
}

async function print(
  hid: Hid,
  query: Query,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const limit = optional(
    query["limit"],
    (raw) => validateInt(raw, { min: 0, name: "int" }),
    DEFAULT_LIMIT,
  );
  const keymap = optional(
    query["keymap"],
    (raw) => validateKeymap(raw, (name) => layoutNameOf(name) !== undefined),
    undefined,
  );
  const slow = optional(query["slow"], validateBool, false);
  const delaySeconds = optional(query["delay"], validateKeysDelay, undefined);
  const signal = hangUpSignal(reply);
  await hid.print(bodyText(request.body), { limit, keymap, slow, delaySeconds, signal });
}

/** The chip's reset takes its time; its outcome shows in the state. */
function startReset(hid: Hid, request: FastifyRequest): void {
  hid.reset().catch((error: unknown) => {
    request.log.warn({ err: error }, "HID reset failed");
  });
}

/** What shows as typing, as key and button events of a socket do. */
function typingActionsOf(hid: Hid): Readonly<Record<string, Action>> {
  return {
    "/hid/events/send_shortcut": (query, _request, reply) => {
      const names = validateHidShortcut(query["keys"], isWebKeyName);
      return hid.shortcut(names, { signal: hangUpSignal(reply) });
    },
    "/hid/events/send_key": (query) => sendKey(hid, query),
    "/hid/events/send_mouse_button": (query) => sendButton(hid, query),
  };
}

function actionsOf(hid: Hid): Readonly<Record<string, Action>> {
  return {
    "/hid/set_params": (query) => setParams(hid, query),
    "/hid/set_connected": (query) => hid.setConnected(validateBool(query["connected"])),
    "/hid/reset": (_query, request) => startReset(hid, request),
    "/hid/events/send_mouse_move": (query) => {
      hid.move(validateMouseMove(query["to_x"]), validateMouseMove(query["to_y"]));
    },
    "/hid/events/send_mouse_relative": (query) => hid.relative(deltasIn(query), false),
    "/hid/events/send_mouse_wheel": (query) => hid.wheel(deltasIn(query), false),
  };
}

function readersOf(hid: Hid): Readonly<Record<string, () => unknown>> {
  return {
    "/hid": () => hidToWire(hid.state.value),
    "/hid/inactivity": () => ({ inactivity: hid.inactivitySeconds() }),
    "/hid/keymaps": () => keymapsToWire(hid),
  };
}

/** Not a number: no socket of the page's own. */
function clientIn(query: Query): number | undefined {
  const id = Number(query["client"]);
  return Number.isSafeInteger(id) ? id : undefined;
}

/** The action, shown to everybody who is connected as long as it takes. */
function asTyping(action: Action, presence: HidRoutesOptions["presence"]): Action {
  return async (query, request, reply) => {
    const user = request.principal?.user ?? "";
    const end = presence.noteRequest({ user, client: clientIn(query) });
    try {
      await action(query, request, reply);
    } finally {
      end();
    }
  };
}

function createHandler(action: Action) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    await action(queryOf(request.query), request, reply);
    return reply.type(JSON_TYPE).send(ok());
  };
}

/** Declares the routes in a scope of its own, relative to the dialect's prefix. */
export function hidRoutes(app: FastifyInstance, { hid, presence }: HidRoutesOptions): void {
  void app.register((scope, _options, done) => {
    acceptAnyBody(scope);
    for (const [url, read] of Object.entries(readersOf(hid))) {
      scope.route({
        method: "GET",
        url,
        config: { access: "viewer" },
        handler: (_request, reply) => reply.type(JSON_TYPE).send(ok(read())),
      });
    }
    const typing = Object.entries(typingActionsOf(hid)).map(
      ([url, action]) => [url, asTyping(action, presence)] as const,
    );
    for (const [url, action] of [...Object.entries(actionsOf(hid)), ...typing]) {
      const handler = createHandler(action);
      scope.route({ method: "POST", url, config: { access: "operator" }, handler });
    }
    const printText: Action = (query, request, reply) => print(hid, query, request, reply);
    scope.route({
      method: "POST",
      url: "/hid/print",
      config: { access: "operator" },
      bodyLimit: PRINT_BODY_LIMIT,
      handler: createHandler(asTyping(printText, presence)),
    });
    done();
  });
}

/** The events `hid` (always the full state) and `hid_keymaps`. */
export function hidSource(hid: Hid): WsSource {
  return {
    snapshot: () => [
      { eventType: "hid", event: hidToWire(hid.state.value) },
      { eventType: "hid_keymaps", event: keymapsToWire(hid) },
    ],
    watch: (emit) =>
      hid.state.subscribe((next, previous) => {
        const event = hidToWire(next);
        // What only people are told (why it is offline) is not part of the event.
        if (!isEqual(event, hidToWire(previous))) emit("hid", "hid", event);
      }),
  };
}
