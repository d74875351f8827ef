import type { Logger } from "../../core/log.ts";
import type { PartHeaders } from "../../protocol/ustreamer/multipart-parser.ts";
import type { ChildProcessHandle } from "../process/port.ts";
import type { VideoFrame } from "../video/port.ts";

/** What every reader is told anew, or does not concern readers. */
const OWN = /^x-ustreamer-(?:online|dropped|width|height|client-fps)$/;
const TIMING = /^x-ustreamer-[a-z-]+$/;

/** `x-ustreamer-grab-time` as the program spells it. */
function spell(name: string): string {
  return name
    .split("-")
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("-")
    .replace("X-Ustreamer", "X-UStreamer");
}

/** A picture with what its headers say about it. */
export function frameOf(headers: PartHeaders, jpeg: Uint8Array, receivedAt: number): VideoFrame {
  let timings = "";
  for (const [name, value] of headers) {
    if (TIMING.test(name) && !OWN.test(name)) timings += `${spell(name)}: ${value}\r\n`;
  }
  return {
    jpeg,
    width: Number(headers.get("x-ustreamer-width") ?? 0),
    height: Number(headers.get("x-ustreamer-height") ?? 0),
    isOnline: headers.get("x-ustreamer-online") === "true",
    receivedAt,
    timings,
  };
}

/** The headers of a snapshot that its receiver is given (PiKVM API 4.8). */
export function snapshotHeaders(
  headers: readonly (readonly [name: string, value: string])[],
): Readonly<Record<string, string>> {
  const told = headers.filter(([name]) => name === "x-timestamp" || TIMING.test(name));
  return Object.fromEntries(told.map(([name, value]) => [spell(name), value]));
}

const KEPT_CHARACTERS = 500;

/** Passes a child's words on to the log at debug level; the function tells the last of them. */
export function lastLines(child: ChildProcessHandle, log: Logger): () => string {
  let tail = "";
  const take = (bytes: Uint8Array): void => {
    const text = new TextDecoder().decode(bytes);
    tail = (tail + text).slice(-KEPT_CHARACTERS);
    if (log.isLevelEnabled("debug")) log.debug({ text: text.trimEnd() }, "ustreamer says");
  };
  child.onStderr(take);
  child.onStdout(take);
  return () => tail.trim().split("\n").slice(-2).join(" / ");
}
