import { access, constants, readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { describeError, errnoOf } from "../../core/errors.ts";
import type { Inventory, ProcessUser, SocketAnswer } from "./port.ts";

/** Where `/etc` and `/proc` are looked for; another root in tests. */
export interface InventoryOptions {
  readonly root?: string;
}

async function may(path: string, mode: number): Promise<boolean> {
  try {
    await access(path, mode);
    return true;
  } catch {
    return false;
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    const text = await readFile(path, "utf8");
    return text.replaceAll("\0", "").trim();
  } catch {
    return undefined;
  }
}

/** Names by number, from a file in the form of /etc/group. */
function parseGroups(text: string): ReadonlyMap<number, string> {
  const rows = text.split("\n").map((line) => line.split(":"));
  return new Map(rows.map(([name = "", , id = ""]) => [Number(id), name]));
}

async function readUser(root: string): Promise<ProcessUser> {
  const { username: name, uid } = userInfo();
  const names = parseGroups((await textOf(`${root}/etc/group`)) ?? "");
  const ids = process.getgroups?.() ?? [];
  return { name, uid, groups: ids.map((id) => names.get(id) ?? String(id)).toSorted() };
}

async function canCreate(path: string): Promise<boolean> {
  if (await may(path, constants.F_OK)) return may(path, constants.W_OK);
  const parent = dirname(path);
  return parent === path ? false : canCreate(parent);
}

function answerOf(error: unknown): SocketAnswer {
  switch (errnoOf(error)) {
    case "ECONNREFUSED":
      return "silent";
    case "EACCES":
    case "EPERM":
      return "forbidden";
    default:
      return "absent";
  }
}

function askSocket(path: string): Promise<SocketAnswer> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve("listening");
    });
    socket.once("error", (error) => {
      resolve(answerOf(error));
    });
  });
}

// Native packages stay outside the bundle, so they are found beside it at run time.
const requireNative = createRequire(import.meta.url);

function addonFailure(name: string): string | undefined {
  try {
    requireNative(name);
    return undefined;
  } catch (error) {
    return describeError(error).split("\n")[0];
  }
}

/** `Inventory` of this machine. */
export function createLinuxInventory(options: InventoryOptions = {}): Inventory {
  const root = options.root ?? "";
  return {
    async names(folder) {
      try {
        const names = await readdir(root + folder);
        return names.toSorted();
      } catch {
        return [];
      }
    },
    text: (path) => textOf(root + path),
    async node(path) {
      const place = root + path;
      if (!(await may(place, constants.F_OK))) return undefined;
      const [readable, writable] = [
        await may(place, constants.R_OK),
        await may(place, constants.W_OK),
      ];
      return { path, readable, writable };
    },
    canCreate: (path) => canCreate(root + path),
    user: () => readUser(root),
    socket: (path) => askSocket(root + path),
    runtime: () => ({
      version: process.versions.node,
      program: process.execPath,
      script: process.argv[1] ?? "",
    }),
    addonFailure: (name) => Promise.resolve(addonFailure(name)),
  };
}
