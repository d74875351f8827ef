import { parseArgs } from "node:util";
import type { Config } from "../config/schema.ts";
import type { WrittenUplink } from "../config/uplink-file.ts";
import { describeError, ValidationError } from "../core/errors.ts";
import type { Platform } from "../platform/platform.ts";

const OPTIONS = {
  "komari-token": { type: "string" },
  "komari-key": { type: "string" },
  "nezha-secret": { type: "string" },
  "nezha-token": { type: "string" },
  "agent-server": { type: "string" },
  uuid: { type: "string" },
  name: { type: "string" },
  tls: { type: "boolean", default: false },
  insecure: { type: "boolean", default: false },
  "no-check": { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  remove: { type: "string" },
} as const;

export const PAIR_SECRETS = ["komari-token", "komari-key", "nezha-secret", "nezha-token"] as const;
export type PairSecret = (typeof PAIR_SECRETS)[number];

/** What each of these understands besides; the address of the server is no option. */
const COMPANIONS: Readonly<Record<PairSecret | "list" | "remove", readonly string[]>> = {
  "komari-token": ["insecure", "no-check"],
  "komari-key": ["insecure", "no-check"],
  "nezha-secret": ["insecure", "no-check", "tls", "uuid"],
  "nezha-token": ["insecure", "no-check", "tls", "uuid", "agent-server", "name"],
  list: [],
  remove: [],
};

export class PairUsageError extends Error {}

export interface AgentPairParts {
  readonly config: Config;
  readonly platform: Pick<Platform, "files" | "web" | "grpc" | "clock" | "host">;
  /** The file that is changed; it may be missing. */
  readonly configFile: string;
  /** The list comes from an environment variable or flag, which beats the file. */
  readonly isListFixed: boolean;
  /** What is wrong with a configuration file of this text; empty when it can be used. */
  checkText(text: string): Promise<string>;
  readSecret(prompt: string): Promise<string>;
  /** Aborted by whoever does not want to wait longer. */
  readonly signal: AbortSignal;
  /** Told the code of the error that the command has told in words. */
  readonly onRefusal?: (code: string) => void;
}

/** A pairing that was asked for. */
export interface PairRequest {
  readonly address: string;
  readonly kind: PairSecret;
  readonly secret: string;
  readonly options: ReturnType<typeof parsePairWords>["values"];
}

/** What to write, and what to show. */
export interface Paired {
  readonly uplink: WrittenUplink;
  /** Address of the node's page, or of the dashboard; empty when it is not known. */
  readonly page: string;
}

export function parsePairWords(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw new PairUsageError(describeError(error));
  }
}

/** Throws `PairUsageError` when more was given than goes with this. */
export function demandOnly(
  kind: keyof typeof COMPANIONS,
  { values, positionals }: ReturnType<typeof parsePairWords>,
): void {
  const addresses = kind === "list" || kind === "remove" ? 0 : 1;
  if (positionals.length > addresses || values.remove === "") throw new PairUsageError();
  const given = Object.entries(values).filter(([, value]) => value !== false);
  const foreign = given.find(([name]) => name !== kind && !COMPANIONS[kind].includes(name));
  if (foreign !== undefined) {
    throw new PairUsageError(`--${foreign[0]} does not go with --${kind}`);
  }
}

/** The web address without what does not belong to it. */
export function baseAddress(address: string): string {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `https://${address}`;
  if (!URL.canParse(text)) throw new ValidationError(`'${address}' is not a web address`);
  const { origin, pathname, protocol } = new URL(text);
  if (!/^https?:$/.test(protocol)) throw new ValidationError(`'${address}' is not a web address`);
  return `${origin}${pathname}`.replace(/\/+$/, "");
}
