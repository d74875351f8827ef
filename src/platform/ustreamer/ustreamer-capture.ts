import type { VideoCapture } from "../video/port.ts";
import { createUstreamerSource } from "./ustreamer-source.ts";
import type { UstreamerSourceParts } from "./ustreamer-source.ts";

/** Capture devices of this machine, read by ustreamer. */
export function createUstreamerCapture(parts: UstreamerSourceParts): VideoCapture {
  const log = parts.log.child({ sub: "video" });
  return { open: (options) => createUstreamerSource(options, { ...parts, log }) };
}
