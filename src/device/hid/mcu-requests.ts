import type { McuRequest } from "../../protocol/mcu-hid/commands.ts";
import { mcuKeyOf } from "../../protocol/mcu-hid/keys.ts";
import type { MouseMode } from "./driver.ts";
import type { PointerReport } from "./report-queue.ts";

/** Everything that can be held down on the computer. */
export interface McuHostState {
  readonly modifiers: number;
  /** Usages of page 07 without modifiers. */
  readonly keys: readonly number[];
  /** Bits as in button reports. */
  readonly buttons: number;
}

export const EMPTY_STATE: McuHostState = { modifiers: 0, keys: [], buttons: 0 };

const FIRST_MODIFIER = 0xe0;
const MODIFIER_COUNT = 8;

/** All usages that are down, modifiers first. */
function usagesOf({ modifiers, keys }: McuHostState): readonly number[] {
  const usages: number[] = [];
  for (let bit = 0; bit < MODIFIER_COUNT; bit += 1) {
    if ((modifiers & (1 << bit)) !== 0) usages.push(FIRST_MODIFIER + bit);
  }
  usages.push(...keys);
  return usages;
}

function keyRequest(usage: number, isDown: boolean): McuRequest[] {
  const key = mcuKeyOf(usage);
  return key === undefined ? [] : [{ type: "key", key, isDown }];
}

/**
 * The MCU takes key events, reports are complete states: the events between two states. Keys go up before modifiers,
 * and everything goes up before anything goes down.
 */
export function stateRequests(from: McuHostState, to: McuHostState): readonly McuRequest[] {
  const before = usagesOf(from);
  const after = usagesOf(to);
  const requests = [...before.filter((usage) => !after.includes(usage)).reverse()].flatMap(
    (usage) => keyRequest(usage, false),
  );
  for (const usage of after) {
    if (!before.includes(usage)) requests.push(...keyRequest(usage, true));
  }
  const changed = from.buttons ^ to.buttons;
  if (changed !== 0) requests.push({ type: "buttons", changed, pressed: to.buttons });
  return requests;
}

/** Motion and wheel of a report; what does not belong to the mouse mode is left out. */
export function pointerRequests(report: PointerReport, mode: MouseMode): readonly McuRequest[] {
  const { position, dx, dy, wheelY } = report;
  const requests: McuRequest[] = [];
  if (mode === "absolute" && position !== undefined) {
    requests.push({ type: "move", x: position.x, y: position.y });
  }
  if (mode === "relative" && (dx !== 0 || dy !== 0)) requests.push({ type: "relative", dx, dy });
  if (wheelY !== 0) requests.push({ type: "wheel", dy: wheelY });
  return requests;
}
