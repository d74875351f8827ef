import type { KvmHealth } from "../agent/kvm-health.ts";
import type { Device } from "../device/device.ts";
import type { HostProbe } from "../platform/host/port.ts";

function hasVideo({ streamer }: Device): boolean | null {
  switch (streamer.state.value.condition) {
    case "ok":
      return true;
    case "no-signal":
    case "no-device":
    case "failed":
      return false;
    default:
      // Nobody watches, the computer is off, or there is nothing to capture with: no statement.
      return null;
  }
}

/** What the KVM in this process says about itself at the moment. */
export async function readKvmHealth(device: Device, host: HostProbe): Promise<KvmHealth> {
  const { hid, atx } = device;
  const { throttling } = await host.health();
  return {
    throttling,
    keyboardOnline: hid.state.value.enabled ? hid.state.value.keyboard.online : null,
    computerOn: atx.state.value.enabled ? atx.state.value.leds.power : null,
    hasVideo: hasVideo(device),
  };
}
