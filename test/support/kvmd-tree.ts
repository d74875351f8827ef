import { memoryFiles } from "./memory-files.ts";
import type { MemoryFiles } from "./memory-files.ts";

/** The platform's own file of a board with HDMI over CSI, version 4. */
export const V4_MAIN = `
kvmd:
    info:
        fan:
            unix: /run/kvmd/fan.sock
    hid:
        type: otg
        mouse_alt:
            device: /dev/kvmd-hid-mouse-alt
    atx:
        type: gpio
        power_led_pin: 4
        hdd_led_pin: 5
        power_switch_pin: 23
        reset_switch_pin: 27
    msd:
        type: otg
    streamer:
        cmd: ["/usr/bin/ustreamer", "--device=/dev/kvmd-video", "--format=uyvy"]
    gpio:
        scheme:
            __v4_locator__:
                pin: 12
                mode: output
                pulse: false
`;

/** A folder with these files in it, by name. */
export function kvmdFolder(files: Readonly<Record<string, string>>, main?: string): MemoryFiles {
  const placed = Object.entries(files).map(([name, text]) => [`/etc/kvmd/${name}`, text] as const);
  return memoryFiles({
    ...Object.fromEntries(placed),
    ...(main === undefined ? {} : { "/usr/lib/kvmd/main.yaml": main }),
  });
}
