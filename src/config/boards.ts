/** What is known about boards, as data. Which of them this machine is, `platform/host` recognizes. */

export interface PinPreset {
  readonly chip: string;
  readonly line: number;
  readonly activeLow?: boolean;
}

export interface BoardPreset {
  /** Text for people. */
  readonly title: string;
  /** Default chip of user GPIO channels; undefined where nothing is sure. */
  readonly gpioChip?: string;
  /** Wiring of the ATX board that is usual for this computer; a missing pin is not wired. */
  readonly atx: {
    readonly powerSwitch?: PinPreset;
    readonly resetSwitch?: PinPreset;
    readonly powerLed?: PinPreset;
    readonly hddLed?: PinPreset;
  };
  readonly hid: {
    /** `auto` where both a serial chip and the USB gadget are possible. */
    readonly backend: "auto" | "ch9329";
    /** Serial devices where a HID chip is usually found, besides USB adapters, which are recognized by themselves. */
    readonly serialCandidates: readonly string[];
  };
  /** Whether the board can be a USB device; `udc` is the usual controller, else the first one is taken. */
  readonly gadget: { readonly isPossible: boolean; readonly udc?: string };
}

/** Lines 23, 27, 24 and 22 of PiKVM's boards v0 to v3 (hardware facts 5.3). */
const pikvmWiring = (chip: string): BoardPreset["atx"] => ({
  powerSwitch: { chip, line: 23 },
  resetSwitch: { chip, line: 27 },
  powerLed: { chip, line: 24 },
  hddLed: { chip, line: 22 },
});

/** The device link that PiKVM users know, then the UART on the pin header. */
const RASPBERRY_SERIAL = ["/dev/kvmd-hid", "/dev/serial0"];

const raspberry = (title: string, chip: string, gadget: BoardPreset["gadget"]): BoardPreset => ({
  title,
  gpioChip: chip,
  atx: pikvmWiring(chip),
  hid: { backend: "auto", serialCandidates: RASPBERRY_SERIAL },
  gadget,
});

export const BOARDS = {
  "rpi-zero2": raspberry("Raspberry Pi Zero 2 W", "pinctrl-bcm2835", {
    isPossible: true,
    udc: "3f980000.usb",
  }),
  rpi2: raspberry("Raspberry Pi 2", "pinctrl-bcm2835", { isPossible: false }),
  rpi3: raspberry("Raspberry Pi 3", "pinctrl-bcm2835", { isPossible: false }),
  rpi4: raspberry("Raspberry Pi 4, 400 or Compute Module 4", "pinctrl-bcm2711", {
    isPossible: true,
    udc: "fe980000.usb",
  }),
  rpi5: raspberry("Raspberry Pi 5 or Compute Module 5", "pinctrl-rp1", { isPossible: true }),
  onecloud: {
    title: "Xunlei OneCloud",
    gpioChip: "cbus-banks",
    // Pads of the infrared receiver and of the Wi-Fi footprint; there are no LED inputs. Idle level is high.
    atx: {
      powerSwitch: { chip: "aobus-banks", line: 7, activeLow: true },
      resetSwitch: { chip: "cbus-banks", line: 11, activeLow: true },
    },
    hid: { backend: "auto", serialCandidates: ["/dev/kvmd-hid"] },
    gadget: { isPossible: true, udc: "c9040000.usb" },
  },
  generic: {
    title: "Any other computer",
    atx: {},
    hid: { backend: "auto", serialCandidates: ["/dev/kvmd-hid"] },
    gadget: { isPossible: true },
  },
  sim: {
    title: "Simulated board",
    gpioChip: "sim",
    atx: {
      powerSwitch: { chip: "sim", line: 0 },
      resetSwitch: { chip: "sim", line: 1 },
      powerLed: { chip: "sim", line: 2 },
      hddLed: { chip: "sim", line: 3 },
    },
    hid: { backend: "ch9329", serialCandidates: [] },
    gadget: { isPossible: true },
  },
} as const satisfies Record<string, BoardPreset>;

export type BoardName = keyof typeof BOARDS;

export const BOARD_NAMES: readonly string[] = Object.keys(BOARDS);

export function isBoardName(name: string): name is BoardName {
  return Object.hasOwn(BOARDS, name);
}

/** The preset of that name, `generic` for one that is not known. */
export function boardPreset(name: string): BoardPreset {
  return isBoardName(name) ? BOARDS[name] : BOARDS.generic;
}
