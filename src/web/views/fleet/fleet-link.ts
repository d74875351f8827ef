import { FleetState } from "./fleet-state.ts";

/** One connection for all views of the page, made when the first of them is drawn. */
let shared: FleetState | undefined;

export function fleet(): FleetState {
  shared ??= new FleetState();
  return shared;
}
