import type { AtxState } from "../atx/atx-state.ts";
import type { VideoSourceState } from "../../platform/video/port.ts";
import type { StreamerCondition } from "./streamer-state.ts";

export interface ConditionFacts {
  readonly isEnabled: boolean;
  readonly isWanted: boolean;
  readonly source: VideoSourceState;
  readonly atx: AtxState;
}

export interface Described {
  readonly condition: StreamerCondition;
  readonly message: string;
}

/** The state of the picture as a person understands it. */
export function describeCondition({ isEnabled, isWanted, source, atx }: ConditionFacts): Described {
  const { streamer, problem } = source;
  if (!isEnabled)
    return { condition: "disabled", message: "Video is switched off in the settings" };
  if (problem !== null) return { condition: problem.kind, message: problem.message };
  if (streamer === null) {
    return isWanted
      ? { condition: "starting", message: "Video is starting" }
      : { condition: "stopped", message: "Nobody watches; video starts with the first viewer" };
  }
  if (streamer.source.online) return { condition: "ok", message: "" };
  if (atx.enabled && !atx.leds.power) {
    return { condition: "computer-off", message: "No signal: the computer is off" };
  }
  return {
    condition: "no-signal",
    message: "No signal: the computer is asleep or off, or the video cable is not plugged in",
  };
}
