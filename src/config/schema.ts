import Type from "typebox";
import { AgentSection } from "./sections/agent.ts";
import { AuthSection } from "./sections/auth.ts";
import { Section, Text, Word } from "./sections/common.ts";
import { DeviceSection } from "./sections/device.ts";
import { HttpSection } from "./sections/http.ts";
import { HubSection } from "./sections/hub.ts";
import { ProxySection } from "./sections/proxy.ts";

export const ROLE_NAMES = ["device", "agent", "hub", "proxy"] as const;
export type RoleName = (typeof ROLE_NAMES)[number];

/** The form of the file that this program writes and understands. */
export const CONFIG_VERSION = 1;

/** The one description of the configuration file: types, defaults, help texts and the editor's JSON Schema. */
export const ConfigSchema = Section(
  {
    version: Type.Integer({
      default: CONFIG_VERSION,
      minimum: 1,
      maximum: CONFIG_VERSION,
      description: "Form of this file; files in older forms are brought up to date when read.",
    }),
    roles: Type.Array(Type.Enum(ROLE_NAMES), {
      default: ["device"],
      minItems: 1,
      uniqueItems: true,
      description: "What this process is; any mix.",
    }),
    platform: Word(["auto", "linux", "sim"], {
      default: "auto",
      description:
        "linux: real hardware. sim: simulated board. auto: linux when KVM hardware is found, else sim.",
    }),
    dataDir: Text(
      "",
      "Folder for accounts, certificates and state; empty = systemd's StateDirectory, else ~/.local/share/farhand.",
    ),
    log: Section(
      {
        level: Word(["debug", "info", "warn", "error", "fatal"], {
          default: "info",
          description: "Least severe level that is written.",
        }),
      },
      "Logging.",
    ),
    http: HttpSection,
    auth: AuthSection,
    device: DeviceSection,
    proxy: ProxySection,
    agent: AgentSection,
    hub: HubSection,
  },
  "Farhand configuration.",
);

/** Immutable, and with every secret read from its file. */
type Resolved<T> = T extends readonly (infer Item)[]
  ? readonly Resolved<Item>[]
  : T extends { file: string }
    ? never
    : T extends object
      ? { readonly [Key in keyof T]: Resolved<T[Key]> }
      : T;

/** A complete, frozen configuration: no secret is a file reference any more. */
export type Config = Resolved<Type.Static<typeof ConfigSchema>>;
export type HttpConfig = Config["http"];
export type AuthConfig = Config["auth"];
export type DeviceConfig = Config["device"];
export type ProxyConfig = Config["proxy"];
export type HubConfig = Config["hub"];
export type HidConfig = DeviceConfig["hid"];
export type AtxConfig = DeviceConfig["atx"];
export type GpioConfig = DeviceConfig["gpio"];
export type InfoConfig = DeviceConfig["info"];
export type StreamerConfig = DeviceConfig["streamer"];
export type MsdConfig = DeviceConfig["msd"];
export type GadgetConfig = DeviceConfig["gadget"];
export type SwitchConfig = DeviceConfig["switch"];
export type TerminalConfig = DeviceConfig["terminal"];
export type WebConfig = DeviceConfig["web"];
export type AgentConfig = Config["agent"];
export type UplinkConfig = AgentConfig["uplinks"][number];
export type KomariUplinkConfig = Extract<UplinkConfig, { protocol: "komari" }>;
export type NezhaUplinkConfig = Extract<UplinkConfig, { protocol: "nezha" }>;
export type ControlConfig = AgentConfig["control"];
