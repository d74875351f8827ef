import { batch, signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { isObject, objectOf, parseJson, textOf } from "../../lib/json.ts";
import type { Json } from "../../lib/json.ts";

const NOTHING: Json = {};

/** The newest of every event as it came, put together where it comes in parts (PiKVM API 5.3). */
export const events = {
  atx: signal(NOTHING),
  clients: signal(NOTHING),
  gpio: signal(NOTHING),
  hid: signal(NOTHING),
  hid_keymaps: signal(NOTHING),
  info: signal(NOTHING),
  msd: signal(NOTHING),
  ocr: signal(NOTHING),
  presence: signal(NOTHING),
  streamer: signal(NOTHING),
} as const;
export type EventName = keyof typeof events;

/** Whether the device has told everything once. */
export const isKnown = signal(false);

type Merge = (known: Json, event: Json) => Json;

const replace: Merge = (_known, event) => event;
const mergeTop: Merge = (known, event) => ({ ...known, ...event });

/** A full state has `enabled`, or `model`; everything else is a part of it. */
const mergeMsd: Merge = (known, event) => {
  if ("enabled" in event || !isObject(event["storage"])) return mergeTop(known, event);
  return { ...known, ...event, storage: { ...objectOf(known["storage"]), ...event["storage"] } };
};

const mergeGpio: Merge = (known, event) => {
  if ("model" in event) return event;
  const [before, changed] = [objectOf(known["state"]), objectOf(event["state"])];
  const side = (name: string): Json => ({ ...objectOf(before[name]), ...objectOf(changed[name]) });
  return { ...known, state: { inputs: side("inputs"), outputs: side("outputs") } };
};

const MERGES: Readonly<Record<EventName, Merge>> = {
  atx: replace,
  clients: replace,
  gpio: mergeGpio,
  hid: replace,
  hid_keymaps: replace,
  info: mergeTop,
  msd: mergeMsd,
  ocr: replace,
  presence: replace,
  streamer: mergeTop,
};

const isEventName = (name: string): name is EventName => Object.hasOwn(events, name);

/** Takes one text frame of `/api/ws`; anything unknown is passed over. */
export function takeEvent(text: string): void {
  const message = objectOf(parseJson(text));
  const name = textOf(message["event_type"]);
  if (!isEventName(name) || !isObject(message["event"])) return;
  const store: Signal<Json> = events[name];
  const next = MERGES[name](store.value, message["event"]);
  batch(() => {
    store.value = next;
    // It is the last of the first burst.
    if (name === "clients") isKnown.value = true;
  });
}
