import Type from "typebox";
import { AuthSection } from "./sections/auth.ts";
import { Section, Text, Word } from "./sections/common.ts";
import { DeviceSection } from "./sections/device.ts";
import { HttpSection } from "./sections/http.ts";

export const ROLE_NAMES = ["device", "agent", "hub", "proxy"] as const;
export type RoleName = (typeof ROLE_NAMES)[number];

/** The one description of the configuration file: types, defaults, help texts and the editor's JSON Schema. */
export const ConfigSchema = Section(
  {
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
  },
  "Farhand configuration.",
);

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** A complete, frozen configuration. */
export type Config = DeepReadonly<Type.Static<typeof ConfigSchema>>;
export type HttpConfig = Config["http"];
export type AuthConfig = Config["auth"];
export type DeviceConfig = Config["device"];
export type HidConfig = DeviceConfig["hid"];
export type AtxConfig = DeviceConfig["atx"];
export type GpioConfig = DeviceConfig["gpio"];
export type InfoConfig = DeviceConfig["info"];
