// A folder that behaves as the kernel's configfs does for one USB gadget, with its refusals (hardware notes 3.2, 3.6).
import { existsSync, mkdirSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { KernelPaths } from "../../src/platform/gadget/kernel-view.ts";
import { nodeTreeFiles } from "../../src/platform/gadget/tree-files.ts";
import type { TreeFiles } from "../../src/platform/gadget/tree-files.ts";

export interface FakeKernelOptions {
  /** Kernels since 5.15 or so. */
  readonly hasNoOutEndpoint?: boolean;
  /** Kernels since 6.0 or so. */
  readonly hasForcedEject?: boolean;
  /** Endpoints of the controller; more make binding fail. */
  readonly endpoints?: number;
}

export interface FakeKernel {
  readonly paths: KernelPaths;
  readonly files: TreeFiles;
  /** What was done, in order, with paths relative to the gadget. */
  readonly log: string[];
  /** The computer keeps the medium from being taken out. */
  isLocked: boolean;
  setUdcState(state: string): void;
  /** The computer ejects the medium. */
  ejectByComputer(): void;
}

export const UDC = "fe980000.usb";

function refuse(code: string, path: string): never {
  throw Object.assign(new Error(`${code}: refused, '${path}'`), { code });
}

const decoder = new TextDecoder();
const FUNCTION = /^functions\/([^/]+)$/;
const LUN_FILE = /^functions\/[^/]+\/lun\.0\/(\w+)$/;

class FakeConfigfs implements TreeFiles {
  readonly log: string[] = [];
  readonly root: string;
  readonly options: Required<FakeKernelOptions>;
  isLocked = false;
  #nextMinor = 0;
  /** Links that were there when the gadget was unbound: the kernel's functions behind them may be dead. */
  #stale = new Set<string>();

  constructor(root: string, options: FakeKernelOptions) {
    this.root = root;
    this.options = { hasNoOutEndpoint: true, hasForcedEject: true, endpoints: 9, ...options };
  }

  exists = (path: string): boolean => nodeTreeFiles.exists(path);
  list = (path: string): readonly string[] => nodeTreeFiles.list(path);
  read = (path: string): Uint8Array | undefined => nodeTreeFiles.read(path);
  readLink = (path: string): string => nodeTreeFiles.readLink(path);

  #name(path: string): string {
    return relative(this.root, path);
  }

  #text(name: string): string {
    return decoder.decode(this.read(join(this.root, name)) ?? new Uint8Array()).trim();
  }

  #links(): readonly string[] {
    return this.list(join(this.root, "configs/c.1")).filter((name) => name.includes("."));
  }

  mkdir(path: string): void {
    const name = this.#name(path);
    this.log.push(`mkdir ${name}`);
    if (!existsSync(dirname(path))) refuse("ENOENT", path);
    mkdirSync(path);
    for (const [file, value] of Object.entries(this.#birth(name))) {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      if (value === null) mkdirSync(join(path, file));
      else writeFileSync(join(path, file), value);
    }
  }

  /** Files (and folders: null) that the kernel makes with a folder. */
  #birth(name: string): Readonly<Record<string, string | null>> {
    const { hasNoOutEndpoint, hasForcedEject } = this.options;
    if (name === "") {
      const numbers = { idVendor: "0x0000", idProduct: "0x0000", bcdUSB: "0x0000" };
      const folders = { functions: null, configs: null, strings: null };
      return { ...numbers, bcdDevice: "0x0000", UDC: "\n", ...folders };
    }
    if (name === "configs/c.1") return { MaxPower: "2\n", bmAttributes: "0x80\n", strings: null };
    if (name === "configs/c.1/strings/0x409") return { configuration: "\n" };
    if (name === "strings/0x409") return { manufacturer: "\n", product: "\n", serialnumber: "\n" };
    if (name.startsWith("functions/hid.")) {
      if (this.#nextMinor > 100) refuse("ENODEV", name);
      this.#nextMinor += 1;
      const hid = { protocol: "0\n", subclass: "0\n", report_length: "0\n", report_desc: "" };
      const more: Record<string, string> = hasNoOutEndpoint ? { no_out_endpoint: "0\n" } : {};
      return { ...hid, dev: `236:${this.#nextMinor}\n`, ...more };
    }
    const forced: Record<string, string> = hasForcedEject ? { "lun.0/forced_eject": "" } : {};
    const lun = { "lun.0/cdrom": "0\n", "lun.0/ro": "0\n", "lun.0/removable": "1\n" };
    return { stall: "1\n", "lun.0/file": "\n", ...lun, "lun.0/inquiry_string": "\n", ...forced };
  }

  rmdir(path: string): void {
    const name = this.#name(path);
    this.log.push(`rmdir ${name}`);
    const [, linked] = FUNCTION.exec(name) ?? [];
    if (linked !== undefined && this.#links().includes(linked)) refuse("EBUSY", path);
    rmSync(path, { recursive: true });
  }

  link(target: string, path: string): void {
    this.log.push(`link ${this.#name(path)}`);
    if (this.#text("UDC") !== "") refuse("EBUSY", path);
    nodeTreeFiles.link(target, path);
  }

  unlink(path: string): void {
    const name = this.#name(path);
    this.log.push(`unlink ${name}`);
    this.#stale.delete(name);
    nodeTreeFiles.unlink(path);
  }

  write(path: string, value: Uint8Array): void {
    const name = this.#name(path);
    if (!existsSync(path) || !statSync(path).isFile()) refuse("ENOENT", path);
    const text = decoder.decode(value).trim();
    this.log.push(`write ${name}${name.endsWith("report_desc") ? "" : ` ${text}`}`);
    const [, lunFile] = LUN_FILE.exec(name) ?? [];
    if (name === "UDC") this.#bind(text, path);
    else if (lunFile !== undefined) this.#writeLun(path, lunFile, text);
    else this.#store(path, name, value);
  }

  #store(path: string, name: string, value: Uint8Array): void {
    const owner = name.split("/")[1] ?? "";
    if (name.startsWith("functions/") && this.#links().includes(owner)) refuse("EBUSY", path);
    writeFileSync(path, value);
  }

  #writeLun(path: string, file: string, text: string): void {
    const medium = join(dirname(path), "file");
    const hasMedium = decoder.decode(this.read(medium)).trim() !== "";
    switch (file) {
      case "ro":
      case "cdrom":
        if (hasMedium) refuse("EBUSY", path);
        writeFileSync(path, `${text}\n`);
        return;
      case "forced_eject":
        this.isLocked = false;
        writeFileSync(medium, "\n");
        return;
      case "file":
        if (hasMedium && this.isLocked) refuse("EBUSY", path);
        writeFileSync(medium, text === "" ? "\n" : `${this.#opened(text)}\n`);
        return;
      default:
        writeFileSync(path, text);
    }
  }

  /** The kernel opens what it is told to and shows the name of what it has opened. */
  #opened(path: string): string {
    const place = path.startsWith("/proc/self/fd/") ? readlinkSync(path) : path;
    if (statSync(place).size === 0) refuse("EINVAL", path);
    return place;
  }

  #bind(udc: string, path: string): void {
    const bound = this.#text("UDC");
    if (udc === "") {
      if (bound === "") refuse("ENODEV", path);
      this.#stale = new Set(this.#links().map((name) => `configs/c.1/${name}`));
      writeFileSync(path, "\n");
      return;
    }
    if (bound !== "") refuse("EBUSY", path);
    if (this.#stale.size > 0) throw new Error("a function was bound again through its old link");
    if (this.#endpoints() > this.options.endpoints) refuse("ENODEV", path);
    writeFileSync(path, `${udc}\n`);
  }

  #endpoints(): number {
    return this.#links().reduce((sum, name) => {
      if (name.startsWith("mass_storage")) return sum + 2;
      return sum + (this.#text(`functions/${name}/no_out_endpoint`) === "1" ? 1 : 2);
    }, 0);
  }
}

/** A machine with one controller in `folder`. */
export function fakeKernel(folder: string, options: FakeKernelOptions = {}): FakeKernel {
  const paths = {
    gadget: join(folder, "usb_gadget/farhand"),
    udcClass: join(folder, "udc"),
    dev: join(folder, "dev"),
  };
  mkdirSync(dirname(paths.gadget), { recursive: true });
  mkdirSync(join(paths.udcClass, UDC), { recursive: true });
  mkdirSync(paths.dev);
  const state = join(paths.udcClass, UDC, "state");
  writeFileSync(state, "not attached\n");
  const files = new FakeConfigfs(paths.gadget, options);
  return {
    paths,
    files,
    log: files.log,
    get isLocked() {
      return files.isLocked;
    },
    set isLocked(value) {
      files.isLocked = value;
    },
    setUdcState: (text) => {
      writeFileSync(state, `${text}\n`);
    },
    ejectByComputer: () => {
      writeFileSync(join(paths.gadget, "functions/mass_storage.usb0/lun.0/file"), "\n");
    },
  };
}
