import type { SwitchUnitLeds, SwitchUnitState } from "../../protocol/switch/messages.ts";
import { crc16 } from "../../protocol/switch/crc16.ts";
import { switchColorsCrc } from "../../protocol/switch/colors.ts";
import { hasEdidHeader, padEdid } from "../../protocol/switch/edid.ts";
import { channelToward } from "./ports.ts";
import { edidOfPort } from "./switch-settings.ts";
import type { SwitchSettings } from "./switch-settings.ts";

/** A unit that has told everything about itself. */
export interface SwitchUnit {
  readonly state: SwitchUnitState;
  readonly leds: SwitchUnitLeds;
}

export interface SwitchState {
  /** A unit is plugged in and answers. */
  readonly online: boolean;
  /** Empty until every unit of the chain has told everything. */
  readonly units: readonly SwitchUnit[];
  /** Numbered through the chain; -1 when none is chosen. */
  readonly activePort: number;
  /** Every unit has what is set here. */
  readonly synced: boolean;
  readonly settings: SwitchSettings;
}

/** Whether a port of the unit shows the EDID that is set for it. */
export function hasWantedEdid(state: SwitchUnitState, channel: number, edid: Uint8Array): boolean {
  const isReported = state.hasEdid[channel] === true;
  if (!hasEdidHeader(edid)) return !isReported;
  return isReported && state.edidCrcs[channel] === crc16(padEdid(edid));
}

/** Whether one unit has everything that is set. */
export function isUnitSynced(
  state: SwitchUnitState,
  unit: number,
  wanted: Pick<SwitchState, "activePort" | "settings">,
): boolean {
  const { activePort, settings } = wanted;
  if (state.isChanging) return false;
  if (activePort >= 0 && state.channel !== channelToward(unit, activePort)) return false;
  const colors = switchColorsCrc(settings.colors);
  if (state.colorCrcs.some((crc) => crc !== colors)) return false;
  const first = unit * state.edidCrcs.length;
  return state.edidCrcs.every((_, channel) =>
    hasWantedEdid(state, channel, edidOfPort(settings, first + channel)),
  );
}
