import { Section, Text } from "./common.ts";

export const WebSection = Section(
  {
    pikvmRoot: Text(
      "",
      "Folder with an unmodified copy of PiKVM's web interface (/usr/share/kvmd/web); empty = none is served.",
    ),
    userCss: Text("", "Style sheet that PiKVM's web interface loads last; empty = none."),
  },
  "PiKVM's web interface, served to browsers.",
);
