import Type from "typebox";
import { Secret, Section, Text, Word } from "./common.ts";

export const ProxySection = Section(
  {
    host: Text("0.0.0.0", "Address to listen on for the panel; '::' takes IPv6 and IPv4."),
    port: Type.Integer({
      default: 62_050,
      minimum: 0,
      maximum: 65_535,
      description: "TCP port for the panel; 0 lets the system choose one.",
    }),
    protocol: Word(["grpc", "rest"], {
      default: "grpc",
      description: "Connection type as in the panel's form; one of both at a time.",
    }),
    apiKey: Secret(
      "Key that the panel must show, a UUID; empty = one is made at first start, and 'farhand pair --pasarguard' shows it.",
    ),
    tls: Section(
      {
        cert: Text(
          "",
          "PEM file with the certificate chain for the panel; empty = one is made at first start. Another one in its place is used within a minute.",
        ),
        key: Text("", "PEM file with its private key; empty when cert is."),
      },
      "Encryption, which is always on.",
    ),
    core: Section(
      {
        path: Text("", "Program of the core; empty = xray, else v2ray, where programs are found."),
        assets: Text("/usr/local/share/xray", "Folder of the core's geoip.dat and geosite.dat."),
        user: Text(
          "",
          "Account that the core runs as, where this process is root; empty = farhand-proxy, else nobody.",
        ),
      },
      "The supervised core.",
    ),
  },
  "Role proxy: a node for a PasarGuard panel.",
);
