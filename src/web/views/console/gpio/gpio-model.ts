import { computed } from "@preact/signals";
import { events } from "../device-events.ts";
import { gpioDrawing } from "./gpio-drawing.ts";

/** The owner's switches and lamps as they are now. */
export const gpio = computed(() => {
  const { model, state } = events.gpio.value;
  return gpioDrawing(model, state);
});
