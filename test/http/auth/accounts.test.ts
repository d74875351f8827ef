import { describe, expect, it } from "vitest";
import { StorageError, ValidationError } from "../../../src/core/errors.ts";
import { createAccounts } from "../../../src/http/auth/accounts.ts";
import { AccountExistsError, AccountNotFoundError } from "../../../src/http/auth/errors.ts";
import { verifyPassword } from "../../../src/http/auth/passwords.ts";
import {
  AUTH_CONFIG,
  FIRST_PASSWORD,
  HTPASSWD,
  ROLES,
  htpasswdOf,
  markOf,
} from "../../support/auth-fixture.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { memoryFiles } from "../../support/memory-files.ts";
import { recordingLogger } from "../../support/recording-logger.ts";

function setUp(
  initial: Readonly<Record<string, string>> = {},
  more: Partial<typeof AUTH_CONFIG> = {},
) {
  const files = memoryFiles(initial);
  const clock = fakeClock();
  const log = recordingLogger();
  const config = { ...AUTH_CONFIG, ...more };
  const accounts = createAccounts({ config, dataDir: "/data", files, clock, log });
  const changes: string[] = [];
  accounts.onChange((users) => {
    changes.push(...users);
  });
  return { files, clock, log, accounts, changes };
}

const entryOf = (text: string | undefined, user: string): string =>
  text?.split("\n").find((line) => line.startsWith(`${user}:`)) ?? "";

describe("first start", () => {
  it("makes the owner with a random password, stored as a scrypt hash for its owner only", async () => {
    const { accounts, files } = setUp();
    const owner = await accounts.ensureOwner();
    expect(owner).toMatchObject({ user: "admin", generated: true, isStored: true });
    expect(owner?.password).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
    const hash = entryOf(files.content(HTPASSWD), "admin").slice("admin:".length);
    expect(hash).toMatch(/^\$scrypt\$/);
    expect(await verifyPassword(owner?.password ?? "", hash)).toBe(true);
    expect(files.mode(HTPASSWD)).toBe(0o600);
  });

  it("makes another password on every machine", async () => {
    const [one, two] = await Promise.all([setUp(), setUp()].map((s) => s.accounts.ensureOwner()));
    expect(one?.password).not.toBe(two?.password);
  });

  it("does nothing when there is an account, even one that cannot sign in", async () => {
    expect(await setUp({ [HTPASSWD]: "bob:plain\n" }).accounts.ensureOwner()).toBeUndefined();
  });

  it("takes name and password from the configuration, and makes the owner an admin in any case", async () => {
    const { accounts } = setUp(
      {},
      { initialUser: "root", initialPassword: "s3cret", defaultRole: "viewer" },
    );
    const owner = await accounts.ensureOwner();
    expect(owner).toMatchObject({ user: "root", password: "s3cret", generated: false });
    expect(accounts.find("root")?.role).toBe("admin");
    expect(await accounts.ensureOwner()).toBeUndefined();
  });

  it("rejects a configured name or password that could not sign in", async () => {
    await expect(setUp({}, { initialUser: "Admin" }).accounts.ensureOwner()).rejects.toThrow(
      ValidationError,
    );
    await expect(
      setUp({}, { initialPassword: "p\u00E4ss" }).accounts.ensureOwner(),
    ).rejects.toThrow(ValidationError);
  });

  it("keeps the owner in memory where nothing can be written, and says so", async () => {
    const { accounts, files, log } = setUp();
    files.writeError = "Cannot write: the file system is read-only";
    const owner = await accounts.ensureOwner();
    expect(owner).toMatchObject({ isStored: false });
    expect(await verifyPassword(owner?.password ?? "", accounts.find("admin")?.hash ?? "")).toBe(
      true,
    );
    expect(log.records.filter(({ level }) => level === "warn")).toHaveLength(1);
    await expect(accounts.set("admin", "new")).rejects.toThrow("in memory only");
    files.edit(HTPASSWD, htpasswdOf({ bob: "b" }));
    await accounts.refresh();
    expect([accounts.find("admin"), accounts.find("bob")?.user]).toEqual([undefined, "bob"]);
  });

  it("is not taken for one when the password file cannot be read", async () => {
    const { accounts, files } = setUp({ [HTPASSWD]: "bob:x\n" });
    files.readError = "Cannot read: permission denied";
    await expect(accounts.ensureOwner()).rejects.toThrow(StorageError);
  });
});

