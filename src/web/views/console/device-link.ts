import { signal } from "@preact/signals";
import { put } from "../../lib/put.ts";
import { attempt } from "../../components/toast.tsx";
import { loadSession } from "../../lib/session.ts";
import { LiveSocket } from "../../lib/live-socket.ts";
import type { LinkState } from "../../lib/live-socket.ts";
import { takeEvent } from "./device-events.ts";
import { PING } from "./input/frames.ts";
import type { Frame } from "./input/frames.ts";

/** The connection to the device, as it is shown. */
export const linkState = signal<LinkState>("closed");
export const roundTripMs = signal<number | undefined>(undefined);

let socket: LiveSocket | undefined;
const releases = new Set<() => void>();

/**
 * Connects to the device, with video while the picture is looked at. Call the answer to disconnect. What is pressed is
 * let go by the device when the connection ends.
 */
export function connectDevice(wantsVideo: boolean): () => void {
  const link = new LiveSocket({
    path: `/api/ws?stream=${wantsVideo ? 1 : 0}&presence=1`,
    onText: takeEvent,
    ping: PING,
    onGone: () => {
      for (const release of releases) release();
    },
  });
  socket = link;
  let wasLost = false;
  const stops = [
    link.state.subscribe((state) => {
      linkState.value = state;
      if (state === "waiting") wasLost = true;
      // Perhaps it ended with the visitor's session, or comes back from an update: a socket does not say so.
      if (state === "waiting" || (state === "open" && wasLost)) attempt(loadSession);
    }),
    link.roundTripMs.subscribe((ms) => put(roundTripMs, ms)),
  ];
  return () => {
    for (const stop of stops) stop();
    link.close();
    if (socket === link) socket = undefined;
    linkState.value = "closed";
  };
}

/** Sends one frame of input; false when there is no connection. Nothing is kept for later. */
export function sendInput(frame: Frame): boolean {
  return socket?.send(frame) ?? false;
}

/** Bytes of input that the network has not taken yet. */
export function inputBacklog(): number {
  return socket?.backlog ?? 0;
}

/** Told when the connection is gone, with all that was pressed over it. Call the answer to stop. */
export function onLinkGone(listener: () => void): () => void {
  releases.add(listener);
  return () => void releases.delete(listener);
}
