import {
  chmodSync,
  chownSync,
  lstatSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { StorageError } from "../../../src/core/errors.ts";
import { createFileStore } from "../../../src/platform/files/node-files.ts";
import { storageError } from "../../../src/platform/files/storage-error.ts";
import { fileStoreContract } from "../../contract/files.ts";
import { tempDir } from "../../support/temp-dir.ts";

fileStoreContract("createFileStore", () => ({ files: createFileStore(), folder: tempDir() }));

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe("createFileStore", () => {
  it("creates files for their owner only and folders with 0700", async () => {
    const folder = tempDir();
    await createFileStore().writeAtomic(`${folder}/new/f`, "secret");
    expect(modeOf(`${folder}/new/f`)).toBe("600");
    expect(modeOf(`${folder}/new`)).toBe("700");
  });

  it("lists the files below a folder without links, hidden ones and what they lead to", async () => {
    const folder = tempDir();
    const files = createFileStore();
    for (const name of ["b", "a/x", "a/b/y", ".hidden/z", ".dot"]) {
      await files.writeAtomic(`${folder}/${name}`, "");
    }
    symlinkSync("/etc", `${folder}/away`);
    symlinkSync("/etc/hosts", `${folder}/hosts`);
    expect(await files.listTree(folder, 10)).toEqual(["a/b/y", "a/x", "b"]);
    expect(await files.listTree(`${folder}/missing`, 10)).toEqual([]);
    await expect(files.listTree(folder, 2)).rejects.toThrow(StorageError);
  });

  it("removes an empty folder, and none that holds something", async () => {
    const folder = tempDir();
    const files = createFileStore();
    await files.writeAtomic(`${folder}/new/f`, "");
    await files.removeFolder(`${folder}/new`);
    expect(readdirSync(folder)).toEqual(["new"]);
    await files.remove(`${folder}/new/f`);
    await files.removeFolder(`${folder}/new`);
    await files.removeFolder(`${folder}/new`);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("keeps the mode of a file that it replaces unless told otherwise", async () => {
    const path = `${tempDir()}/f`;
    writeFileSync(path, "old");
    chmodSync(path, 0o666);
    const files = createFileStore();
    await files.writeAtomic(path, "new");
    expect(modeOf(path)).toBe("666");
    await files.writeAtomic(path, "newer", { mode: 0o640 });
    expect(modeOf(path)).toBe("640");
  });

  it("lets a file keep its owner, and gives a new one that of its folder, when root writes", async () => {
    const store = createFileStore();
    const folder = tempDir();
    const path = `${folder}/htpasswd`;
    await store.writeAtomic(path, "old");
    // Others than root cannot give files away; there it stays the same account.
    const owner = process.getuid?.() === 0 ? 12_345 : (process.getuid?.() ?? 0);
    for (const place of [folder, path]) chownSync(place, owner, process.getgid?.() ?? 0);
    await store.writeAtomic(path, "new");
    await store.writeAtomic(`${folder}/htpasswd.roles`, "admin:admin");
    expect(statSync(path).uid).toBe(owner);
    expect(statSync(`${folder}/htpasswd.roles`).uid).toBe(owner);
  });

  it("replaces the target of a symbolic link and not the link", async () => {
    const folder = tempDir();
    writeFileSync(`${folder}/real`, "old");
    symlinkSync("real", `${folder}/link`);
    await createFileStore().writeAtomic(`${folder}/link`, "new");
    expect(lstatSync(`${folder}/link`).isSymbolicLink()).toBe(true);
    expect(await createFileStore().read(`${folder}/real`)).toBe("new");
  });

  it("leaves no temporary file behind after a failed write", async () => {
    const folder = tempDir();
    const files = createFileStore();
    // A folder cannot be replaced by a file, which fails as late as the rename.
    await files.writeAtomic(`${folder}/sub/inner`, "x");
    await expect(files.writeAtomic(`${folder}/sub`, "y")).rejects.toThrow("it is a folder");
    expect(readdirSync(folder)).toEqual(["sub"]);
    expect(await files.read(`${folder}/sub/inner`)).toBe("x");
  });

  it("goes on writing to a path after a write to it failed", async () => {
    const path = `${tempDir()}/f`;
    const files = createFileStore();
    const failing = files.writeAtomic(`${path}\0`, "x");
    await expect(failing).rejects.toBeInstanceOf(StorageError);
    await files.writeAtomic(path, "x");
    expect(await files.read(path)).toBe("x");
  });

  it("does not wait for pipes, sockets and devices", async () => {
    const folder = tempDir();
    execFileSync("mkfifo", [`${folder}/pipe`]);
    const server = createServer().listen(`${folder}/socket`);
    await once(server, "listening");
    onTestFinished(() => {
      server.close();
    });
    symlinkSync("/dev/zero", `${folder}/device`);
    const files = createFileStore();
    for (const name of ["pipe", "socket", "device"]) {
      await expect(files.read(`${folder}/${name}`)).rejects.toThrow(StorageError);
    }
    await expect(files.read(`${folder}/pipe`)).rejects.toThrow("it is no regular file");
  });

  it("knows which paths stay below a folder", async () => {
    const folder = tempDir();
    const files = createFileStore();
    await files.writeAtomic(`${folder}/web/a`, "");
    await files.writeAtomic(`${folder}/web2/a`, "");
    symlinkSync("a", `${folder}/web/link`);
    symlinkSync("../web2/a", `${folder}/web/away`);
    const within = (path: string): Promise<boolean> => files.staysWithin(`${folder}/web`, path);
    expect(await Promise.all(["a", "link"].map(within))).toEqual([true, true]);
    const others = ["away", "../web2/a", "missing", "", "..", "a\0"];
    expect(await Promise.all(others.map(within))).toEqual(others.map(() => false));
  });

  it("rejects with StorageError when a folder is read as a file", async () => {
    const folder = tempDir();
    await expect(createFileStore().read(folder)).rejects.toThrow("it is a folder");
  });
});

describe("storageError", () => {
  const withErrno = (code: string): Error => Object.assign(new Error("raw"), { code });

  it.each([
    ["ENOSPC", "Cannot write /etc/f: the disk is full"],
    ["EROFS", "Cannot write /etc/f: the file system is read-only"],
    ["EACCES", "Cannot write /etc/f: permission denied"],
    ["EXOTIC", "Cannot write /etc/f: raw"],
  ])("names the reason of %s", (code, text) => {
    const cause = withErrno(code);
    const error = storageError("write", "/etc/f", cause);
    expect(error).toBeInstanceOf(StorageError);
    expect(error.message).toBe(text);
    expect(error.cause).toBe(cause);
  });
});
