import Type from "typebox";
import { Auto, Flag, Seconds, Section, Text, Word } from "./common.ts";
import { GadgetSection } from "./gadget.ts";
import { GpioSection } from "./gpio.ts";
import { StreamerSection } from "./streamer.ts";
import { MsdSection } from "./msd.ts";
import { SwitchSection } from "./switch.ts";
import { TerminalSection } from "./terminal.ts";
import { WebSection } from "./web.ts";

/** A GPIO line, the word 'auto' for the board's own, or 'none'. */
const Pin = (description: string) =>
  Type.Union(
    [
      Auto,
      Type.Literal("none"),
      Type.Object(
        {
          chip: Type.String({
            minLength: 1,
            description: "gpiochip0, /dev/gpiochip0 or a chip label.",
          }),
          line: Type.Integer({ minimum: 0, description: "Line of that chip." }),
          activeLow: Type.Optional(
            Type.Boolean({ description: "Low level means pressed or lit." }),
          ),
        },
        { additionalProperties: false },
      ),
    ],
    { default: "auto", description },
  );

const Range = (description: string) =>
  Section(
    {
      min: Type.Integer({ default: -32_768, minimum: -32_768, maximum: 32_767 }),
      max: Type.Integer({ default: 32_767, minimum: -32_768, maximum: 32_767 }),
    },
    description,
  );

const HidSection = Section(
  {
    backend: Word(["auto", "ch9329", "mcu", "otg", "none"], {
      default: "auto",
      description: "How keys reach the computer; auto = the board's way, or whatever answers.",
    }),
    serialPath: Text(
      "auto",
      "Serial device of the HID chip; auto = the board's, or the first that answers.",
    ),
    serialCandidates: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        "Serial devices that are tried first when serialPath is auto; empty = those of the board.",
    }),
    baudRate: Type.Union([Auto, Type.Integer({ minimum: 1200, maximum: 1_000_000 })], {
      default: "auto",
      description:
        "Serial speed; auto = 9600 for CH9329, 115200 for an MCU. Both usual speeds are tried anyway.",
    }),
    mouse: Word(["absolute", "relative"], {
      default: "absolute",
      description: "Mouse mode at start.",
    }),
    keymap: Text("en-us", "Layout for printing text when the request names none."),
    ignoreKeys: Type.Array(Type.String(), {
      default: [],
      description: "Key names (KeyboardEvent.code) that are never forwarded for single key events.",
    }),
    mouseXRange: Range("Horizontal range that absolute positions are mapped into."),
    mouseYRange: Range("Vertical range that absolute positions are mapped into."),
    jiggler: Section(
      {
        enabled: Flag(true, "Offers the mouse jiggler."),
        active: Flag(false, "Jiggles from the start."),
        intervalSeconds: Type.Integer({
          default: 60,
          minimum: 1,
          description: "Idle time before a jiggle.",
        }),
      },
      "Moves the mouse a little when nobody does.",
    ),
  },
  "Keyboard and mouse.",
);

const AtxSection = Section(
  {
    enabled: Type.Union([Auto, Type.Boolean()], {
      default: "auto",
      description:
        "Power and reset buttons; auto = when the board has known pins or pins are set here.",
    }),
    powerSwitch: Pin("Output wired to the power button."),
    resetSwitch: Pin("Output wired to the reset button."),
    powerLed: Pin("Input from the power LED."),
    hddLed: Pin("Input from the disk LED."),
    clickSeconds: Seconds(0.5, "Length of a short press.", 0.05),
    longClickSeconds: Seconds(5.5, "Length of a long press.", 0.05),
    ledDebounceSeconds: Seconds(0.1, "LED changes shorter than this are not reported."),
  },
  "ATX power control.",
);

const InfoSection = Section(
  {
    name: Text("", "What this device is called; empty = the host name."),
    color: Type.String({
      default: "auto",
      pattern: "^(?:auto|#[0-9a-fA-F]{6})$",
      description:
        "Color of this device in the browser's tab and on its page, as #0a5cbd; auto = made from its name.",
    }),
    meta: Type.Record(Type.String(), Type.Unknown(), {
      default: { server: { host: "@auto" }, kvm: {} },
      description:
        "Free text about the controlled computer; server.host '@auto' becomes the name of the device.",
    }),
    metaFile: Text("", "YAML file that replaces 'meta', in the form of PiKVM's meta.yaml."),
    ignorePastThrottling: Flag(false, "Tells clients not to warn about throttling in the past."),
    pollSeconds: Seconds(5, "How often health is sampled while somebody listens.", 1),
  },
  "Identity and health.",
);

export const DeviceSection = Section(
  {
    board: Text("auto", "Board preset; auto = recognised from the hardware. See 'farhand doctor'."),
    hid: HidSection,
    atx: AtxSection,
    gpio: GpioSection,
    msd: MsdSection,
    gadget: GadgetSection,
    info: InfoSection,
    streamer: StreamerSection,
    log: Section({ enabled: Flag(true, "Serves /api/log.") }, "Log reader."),
    metrics: Section(
      { requireAuth: Flag(true, "Metrics need credentials like everything else.") },
      "Prometheus export.",
    ),
    switch: SwitchSection,
    terminal: TerminalSection,
    web: WebSection,
  },
  "The KVM device role.",
);
