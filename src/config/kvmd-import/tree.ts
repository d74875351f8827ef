/** PiKVM's configuration files, merged as kvmd does it (PiKVM API 8.1). */
import { isMap, isScalar, isSeq, parseDocument } from "yaml";
import type { Document } from "yaml";
import { describeError } from "../../core/errors.ts";
import type { FileStore } from "../../platform/files/port.ts";

export type KvmdTree = Readonly<Record<string, unknown>>;

/** One value that is no mapping, by its path: `kvmd/hid/type`. An empty mapping is one too. */
export interface KvmdLeaf {
  readonly path: string;
  readonly value: unknown;
  /** Name of the file that has the last word. */
  readonly source: string;
}

export interface KvmdFiles {
  readonly tree: KvmdTree;
  readonly leaves: readonly KvmdLeaf[];
  /** Files that were read, in the order of merging. */
  readonly names: readonly string[];
  /** Files that could not be. */
  readonly problems: readonly string[];
}

type Reader = Pick<FileStore, "read" | "list">;

const MAX_INCLUDE_DEPTH = 8;

export function isKvmdTree(value: unknown): value is KvmdTree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

interface Sourced {
  readonly source: string;
  readonly value: unknown;
}

/** Values by path; mappings are not values, so that a later file adds to them. */
class Merged {
  readonly #leaves = new Map<string, Sourced>();

  add(path: string, value: unknown, source: string): void {
    if (isKvmdTree(value) && Object.keys(value).length > 0) {
      this.#leaves.delete(path);
      for (const [key, inner] of Object.entries(value)) {
        this.add(path === "" ? key : `${path}/${key}`, inner, source);
      }
      return;
    }
    if (isKvmdTree(value) && this.#has(path)) return;
    this.#removeBelow(path);
    if (path !== "") this.#leaves.set(path, { value, source });
  }

  get leaves(): readonly KvmdLeaf[] {
    return Array.from(this.#leaves, ([path, { value, source }]) => ({ path, value, source }));
  }

  #has(path: string): boolean {
    return [...this.#leaves.keys()].some((known) => known.startsWith(`${path}/`));
  }

  #removeBelow(path: string): void {
    for (const known of this.#leaves.keys()) {
      if (known.startsWith(`${path}/`)) this.#leaves.delete(known);
    }
  }
}

/** The mapping that the leaves make. */
export function treeOf(leaves: readonly KvmdLeaf[]): KvmdTree {
  const root: Record<string, unknown> = {};
  for (const { path, value } of leaves) {
    const keys = path.split("/");
    const last = keys.pop() ?? path;
    let node = root;
    for (const key of keys) {
      const inner = node[key];
      const next: Record<string, unknown> = isKvmdTree(inner) ? { ...inner } : {};
      node[key] = next;
      node = next;
    }
    node[last] = value;
  }
  return root;
}

class KvmdReader {
  readonly merged = new Merged();
  readonly names: string[] = [];
  readonly problems: string[] = [];
  readonly #files: Reader;
  readonly #folder: string;

  constructor(files: Reader, folder: string) {
    this.#files = files;
    this.#folder = folder;
  }

  /** Adds a file, if it is there, with everything that it includes. */
  async add(path: string): Promise<void> {
    const name = this.#nameOf(path);
    try {
      const text = await this.#files.read(path);
      if (text === undefined) return;
      this.names.push(name);
      this.merged.add("", await this.#parse(text, path, 0), name);
    } catch (error) {
      this.problems.push(`${name}: ${describeError(error)}`);
    }
  }

  #nameOf(path: string): string {
    return path.startsWith(`${this.#folder}/`) ? path.slice(this.#folder.length + 1) : path;
  }

  async #parse(text: string, path: string, depth: number): Promise<unknown> {
    const document = parseDocument(text, { version: "1.2", logLevel: "silent" });
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const include = includesIn(document);
    if (include === undefined) return document.toJS() ?? {};
    return this.#include(include, path, depth + 1);
  }

  /** Only a whole file, or a value at its top, is included; that is what PiKVM's own files do. */
  async #include(includes: Includes, path: string, depth: number): Promise<unknown> {
    if (depth > MAX_INCLUDE_DEPTH) throw new Error("files include each other without end");
    const merged = new Merged();
    merged.add("", includes.rest, path);
    const folder = path.slice(0, path.lastIndexOf("/"));
    for (const { key, names } of includes.names) {
      for (const name of names) {
        const file = name.startsWith("/") ? name : `${folder}/${name}`;
        const text = await this.#files.read(file);
        if (text === undefined) throw new Error(`includes ${name}, which is not there`);
        this.names.push(this.#nameOf(file));
        merged.add(key, await this.#parse(text, file, depth), file);
      }
    }
    return treeOf(merged.leaves);
  }
}

interface Includes {
  /** Everything else of the file. */
  readonly rest: unknown;
  readonly names: readonly { readonly key: string; readonly names: readonly string[] }[];
}

const INCLUDE = "!include";

function namesIn(node: unknown): readonly string[] | undefined {
  if (!isScalar(node) && !isSeq(node)) return undefined;
  if (node.tag !== INCLUDE) return undefined;
  if (isScalar(node)) return [String(node.value)];
  return node.items.map((item) => (isScalar(item) ? String(item.value) : ""));
}

/** Undefined for a file that includes nothing. */
function includesIn(document: Document): Includes | undefined {
  const { contents } = document;
  const whole = namesIn(contents);
  if (whole !== undefined) return { rest: {}, names: [{ key: "", names: whole }] };
  if (!isMap(contents)) return undefined;
  const found = contents.items.flatMap((item) => {
    const names = namesIn(item.value);
    return names === undefined ? [] : [{ key: String(item.key), names }];
  });
  if (found.length === 0) return undefined;
  for (const { key } of found) document.delete(key);
  return { rest: document.toJS() ?? {}, names: found };
}

/** `main` is the platform's own file. Never rejects: what cannot be read is a problem in the result. */
export async function readKvmdFiles(
  files: Reader,
  folder: string,
  main: string,
): Promise<KvmdFiles> {
  const reader = new KvmdReader(files, folder);
  await reader.add(main);
  await reader.add(`${folder}/auth.yaml`);
  for (const name of await files.list(`${folder}/override.d`).catch(() => [])) {
    await reader.add(`${folder}/override.d/${name}`);
  }
  await reader.add(`${folder}/override.yaml`);
  const { merged, names, problems } = reader;
  return { tree: treeOf(merged.leaves), leaves: merged.leaves, names, problems };
}

/** The value at a path such as `kvmd/hid/type`; undefined when it is not set. */
export function kvmdValue(tree: KvmdTree, path: string): unknown {
  let node: unknown = tree;
  for (const key of path.split("/")) {
    if (!isKvmdTree(node) || !Object.hasOwn(node, key)) return undefined;
    node = node[key];
  }
  return node;
}
