import { Flag, Section, Text } from "./common.ts";

export const SwitchSection = Section(
  {
    serialPath: Text(
      "/dev/kvmd-switch",
      "Serial device of a PiKVM Switch; it may be plugged in at any time. Empty = never look for one.",
    ),
    defaultEdidFile: Text(
      "",
      "Display description (hexadecimal text) that ports show by default; empty = a plain one.",
    ),
    ignoreHpdOnTop: Flag(
      false,
      "The first unit believes that a screen is connected even when it sees none.",
    ),
  },
  "PiKVM Switch, a multiport unit.",
);
