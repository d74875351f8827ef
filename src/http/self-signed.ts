/**
 * A self-signed server certificate (RFC 5280) on the P-256 curve. Built here rather than by a library: a certificate
 * of one fixed shape is a page of DER, and the library costs a small board seconds at first start.
 */
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import {
  bitString,
  integer,
  octets,
  oid,
  sequence,
  setOf,
  tagged,
  time,
  trueValue,
  utf8,
} from "./der.ts";
import { ipBytes } from "./ip-bytes.ts";
import type { TlsMaterial } from "./node-server.ts";

export interface SelfSignedOptions {
  readonly hostName: string;
  /** IP addresses; anything else is left out. */
  readonly addresses: readonly string[];
  /** Epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
}

const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
const COMMON_NAME = "2.5.4.3";
const ORGANIZATION = "2.5.4.10";
const SUBJECT_KEY_ID = "2.5.29.14";
const KEY_USAGE = "2.5.29.15";
const SUBJECT_ALT_NAME = "2.5.29.17";
const BASIC_CONSTRAINTS = "2.5.29.19";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

/** Longest common name (RFC 5280 A.1). */
const MAX_NAME = 64;
const HOST_PATTERN = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;

function nameOf(hostName: string): Buffer {
  const part = (type: string, text: string): Buffer =>
    setOf(sequence(oid(type), utf8(text.slice(0, MAX_NAME))));
  return sequence(part(ORGANIZATION, "Farhand"), part(COMMON_NAME, hostName));
}

/** Names under which the device is reached: itself, its mDNS name and its present addresses. */
function alternativeNames({ hostName, addresses }: SelfSignedOptions): Buffer {
  const hosts = new Set(["localhost"]);
  if (HOST_PATTERN.test(hostName)) {
    hosts.add(hostName);
    if (!hostName.includes(".")) hosts.add(`${hostName}.local`);
  }
  const ips = new Set(["127.0.0.1", "::1", ...addresses]);
  const dnsNames = [...hosts].map((host) => tagged(0x82, Buffer.from(host, "ascii")));
  const ipNames = [...ips].flatMap((address) => {
    const bytes = ipBytes(address);
    return bytes === undefined ? [] : [tagged(0x87, bytes)];
  });
  return sequence(...dnsNames, ...ipNames);
}

function extension(id: string, value: Uint8Array, isCritical = false): Buffer {
  return sequence(oid(id), isCritical ? trueValue() : Buffer.alloc(0), octets(value));
}

function extensions(options: SelfSignedOptions, spki: Uint8Array): Buffer {
  const keyId = createHash("sha1").update(spki).digest();
  const digitalSignature = bitString(Buffer.of(0x80), 7);
  return sequence(
    extension(BASIC_CONSTRAINTS, sequence(), true),
    extension(KEY_USAGE, digitalSignature, true),
    extension(EXTENDED_KEY_USAGE, sequence(oid(SERVER_AUTH))),
    extension(SUBJECT_KEY_ID, octets(keyId)),
    extension(SUBJECT_ALT_NAME, alternativeNames(options)),
  );
}

function certificate(options: SelfSignedOptions, spki: Uint8Array, key: KeyObject): Buffer {
  const algorithm = sequence(oid(ECDSA_WITH_SHA256));
  const name = nameOf(options.hostName === "" ? "farhand" : options.hostName);
  const serial = randomBytes(16);
  // The first bit must be 0 and the first byte not: positive, and of one fixed length.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const body = sequence(
    tagged(0xa0, integer(Buffer.of(2))),
    integer(serial),
    algorithm,
    name,
    sequence(time(options.notBefore), time(options.notAfter)),
    name,
    spki,
    tagged(0xa3, extensions(options, spki)),
  );
  return sequence(body, algorithm, bitString(sign("sha256", body, key)));
}

function toPem(label: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** A new key and its certificate. */
export function createSelfSigned(options: SelfSignedOptions): TlsMaterial {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const spki = publicKey.export({ type: "spki", format: "der" });
  return {
    cert: toPem("CERTIFICATE", certificate(options, spki, privateKey)),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
