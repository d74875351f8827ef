import Type from "typebox";
import { Section, Text, Word } from "./common.ts";

export const HttpSection = Section(
  {
    host: Text(
      "::",
      "Address to listen on. '::' takes IPv6 and IPv4 and falls back to 0.0.0.0 where IPv6 is off.",
    ),
    port: Type.Integer({
      default: 8443,
      minimum: 0,
      maximum: 65_535,
      description: "TCP port; 0 lets the system choose one.",
    }),
    tls: Section(
      {
        mode: Word(["off", "self-signed", "files"], {
          default: "self-signed",
          description:
            "off: plain HTTP, for use behind a reverse proxy only. self-signed: a certificate is made at first start. files: your own.",
        }),
        cert: Text(
          "",
          "PEM file with the certificate chain (mode files). Another one in its place is used within a minute, without a restart.",
        ),
        key: Text("", "PEM file with the private key (mode files); replaced with cert."),
      },
      "Encryption.",
    ),
    allowedOrigins: Type.Array(Type.String({ pattern: "^https?://[^/]+$" }), {
      default: [],
      description:
        "Origins, besides the device's own, whose pages may open WebSockets and send cookie-authenticated changes.",
    }),
    connectionsPerAddress: Type.Integer({
      default: 256,
      minimum: 16,
      maximum: 65_535,
      description:
        "Open connections of one address, or of one IPv6 /64 network, that neither signed in nor are an agent's; more are cut. Trusted proxies and this machine have no such limit.",
    }),
    trustedProxies: Type.Array(Type.String(), {
      default: [],
      description:
        "Addresses or networks whose X-Forwarded-For and X-Forwarded-Proto are believed.",
    }),
  },
  "The HTTP server shared by the device and hub roles.",
);
