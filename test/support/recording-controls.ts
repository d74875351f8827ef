import type { ControlSink } from "../../src/protocol/kvmd/ws-control.ts";

/** A sink that writes down what it is told. */
export interface RecordingControls extends ControlSink {
  readonly calls: string[];
}

export function recordingControls(): RecordingControls {
  const calls: string[] = [];
  return {
    calls,
    key(name, isPressed, finish) {
      calls.push(`key ${name} ${isPressed ? "down" : "up"}${finish ? " finish" : ""}`);
    },
    button(name, isPressed) {
      calls.push(`button ${name} ${isPressed ? "down" : "up"}`);
    },
    move(x, y) {
      calls.push(`move ${x} ${y}`);
    },
    relative(deltas, squash) {
      calls.push(`relative ${Array.from(deltas).join(" ")}${squash ? " squash" : ""}`);
    },
    wheel(deltas, squash) {
      calls.push(`wheel ${Array.from(deltas).join(" ")}${squash ? " squash" : ""}`);
    },
  };
}