describe("changes", () => {
  it("adds, changes and deletes, and tells whose sessions that concerns", async () => {
    const { accounts, changes } = setUp();
    await accounts.add("bob", " one ");
    expect(await accounts.list()).toEqual([{ user: "bob", role: "admin", isUsable: true }]);
    expect(changes).toEqual([]);
    await accounts.set("bob", "two");
    expect(changes).toEqual(["bob"]);
    expect(await verifyPassword("two", accounts.find("bob")?.hash ?? "")).toBe(true);
    await accounts.setRole("bob", "viewer");
    expect(accounts.find("bob")?.role).toBe("viewer");
    await accounts.del("bob");
    expect(changes).toEqual(["bob", "bob", "bob"]);
    expect(await accounts.list()).toEqual([]);
  });

  it("does not give an old role to a new account of the same name", async () => {
    const { accounts, files } = setUp({ [ROLES]: "bob:admin\n" }, { defaultRole: "viewer" });
    await accounts.add("bob", "one");
    expect(accounts.find("bob")?.role).toBe("viewer");
    expect(files.content(ROLES)).toBe("");
  });

  it("stores a role that is asked for", async () => {
    const { accounts, files } = setUp();
    await accounts.add("bob", "one", "operator");
    expect(files.content(ROLES)).toBe("bob:operator\n");
    expect(accounts.find("bob")?.role).toBe("operator");
  });

  it("rejects names that are taken, unknown or malformed", async () => {
    const { accounts } = setUp({ [HTPASSWD]: htpasswdOf({ bob: "b" }) });
    await expect(accounts.add("bob", "x")).rejects.toThrow(AccountExistsError);
    await expect(accounts.set("eve", "x")).rejects.toThrow(AccountNotFoundError);
    await expect(accounts.setRole("eve", "admin")).rejects.toThrow(AccountNotFoundError);
    await expect(accounts.del("eve")).rejects.toThrow(AccountNotFoundError);
    await expect(accounts.add("a:b", "x")).rejects.toThrow(ValidationError);
    await expect(accounts.add("eve", "line\nfeed")).rejects.toThrow(ValidationError);
  });

  it("made at the same time all arrive", async () => {
    const { accounts } = setUp();
    await Promise.all(["a", "b", "c"].map((user) => accounts.add(user, "x")));
    const all = await accounts.list();
    expect(all.map(({ user }) => user).sort()).toEqual(["a", "b", "c"]);
  });

  it("keep the comments of the file", async () => {
    const { accounts, files } = setUp({ [HTPASSWD]: "# who is who\nbob:x\n" });
    await accounts.del("bob");
    expect(files.content(HTPASSWD)).toBe("# who is who\n");
  });

  it("fail on a full disk without changing anything", async () => {
    const { accounts, files, changes } = setUp({ [HTPASSWD]: htpasswdOf({ bob: "b" }) });
    await accounts.refresh();
    const before = accounts.find("bob");
    files.writeError = "Cannot write: the disk is full";
    await expect(accounts.set("bob", "x")).rejects.toThrow("the disk is full");
    expect(accounts.find("bob")).toEqual(before);
    expect(changes).toEqual([]);
    files.writeError = undefined;
    await accounts.set("bob", "x");
    expect(changes).toEqual(["bob"]);
  });
});

