import Type from "typebox";
import { Flag, Secret, Section, Text } from "./common.ts";

const Days = (value: number, description: string) =>
  Type.Integer({ default: value, minimum: 1, maximum: 3660, description: `${description} Days.` });

export const HubSection = Section(
  {
    discoveryKey: Secret(
      "Key with which Komari agents register themselves, at least 12 characters; empty = only nodes that were added can report.",
    ),
    nezha: Section(
      {
        secret: Secret(
          "Secret that Nezha agents of v1 and later share; empty = each needs a token of its own.",
        ),
        listen: Text("", "Host and port for Nezha agents (gRPC); empty = none."),
        tls: Type.Boolean({
          default: false,
          description: "Encrypt that port, with the certificate of http.tls or one of our own.",
        }),
      },
      "Nezha agents.",
    ),
    storage: Section(
      {
        path: Text("", "Database file; empty = hub.db in the data folder."),
        saveSeconds: Type.Integer({
          default: 1,
          minimum: 1,
          maximum: 60,
          description:
            "How often new figures are written; a crash loses no more than this. More spares memory cards. Seconds.",
        }),
        minuteDays: Days(7, "How long figures of every minute are kept."),
        quarterDays: Days(90, "How long those of every quarter of an hour are kept."),
        hourDays: Days(730, "How long those of every hour are kept."),
      },
      "The fleet's history.",
    ),
    themes: Section(
      {
        path: Text(
          "",
          "Folder with Komari themes, each in a folder of its own; empty = no theme is served.",
        ),
        active: Text(
          "",
          "Name of the theme's folder that is the public page at /; empty = the project's own pages.",
        ),
      },
      "Komari themes.",
    ),
    control: Section(
      {
        enabled: Flag(
          true,
          "Whether admins can allow commands and terminals on single nodes, where they are off at first; no = never.",
        ),
        terminalIdleMinutes: Type.Integer({
          default: 30,
          minimum: 1,
          maximum: 1440,
          description: "A terminal in which nothing happens ends after this time. Minutes.",
        }),
        terminalHours: Type.Integer({
          default: 12,
          minimum: 1,
          maximum: 168,
          description: "No terminal is open for longer. Hours.",
        }),
      },
      "Acts on nodes. The agent of a node has to allow them, too.",
    ),
    notify: Section(
      {
        allow: Type.Array(Type.String({ pattern: "^[0-9A-Fa-f.:]{2,45}(/[0-9]{1,3})?$" }), {
          default: [],
          description:
            "Addresses and networks, as 192.168.1.0/24, that messages about alerts may be sent to although they are not on the public internet.",
        }),
      },
      "Messages about alerts. Channels and rules are made in the web interface.",
    ),
    maxNodes: Type.Integer({
      default: 10_000,
      minimum: 1,
      maximum: 100_000,
      description: "More nodes are refused, however they come.",
    }),
  },
  "Role hub: agents of a fleet report here.",
);
