import Type from "typebox";
import { Flag, Seconds, Secret, Section, Text, Word } from "./common.ts";

const Names = (description: string) =>
  Type.Array(Type.String({ minLength: 1 }), { default: [], description });

const KomariUplink = Type.Object(
  {
    protocol: Type.Literal("komari"),
    url: Type.String({
      pattern: "^https?://[^/\\s?#]+[^\\s?#]*$",
      description: "Address of the Komari server, with its base path if it has one.",
    }),
    token: Secret("Token of this node; empty = the node registers itself with autoDiscoveryKey."),
    autoDiscoveryKey: Secret(
      "Auto-discovery key of the server; the token that it gives is kept in the data folder.",
    ),
    version: Word(["auto", "1", "2"], {
      default: "auto",
      description: "Protocol version; auto = 2, and 1 where the server has no 2.",
    }),
    verifyTls: Flag(true, "Refuses servers whose certificate is not trusted."),
  },
  { additionalProperties: false, description: "A Komari server." },
);

const NezhaUplink = Type.Object(
  {
    protocol: Type.Literal("nezha"),
    server: Type.String({
      pattern: "^(?:\\[[0-9a-fA-F:.]+\\]|[^\\s:/\\[\\]]+):[0-9]{1,5}$",
      description: "Host and port of the dashboard's agent endpoint.",
    }),
    secret: Secret("Agent secret of the dashboard (v1 and later), or that of this server (v0)."),
    uuid: Type.String({
      default: "",
      pattern: "^(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})?$",
      description: "Identity of this node; empty = one is made and kept in the data folder.",
    }),
    tls: Flag(false, "The endpoint speaks TLS."),
    verifyTls: Flag(true, "Refuses servers whose certificate is not trusted."),
    generation: Word(["auto", "v0", "v1"], {
      default: "auto",
      description: "Generation of the dashboard; v1 stands for all later ones.",
    }),
  },
  { additionalProperties: false, description: "A Nezha dashboard." },
);

export const AgentSection = Section(
  {
    uplinks: Type.Array(Type.Union([KomariUplink, NezhaUplink]), {
      default: [],
      description: "Servers that this machine reports to. 'farhand pair' writes this list.",
    }),
    intervalSeconds: Type.Number({
      default: 3,
      minimum: 1,
      maximum: 8,
      description: "How often a report is sent. Seconds.",
    }),
    infoIntervalMinutes: Type.Number({
      default: 5,
      minimum: 1,
      maximum: 1440,
      description: "How often the description of the machine is sent again. Minutes.",
    }),
    monthRotationDay: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 31,
      description:
        "Day of the month on which traffic totals begin again; 0 = they count since boot.",
    }),
    interfaces: Section(
      {
        include: Names("Only these network interfaces are counted; '*' stands for any text."),
        exclude: Names("Network interfaces that are not counted; '*' stands for any text."),
      },
      "Network interfaces that count, besides the rules of the stock agents.",
    ),
    disks: Section(
      {
        include: Names("Only these mount points are counted."),
        exclude: Names("Mount points that are not counted."),
      },
      "Disks that count, besides the rules of the stock agents.",
    ),
    address: Section(
      {
        ipv4: Text(
          "",
          "Public IPv4 address to report; empty = that of an interface, if it is public.",
        ),
        ipv6: Text(
          "",
          "Public IPv6 address to report; empty = that of an interface, if it is public.",
        ),
        report: Flag(true, "Reports addresses at all."),
      },
      "Public addresses. No outside service is asked for them.",
    ),
    reportHealth: Flag(
      true,
      "Reports the health of the KVM (power supply, keyboard, power LED, video) where a protocol has room.",
    ),
    consoleUrl: Type.String({
      default: "",
      pattern: "^(?:https?://[^\\s]+)?$",
      maxLength: 512,
      description:
        "Web address under which people reach the console of this KVM, told to a hub of this project together with its health; empty = none.",
    }),
    probes: Flag(true, "Answers ping tasks (ICMP, TCP, HTTP) of the servers."),
    control: Section(
      {
        commands: Flag(false, "Servers may run commands on this machine."),
        terminal: Flag(false, "Servers may open a terminal on this machine."),
        user: Text(
          "",
          "Account that commands and terminals run as; empty = the daemon's, or nobody when that is root. Another one needs a daemon that runs as root.",
        ),
        commandSeconds: Seconds(600, "A command that runs for so long is ended.", 1),
        maxTasks: Type.Integer({
          default: 4,
          minimum: 1,
          maximum: 64,
          description: "Commands and terminals at the same time.",
        }),
      },
      "What servers may make this machine do. Reporting needs none of it.",
    ),
  },
  "The agent role: this machine appears on Komari servers and Nezha dashboards.",
);
