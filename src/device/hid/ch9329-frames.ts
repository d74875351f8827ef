import { commandOf, encodeRequest } from "../../protocol/ch9329/commands.ts";
import type { Ch9329Request } from "../../protocol/ch9329/commands.ts";
import { HEADER_LENGTH } from "../../protocol/ch9329/frame.ts";
import type { Outgoing } from "./serial-chip.ts";

/** A request as it goes out; by default it is a state and may be repeated as it is. */
export function outgoing(
  request: Ch9329Request,
  role: Outgoing["role"] = "report",
  again = request,
): Outgoing {
  const bytes = encodeRequest(request);
  const repeated = again === request ? bytes : encodeRequest(again);
  return { bytes, expected: commandOf(request.type), again: repeated, role };
}

/** An absolute report; repeating it must not turn the wheel twice. */
export function absoluteReport(
  position: { readonly x: number; readonly y: number },
  buttons: number,
  wheel: number,
): Outgoing {
  const { x, y } = position;
  const state: Ch9329Request = { type: "absolute", buttons, x, y, wheel: 0 };
  return wheel === 0 ? outgoing(state) : outgoing({ ...state, wheel }, "report", state);
}

export interface RelativeMotion {
  readonly dx: number;
  readonly dy: number;
  readonly wheel: number;
}

export const NO_MOTION: RelativeMotion = { dx: 0, dy: 0, wheel: 0 };

/** A relative report; motion is never repeated, only a changed button state is. */
export function relativeReport(
  { dx, dy, wheel }: RelativeMotion,
  buttons: number,
  areButtonsNew: boolean,
): Outgoing {
  const state: Ch9329Request = { type: "relative", buttons, dx: 0, dy: 0, wheel: 0 };
  if (dx === 0 && dy === 0 && wheel === 0) return outgoing(state);
  const moved: Ch9329Request = { type: "relative", buttons, dx, dy, wheel };
  const bytes = encodeRequest(moved);
  const again = areButtonsNew ? encodeRequest(state) : undefined;
  return { bytes, expected: commandOf("relative"), again, role: "report" };
}

/** Where the button byte stands in the frames of both mice. */
const BUTTONS_AT = HEADER_LENGTH + 1;

/** The buttons that a mouse report sets. */
export function buttonsOf(report: Outgoing): number {
  return report.bytes[BUTTONS_AT] ?? 0;
}
