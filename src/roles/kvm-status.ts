import { every } from "../core/clock.ts";
import { describeError } from "../core/errors.ts";
import type { Scope } from "../core/scope.ts";
import { createStore } from "../core/store.ts";
import type { Store } from "../core/store.ts";
import type { Device } from "../device/device.ts";
import type { StreamerCondition } from "../device/streamer/streamer-state.ts";
import type { Throttling } from "../platform/host/port.ts";
import type { KvmCondition } from "../protocol/fleet/live.ts";
import type { RoleOptions } from "./role.ts";

/** Sensors tell no one when they change. */
const LOOK_EVERY_MS = 10_000;

const PICTURES: Readonly<Record<StreamerCondition, KvmCondition["picture"]>> = {
  ok: "live",
  stopped: "idle",
  starting: "idle",
  "computer-off": "idle",
  "no-signal": "noSignal",
  "no-device": "missing",
  "no-program": "missing",
  disabled: "unknown",
  failed: "unknown",
};

function troubleOf(part: { readonly enabled: boolean; readonly lastError: string | null }): string {
  return part.enabled ? (part.lastError ?? "") : "";
}

function problemsOf(device: Device, throttling: Throttling | null): readonly string[] {
  const { hid, atx, streamer } = device;
  const { condition, message } = streamer.state.value;
  const isVideoBad = condition === "failed" || condition === "no-program";
  return [
    throttling?.undervoltage.now === true ? "The power supply is too weak" : "",
    throttling?.throttled.now === true ? "The processor is slowed down" : "",
    troubleOf(hid.state.value),
    troubleOf(atx.state.value),
    isVideoBad ? message : "",
  ].filter((problem) => problem !== "");
}

function statusOf(device: Device, throttling: Throttling | null): KvmCondition {
  const { hid, atx, streamer } = device;
  const picture = PICTURES[streamer.state.value.condition];
  const { width = 0, height = 0 } = streamer.state.value.streamer?.source.resolution ?? {};
  const problems = problemsOf(device, throttling);
  const isOn = atx.state.value.leds.power;
  return {
    power: atx.state.value.enabled ? (isOn ? "on" : "off") : "unknown",
    picture,
    width: picture === "live" ? width : 0,
    height: picture === "live" ? height : 0,
    input: hid.state.value.enabled
      ? hid.state.value.keyboard.online
        ? "online"
        : "offline"
      : "unknown",
    health: problems.length > 0 ? "warning" : "good",
    problems,
  };
}

/** What the fleet shows of the KVM in this process, followed until the scope closes. */
export function watchKvmStatus(
  device: Device,
  { platform: { host, clock }, log }: Pick<RoleOptions, "platform" | "log">,
  scope: Scope,
): Store<KvmCondition | undefined> {
  const store = createStore<KvmCondition | undefined>(undefined);
  let throttling: Throttling | null = null;
  const show = (): void => {
    store.set(statusOf(device, throttling));
  };
  const look = async (): Promise<void> => {
    try {
      ({ throttling } = await host.health());
    } catch (error) {
      log.debug({ reason: describeError(error) }, "health of the board is unknown");
    }
    show();
  };
  const { hid, atx, streamer } = device;
  for (const { state } of [hid, atx, streamer]) scope.defer(state.subscribe(show));
  scope.defer(every(clock, LOOK_EVERY_MS, () => void look()));
  void look();
  show();
  return store;
}
