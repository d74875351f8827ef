import { ValidationError, describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { FileStore } from "../../platform/files/port.ts";
import type { MetaInfo } from "./info-state.ts";

/** In place of a name: the one this device has. */
const AUTO_HOST = "@auto";

type Tree = Readonly<Record<string, unknown>>;

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The tree with the device's name where `server.host` asks for it. */
export function fillName(meta: MetaInfo, name: string): MetaInfo {
  if (!isTree(meta)) return meta;
  const server = meta["server"];
  if (!isTree(server) || server["host"] !== AUTO_HOST) return meta;
  return { ...meta, server: { ...server, host: name } };
}

/** Plain JSON values of a YAML text. Throws when it is not YAML, or not a tree of names and values. */
async function parseMeta(text: string): Promise<Tree> {
  const { parse } = await import("yaml");
  const parsed: unknown = parse(text);
  // YAML can express values that contain themselves and numbers that JSON has not.
  const plain: unknown = JSON.parse(JSON.stringify(parsed ?? {}));
  if (!isTree(plain)) throw new ValidationError("it is not a tree of names and values");
  return plain;
}

/** Reads a file in the form of PiKVM's meta.yaml; null, with a warning, when it cannot be used. */
export async function readMetaFile(files: FileStore, path: string, log: Logger): Promise<MetaInfo> {
  try {
    const text = await files.read(path);
    if (text === undefined) throw new ValidationError("no such file");
    return await parseMeta(text);
  } catch (error) {
    log.warn({ path, reason: describeError(error) }, "metadata cannot be read");
    return null;
  }
}
