import { session } from "../../lib/session.ts";
import { FleetState } from "./fleet-state.ts";

/** One connection for all views of the page, made when the first of them is drawn. */
let shared: FleetState | undefined;

// Whoever signs in next sees with their own eyes.
session.subscribe((who) => {
  if (who !== null) return;
  shared?.close();
  shared = undefined;
});

export function fleet(): FleetState {
  shared ??= new FleetState();
  return shared;
}
