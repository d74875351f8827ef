import Type from "typebox";
import { Flag, Section, Text } from "./common.ts";

export const TerminalSection = Section(
  {
    enabled: Flag(
      false,
      "Offers a shell of this device in the browser, to administrators only. Every session is logged.",
    ),
    user: Text(
      "",
      "Account that the shell runs as; empty = that of the daemon. Another one needs a daemon that runs as root.",
    ),
    command: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: "Program and arguments; empty = the account's login shell.",
    }),
    maxSessions: Type.Integer({
      default: 4,
      minimum: 1,
      maximum: 32,
      description: "Sessions at the same time.",
    }),
    idleSeconds: Type.Integer({
      default: 3600,
      minimum: 0,
      description: "A session in which nothing is typed for so long is ended; 0 = never.",
    }),
  },
  "Terminal in the browser.",
);
