import { isTrue, listOf, numberOf, objectOf, textOf } from "../../../lib/json.ts";
import type { Json } from "../../../lib/json.ts";

export type GpioItem =
  | { readonly type: "label"; readonly text: string }
  | {
      readonly type: "input";
      readonly channel: string;
      readonly color: string;
      readonly isOn: boolean;
      readonly isOnline: boolean;
    }
  | {
      readonly type: "output";
      readonly channel: string;
      readonly text: string;
      /** Ask first. */
      readonly asks: boolean;
      readonly canSwitch: boolean;
      readonly canPulse: boolean;
      readonly isOn: boolean;
      readonly isBusy: boolean;
      readonly isOnline: boolean;
    };

/** Null is a line between rows. */
export type GpioRow = readonly GpioItem[] | null;

interface Sides {
  readonly inputs: Json;
  readonly outputs: Json;
}

const sidesOf = (value: unknown): Sides => {
  const { inputs, outputs } = objectOf(value);
  return { inputs: objectOf(inputs), outputs: objectOf(outputs) };
};

function outputOf(item: Json, channel: string, scheme: Sides, state: Sides): GpioItem | undefined {
  const model = scheme.outputs[channel];
  // One that can do nothing is named in the view, but nowhere else.
  if (model === undefined) return undefined;
  const { switch: canSwitch, pulse } = objectOf(model);
  const now = objectOf(state.outputs[channel]);
  return {
    type: "output",
    channel,
    text: textOf(item["text"]),
    asks: isTrue(item["confirm"]),
    canSwitch: isTrue(canSwitch),
    canPulse: numberOf(objectOf(pulse)["delay"]) > 0,
    isOn: isTrue(now["state"]),
    isBusy: isTrue(now["busy"]),
    isOnline: isTrue(now["online"]),
  };
}

function itemOf(value: unknown, scheme: Sides, state: Sides): GpioItem | undefined {
  const item = objectOf(value);
  const channel = textOf(item["channel"]);
  switch (item["type"]) {
    case "label":
      return { type: "label", text: textOf(item["text"]) };
    case "input": {
      const now = objectOf(state.inputs[channel]);
      const color = textOf(item["color"], "green");
      return {
        type: "input",
        channel,
        color,
        isOn: isTrue(now["state"]),
        isOnline: isTrue(now["online"]),
      };
    }
    case "output":
      return outputOf(item, channel, scheme, state);
    default:
      return undefined;
  }
}

/** What is drawn: the owner's title and the rows below it. */
export interface GpioDrawing {
  readonly title: readonly GpioItem[];
  readonly rows: readonly GpioRow[];
}

/** The panel as the model describes it, with its state (PiKVM API 4.6). */
export function gpioDrawing(model: unknown, state: unknown): GpioDrawing {
  const { scheme, view } = objectOf(model);
  const [known, now] = [sidesOf(scheme), sidesOf(state)];
  const itemsOf = (row: unknown): readonly GpioItem[] =>
    listOf(row).flatMap((item) => itemOf(item, known, now) ?? []);
  const rows = listOf(objectOf(view)["table"]).map((row): GpioRow =>
    row === null ? null : itemsOf(row),
  );
  return { title: itemsOf(objectOf(objectOf(view)["header"])["title"]), rows };
}