describe("files edited by hand", () => {
  it("are noticed by looking, at most ten times a second", async () => {
    const { accounts, files, clock } = setUp({ [HTPASSWD]: htpasswdOf({ bob: "b" }) });
    await accounts.refresh();
    expect(accounts.isStale()).toBe(false);
    files.edit(HTPASSWD, htpasswdOf({ eve: "e" }));
    expect(accounts.isStale()).toBe(false);
    await clock.advance(100);
    expect(accounts.isStale()).toBe(true);
    await accounts.refresh();
    expect(accounts.isStale()).toBe(false);
    expect(accounts.find("eve")).toBeDefined();
  });

  it("are noticed by watching, for the sake of open sockets", async () => {
    const { accounts, files, changes, clock } = setUp({
      [HTPASSWD]: htpasswdOf({ a: "1", b: "2" }),
    });
    await accounts.refresh();
    const stop = accounts.watch();
    files.edit(HTPASSWD, htpasswdOf({ a: "changed", b: "2" }));
    await clock.advance(0);
    expect(changes).toEqual(["a"]);
    files.edit(ROLES, "b:viewer\n");
    await clock.advance(0);
    expect(changes).toEqual(["a", "b"]);
    stop();
    expect(files.watchers).toBe(0);
  });

  it("leave the accounts as they were when they cannot be read, said once", async () => {
    const { accounts, files, log, clock } = setUp({ [HTPASSWD]: htpasswdOf({ bob: "b" }) });
    await accounts.refresh();
    files.edit(HTPASSWD, "");
    files.readError = "Cannot read: input/output error";
    await accounts.refresh();
    await accounts.refresh();
    expect(accounts.find("bob")).toBeDefined();
    expect(log.records.filter(({ level }) => level === "error")).toHaveLength(1);
    expect(accounts.isStale()).toBe(false);
    await clock.advance(1000);
    expect(accounts.isStale()).toBe(true);
    files.readError = undefined;
    await accounts.refresh();
    expect(accounts.find("bob")).toBeUndefined();
  });

  it("with a misspelled role make a viewer, and with an unknown hash nobody", async () => {
    const { accounts, log } = setUp({
      [HTPASSWD]: `${htpasswdOf({ bob: "b" })}eve:plain text\n`,
      [ROLES]: "bob:amdin\n",
    });
    expect(await accounts.list()).toEqual([
      { user: "bob", role: "viewer", isUsable: true },
      { user: "eve", role: "admin", isUsable: false },
    ]);
    expect(log.records.map(({ fields }) => fields["user"])).toEqual(["bob", "eve"]);
    expect(JSON.stringify(log.records)).not.toContain("plain text");
  });

  it("hold an account back while its first password has to be changed, and only that one", async () => {
    const { accounts, files, changes } = setUp({
      [HTPASSWD]: htpasswdOf({ bob: "b", eve: "e" }),
      [FIRST_PASSWORD]: markOf("bob", "b"),
    });
    await accounts.refresh();
    expect(accounts.hasFirstPassword).toBe(true);
    expect(accounts.find("bob")).toMatchObject({ role: "viewer", grantedRole: "admin" });
    expect(accounts.find("eve")).toMatchObject({ role: "admin", firstPassword: undefined });
    await accounts.set("bob", "another");
    expect(accounts.find("bob")).toMatchObject({ role: "admin", firstPassword: undefined });
    expect(accounts.hasFirstPassword).toBe(false);
    files.edit(FIRST_PASSWORD, markOf("eve", "e").replace(" change", ""));
    await accounts.refresh();
    expect(accounts.find("eve")).toMatchObject({ role: "admin", firstPassword: "remind" });
    expect(changes).toEqual(["bob"]);
  });

  it.each(["", "bob", "bob 12 change", "eve\n", "\0".repeat(64)])(
    "hold nobody back for a mark like %j",
    async (mark) => {
      const files = { [HTPASSWD]: htpasswdOf({ bob: "b" }), [FIRST_PASSWORD]: mark };
      const { accounts } = setUp(files);
      await accounts.refresh();
      expect(accounts.find("bob")).toMatchObject({ role: "admin", firstPassword: undefined });
    },
  );

  it("that vanish take all accounts with them", async () => {
    const { accounts, files, changes } = setUp({ [HTPASSWD]: htpasswdOf({ bob: "b" }) });
    await accounts.refresh();
    files.edit(HTPASSWD, undefined);
    await accounts.refresh();
    expect(changes).toEqual(["bob"]);
    expect(accounts.hashes()).toEqual([]);
  });
});
