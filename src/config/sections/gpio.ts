import Type from "typebox";
import { Flag, Section } from "./common.ts";

/** Keys inside `scheme`, `view` and `drivers` are spelled as PiKVM's users know them. */
const CHANNEL_PATTERN = "^[a-zA-Z_][a-zA-Z0-9_.-]{0,254}$";

const Pulse = Type.Union(
  [
    Type.Literal(false),
    Type.Object(
      {
        delay: Type.Optional(
          Type.Number({ minimum: 0, description: "Default length in seconds; 0 = no pulsing." }),
        ),
        min_delay: Type.Optional(Type.Number({ minimum: 0 })),
        max_delay: Type.Optional(Type.Number({ minimum: 0 })),
      },
      { additionalProperties: false },
    ),
  ],
  { description: "Pulse lengths, or false for none." },
);

const Channel = Type.Object(
  {
    driver: Type.Optional(
      Type.String({ description: "Name of a driver; the built-in GPIO driver by default." }),
    ),
    pin: Type.Union([Type.Integer({ minimum: 0 }), Type.String()], {
      description: "Line or sub-address; its form belongs to the driver.",
    }),
    mode: Type.Enum(["input", "output"]),
    inverted: Type.Optional(Type.Boolean()),
    debounce: Type.Optional(Type.Number({ minimum: 0, description: "Inputs: seconds." })),
    switch: Type.Optional(Type.Boolean({ description: "Outputs: may be switched on and off." })),
    initial: Type.Optional(
      Type.Union([Type.Boolean(), Type.Null()], {
        description: "Outputs: level at start; null = leave it.",
      }),
    ),
    busy_delay: Type.Optional(
      Type.Number({ minimum: 0.1, description: "Outputs: rest after an operation, seconds." }),
    ),
    pulse: Type.Optional(Pulse),
  },
  { additionalProperties: false },
);

export const GpioSection = Section(
  {
    drivers: Type.Record(
      Type.String({ pattern: CHANNEL_PATTERN }),
      Type.Intersect([
        Type.Object({ type: Type.String({ description: "gpio, wol, cmd, cmdret, noop, ..." }) }),
        Type.Record(Type.String(), Type.Unknown()),
      ]),
      {
        additionalProperties: false,
        default: {},
        description: "Channel drivers by name. Options belong to the driver type.",
      },
    ),
    scheme: Type.Record(Type.String({ pattern: CHANNEL_PATTERN }), Channel, {
      additionalProperties: false,
      default: {},
      description: "Channels by name.",
    }),
    view: Section(
      {
        header: Section(
          {
            title: Type.Union([Type.String(), Type.Array(Type.String())], {
              default: "Switches",
              description: "Menu title: a text, or cells.",
            }),
          },
          "Menu header.",
        ),
        table: Type.Array(Type.Array(Type.String()), {
          default: [],
          description:
            "Rows of cells: '#label', 'channel|color' or 'channel|confirm,hide|Text'; an empty row separates.",
        }),
      },
      "The menu that clients draw.",
    ),
    allowCommands: Flag(false, "Permits the drivers that run programs (cmd, cmdret)."),
  },
  "User GPIO, in PiKVM's structure.",
);
