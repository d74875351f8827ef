import { Flag, Section, Text } from "./common.ts";

export const SwitchSection = Section(
  {
    serialPath: Text(
      "auto",
      "Serial device of a PiKVM Switch, which may be plugged in at any time; auto = found by its USB numbers. Empty = never look for one.",
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
