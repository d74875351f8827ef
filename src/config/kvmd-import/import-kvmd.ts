/** Reads what a PiKVM is configured with and says what becomes of it here (PiKVM API 8). Writes nothing. */
import { parseDocument } from "yaml";
import { describeError } from "../../core/errors.ts";
import type { FileStore } from "../../platform/files/port.ts";
import { loadConfig } from "../load.ts";
import type { Conversion, ImportedSetting, KeyLeft } from "./conversion.ts";
import { convertKvmd } from "./convert.ts";
import { keysOf, renderImported } from "./render.ts";
import { kvmdValue, readKvmdFiles } from "./tree.ts";
import type { KvmdFiles } from "./tree.ts";

export interface KvmdImportOptions {
  readonly files: Pick<FileStore, "read" | "list">;
  /** PiKVM's `/etc/kvmd`, or a copy of it. */
  readonly folder: string;
  /** The platform's own file, `/usr/lib/kvmd/main.yaml`; it may be missing. */
  readonly main: string;
  /** Where the daemon will keep its state. */
  readonly dataDir: string;
  /** The configuration is to say so. */
  readonly isDataDirNamed: boolean;
}

/** A file to write. */
export interface ImportedFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

export interface KvmdImport {
  /** Names of the files that were read. */
  readonly names: readonly string[];
  /** Files that are broken. */
  readonly problems: readonly string[];
  /** The configuration file. */
  readonly text: string;
  readonly settings: readonly ImportedSetting[];
  readonly left: readonly KeyLeft[];
  /** The password file, undefined when there is none. */
  readonly htpasswd: string | undefined;
  /** The TOTP secret, undefined when there is none. */
  readonly totpSecret: string | undefined;
  /** The certificate and its key, which the configuration names. */
  readonly certificate: readonly ImportedFile[];
}

const STOCK_FOLDER = "/etc/kvmd";
const PRIVATE = 0o600;
const HEADING =
  " Made by 'farhand import-kvmd' from a PiKVM configuration. Behind each value is the key and the file it comes from.";

class Importer {
  readonly #options: KvmdImportOptions;
  readonly #files: KvmdFiles;
  readonly names: string[];
  readonly problems: string[];

  constructor(options: KvmdImportOptions, files: KvmdFiles) {
    this.#options = options;
    this.#files = files;
    this.names = [...files.names];
    this.problems = [...files.problems];
  }

  /** The file that a key names, below the folder that stands in for `/etc/kvmd`. */
  async read(key: string, name: string): Promise<string | undefined> {
    const { folder } = this.#options;
    const configured = kvmdValue(this.#files.tree, key);
    const path =
      typeof configured === "string" && configured !== "" ? configured : `${folder}/${name}`;
    const moved = path.startsWith(`${STOCK_FOLDER}/`)
      ? `${folder}${path.slice(STOCK_FOLDER.length)}`
      : path;
    return this.readFile(moved, name);
  }

  async readFile(path: string, name: string): Promise<string | undefined> {
    try {
      const text = await this.#options.files.read(path);
      if (text !== undefined) this.names.push(name);
      return text;
    } catch (error) {
      this.problems.push(`${name}: ${describeError(error)}`);
      return undefined;
    }
  }

  async meta(): Promise<readonly ImportedSetting[]> {
    const text = await this.read("kvmd/info/meta", "meta.yaml");
    if (text === undefined) return [];
    const document = parseDocument(text, { version: "1.2", logLevel: "silent" });
    const [error] = document.errors;
    if (error === undefined) {
      const value: unknown = document.toJS() ?? {};
      return [{ path: "device.info.meta", value, origin: "meta.yaml" }];
    }
    this.problems.push(`meta.yaml: ${error.message}`);
    return [];
  }

  async certificate(): Promise<readonly ImportedFile[]> {
    const { folder, dataDir } = this.#options;
    const name = (ending: string): string => `nginx/ssl/server.${ending}`;
    const [cert, key] = await Promise.all(
      ["crt", "key"].map((ending) => this.readFile(`${folder}/${name(ending)}`, name(ending))),
    );
    if (cert === undefined || key === undefined) return [];
    return [
      { path: `${dataDir}/kvmd-server.crt`, content: cert, mode: PRIVATE },
      { path: `${dataDir}/kvmd-server.key`, content: key, mode: PRIVATE },
    ];
  }
}

function tlsSettings(files: readonly ImportedFile[]): readonly ImportedSetting[] {
  const [cert, key] = files;
  if (cert === undefined || key === undefined) return [];
  const origin = "nginx/ssl";
  return [
    { path: "http.tls.mode", value: "files", origin },
    { path: "http.tls.cert", value: cert.path, origin },
    { path: "http.tls.key", value: key.path, origin },
  ];
}

function dataDirSetting({
  dataDir,
  isDataDirNamed,
}: KvmdImportOptions): readonly ImportedSetting[] {
  return isDataDirNamed ? [{ path: "dataDir", value: dataDir, origin: "--data-dir" }] : [];
}

async function problemsOf(settings: readonly ImportedSetting[]) {
  const text = renderImported(settings, HEADING);
  const readFile = (): Promise<string> => Promise.resolve(text);
  const result = await loadConfig({ file: "imported", env: {}, readFile });
  return result.ok ? [] : result.problems;
}

/** Moves values that our own rules refuse to those that are left. */
async function keepUsable({ settings, left }: Conversion): Promise<Conversion> {
  const problems = await problemsOf(settings);
  const refused: KeyLeft[] = [];
  const kept = settings.filter(({ path, origin }) => {
    const dotted = keysOf(path).join(".");
    const problem = problems.find(
      ({ path: at }) => at === dotted || at.startsWith(`${dotted}.`) || dotted.startsWith(`${at}.`),
    );
    if (problem === undefined) return true;
    const [key = path, source = ""] = origin.split(", ");
    refused.push({ path: key, source, reason: `as ${path} it ${problem.rule}` });
    return false;
  });
  if (refused.length === 0) return { settings, left };
  return keepUsable({ settings: kept, left: [...left, ...refused] });
}

/** Never rejects: broken files are problems of the result. */
export async function importKvmd(options: KvmdImportOptions): Promise<KvmdImport> {
  const { files, folder, main } = options;
  const read = await readKvmdFiles(files, folder, main);
  const importer = new Importer(options, read);
  const htpasswd = await importer.read("kvmd/auth/internal/file", "htpasswd");
  const totp = await importer.read("kvmd/auth/totp/secret/file", "totp.secret");
  const meta = await importer.meta();
  const converted = convertKvmd(read, main);
  const isPlain = converted.settings.some(({ path }) => path === "http.tls.mode");
  const certificate = isPlain ? [] : await importer.certificate();
  const { settings, left } = await keepUsable({
    settings: [
      ...dataDirSetting(options),
      ...tlsSettings(certificate),
      ...converted.settings,
      ...meta,
    ],
    left: converted.left,
  });
  return {
    names: importer.names,
    problems: importer.problems,
    text: renderImported(settings, HEADING),
    settings,
    left,
    htpasswd,
    totpSecret: totp?.trim() === "" ? undefined : totp,
    certificate,
  };
}
