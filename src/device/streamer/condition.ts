import type { VideoSourceState } from "../../platform/video/port.ts";
import type { StreamerCondition } from "./streamer-state.ts";

export interface ConditionFacts {
  readonly isEnabled: boolean;
  readonly isWanted: boolean;
  readonly source: VideoSourceState;
  /** As the computer's power light says. */
  readonly isPoweredOff: boolean;
}

export interface Described {
  readonly condition: StreamerCondition;
  readonly message: string;
}

/** The state of the picture as a person understands it. */
export function describeCondition(facts: ConditionFacts): Described {
  const { isEnabled, isWanted, isPoweredOff, source } = facts;
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
  if (isPoweredOff) {
    return { condition: "computer-off", message: "No signal: the computer is off" };
  }
  return {
    condition: "no-signal",
    message: "No signal: the computer is asleep or off, or the video cable is not plugged in",
  };
}
