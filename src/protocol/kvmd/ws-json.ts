// JSON frames of `/api/ws` in both directions (PiKVM API 5.1, 5.3, 5.5). Values pass the validators of requests, so that
// their texts ("true", "1") are as good as they are.
import { isWebKeyName, webKeyByName } from "../hid/web-keys.ts";
import { rawOf } from "./query.ts";
import {
  KvmdValidatorError,
  optional,
  validateBool,
  validateHidKey,
  validateMouseButton,
  validateMouseDelta,
  validateMouseMove,
} from "./validators.ts";
import { MAX_MOVES_PER_EVENT } from "./ws-control.ts";
import type { ControlOutcome, ControlSink } from "./ws-control.ts";

/** The text of a server event. */
export function encodeWsEvent(eventType: string, event: unknown): string {
  return JSON.stringify({ event_type: eventType, event });
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fieldsOf(value: unknown): Fields {
  if (!isFields(value)) throw new KvmdValidatorError("The argument is not an object");
  return value;
}

function takeKey(event: Fields, sink: ControlSink): void {
  const name = validateHidKey(rawOf(event["key"]), isWebKeyName);
  const isPressed = validateBool(rawOf(event["state"]));
  const finish = optional(rawOf(event["finish"]), validateBool, false);
  sink.key(webKeyByName(name)?.name ?? name, isPressed, finish);
}

function takeButton(event: Fields, sink: ControlSink): void {
  const name = validateMouseButton(rawOf(event["button"]));
  sink.button(name, validateBool(rawOf(event["state"])));
}

function takeMove(event: Fields, sink: ControlSink): void {
  const to = fieldsOf(event["to"]);
  sink.move(validateMouseMove(rawOf(to["x"])), validateMouseMove(rawOf(to["y"])));
}

function deltasOf(event: Fields): readonly number[] {
  const { delta } = event;
  const list: readonly unknown[] = Array.isArray(delta) ? delta : [delta];
  if (list.length > MAX_MOVES_PER_EVENT) throw new KvmdValidatorError("Too many deltas");
  return list.flatMap((item) => {
    const { x, y } = fieldsOf(item);
    return [validateMouseDelta(rawOf(x)), validateMouseDelta(rawOf(y))];
  });
}

function squashOf(event: Fields): boolean {
  return optional(rawOf(event["squash"]), validateBool, false);
}

function takeEvent(eventType: string, event: Fields, sink: ControlSink): ControlOutcome {
  switch (eventType) {
    case "ping":
      return "ping";
    case "key":
      takeKey(event, sink);
      return "done";
    case "mouse_button":
      takeButton(event, sink);
      return "done";
    case "mouse_move":
      takeMove(event, sink);
      return "done";
    case "mouse_relative":
      sink.relative(deltasOf(event), squashOf(event));
      return "done";
    case "mouse_wheel":
      sink.wheel(deltasOf(event), squashOf(event));
      return "done";
    default:
      return "unknown";
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Decodes one text frame into the sink. Throws only what the sink throws, except for validator errors. */
export function decodeJsonFrame(text: string, sink: ControlSink): ControlOutcome {
  const frame = parse(text);
  if (!isFields(frame)) return "invalid";
  const { event_type: eventType, event } = frame;
  if (typeof eventType !== "string" || !isFields(event)) return "invalid";
  try {
    return takeEvent(eventType, event, sink);
  } catch (error) {
    if (error instanceof KvmdValidatorError) return "invalid";
    throw error;
  }
}
