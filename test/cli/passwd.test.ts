import { describe, expect, it } from "vitest";
import { passwdCommand } from "../../src/cli/passwd.ts";
import { CancelledError } from "../../src/core/errors.ts";
import { verifyPassword } from "../../src/http/auth/passwords.ts";
import { HTPASSWD, ROLES, htpasswdOf } from "../support/auth-fixture.ts";
import { cliFixture } from "../support/cli-fixture.ts";
import type { CliInput } from "../support/cli-fixture.ts";
import type { MemoryFiles } from "../support/memory-files.ts";

const TWO_USERS = { [HTPASSWD]: htpasswdOf({ bob: "old", eve: "e" }), [ROLES]: "eve:viewer\n" };

async function passwd(line: string, input: CliInput = {}) {
  const fixture = cliFixture({ files: TWO_USERS, ...input });
  const code = await passwdCommand(line.split(" "), fixture.io);
  return { ...fixture, code };
}

function isPasswordOf(files: MemoryFiles, user: string, password: string): Promise<boolean> {
  const line = files
    .content(HTPASSWD)
    ?.split("\n")
    .find((entry) => entry.startsWith(`${user}:`));
  return verifyPassword(password, line?.slice(user.length + 1) ?? "");
}

const PASSWORD_RULE = "A password has at most 512 characters, all of them ASCII, in one line";
const NAME_RULE = "small letters, digits and @ . _ - with a letter or _ at its beginning";

describe("farhand passwd", () => {
  it("lists users, roles and entries that cannot sign in", async () => {
    const files = { ...TWO_USERS, [HTPASSWD]: `${TWO_USERS[HTPASSWD]}zoe:plain\n` };
    const { code, out } = await passwd("list", { files });
    expect(code).toBe(0);
    expect(out).toEqual([
      "bob\tadmin",
      "eve\tviewer",
      "zoe\tadmin\tcannot sign in: unknown password format",
    ]);
  });

  it("adds a user with a password that is typed twice and never shown", async () => {
    const { code, files, out, prompts } = await passwd("add zoe", { secrets: [" s p ", " s p "] });
    expect(code).toBe(0);
    expect(prompts).toEqual(["New password for 'zoe': ", "Once more: "]);
    expect(await isPasswordOf(files, "zoe", " s p ")).toBe(true);
    expect(out.join()).not.toContain("s p");
  });

  it("adds a user with a role and a password from standard input, one line feed cut off", async () => {
    const { code, files } = await passwd("add zoe --role operator --read-stdin", {
      stdin: " secret \n",
    });
    expect(code).toBe(0);
    expect(await isPasswordOf(files, "zoe", " secret ")).toBe(true);
    expect(files.content(ROLES)).toBe("eve:viewer\nzoe:operator\n");
  });

  it("changes password and role of a user", async () => {
    const { code, files } = await passwd("set bob --read-stdin --role viewer", { stdin: "new" });
    expect(code).toBe(0);
    expect(await isPasswordOf(files, "bob", "new")).toBe(true);
    expect(files.content(ROLES)).toContain("bob:viewer\n");
  });

  it("changes a role alone, and deletes", async () => {
    expect((await passwd("role eve admin")).files.content(ROLES)).toBe("eve:admin\n");
    const { files } = await passwd("del eve");
    expect(files.content(HTPASSWD)).toBe(htpasswdOf({ bob: "old" }));
    expect(files.content(ROLES)).toBe("");
  });

  it.each([
    ["set zoe", {}, "The user 'zoe' does not exist"],
    ["add bob", {}, "The user 'bob' already exists"],
    ["del zoe", {}, "The user 'zoe' does not exist"],
    ["role zoe admin", {}, "The user 'zoe' does not exist"],
    ["set bob", { secrets: ["one", "two"] }, "Sorry, passwords do not match"],
    ["set bob", { secrets: [""] }, "The password is empty"],
    ["set bob --read-stdin", { stdin: "\n" }, "The password is empty"],
    ["set bob --read-stdin", { stdin: "a\nb\n" }, PASSWORD_RULE],
    ["set bob --read-stdin", { stdin: "p\u00E4ss" }, PASSWORD_RULE],
    ["set bob", { secrets: ["p\u00E4ss"] }, PASSWORD_RULE],
    ["add Bob", {}, `'Bob' is no user name: ${NAME_RULE}`],
    ["role eve boss", {}, "'boss' is no role, choose one of viewer, operator, admin"],
    ["add zoe --role boss", {}, "'boss' is no role, choose one of viewer, operator, admin"],
  ])("fails for: %s %j", async (line, input, message) => {
    const { code, err, files } = await passwd(line, input);
    expect([code, err]).toEqual([1, [message]]);
    expect(files.content(HTPASSWD)).toBe(TWO_USERS[HTPASSWD]);
  });

  it.each([
    "",
    "help",
    "add",
    "add zoe secret",
    "list bob",
    "set bob --password x",
    "role eve",
    "del eve --role admin",
    "list --read-stdin",
  ])("shows how to use it for: %s", async (line) => {
    const { code, err } = await passwd(line);
    expect(code).toBe(64);
    expect(err.join("\n")).toContain("Usage: farhand passwd list");
  });

  it("says what is wrong with the disk", async () => {
    const fixture = cliFixture({ files: TWO_USERS, stdin: "new" });
    fixture.files.writeError = "Cannot write /data/htpasswd: the disk is full";
    expect(await passwdCommand(["set", "bob", "--read-stdin"], fixture.io)).toBe(1);
    expect(fixture.err).toEqual(["Cannot write /data/htpasswd: the disk is full"]);
  });

  it("ends quietly on Ctrl-C", async () => {
    const { io, err } = cliFixture({ files: TWO_USERS });
    const readSecret = () => Promise.reject(new CancelledError());
    expect(await passwdCommand(["set", "bob"], { ...io, readSecret })).toBe(1);
    expect(err).toEqual([]);
  });
});
