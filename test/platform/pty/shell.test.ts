import { describe, expect, it } from "vitest";
import { shellProgram } from "../../../src/platform/pty/shell.ts";
import { createNodePtyHost } from "../../../src/platform/pty/node-pty.ts";

const ME = { uid: 1000, name: "farhand", home: "/", shell: "/bin/sh" };
const ROOT = { ...ME, uid: 0, name: "root" };

describe("shellProgram", () => {
  it("starts the login shell of the daemon's own account", () => {
    expect(shellProgram({ user: "", command: [] }, ME, {})).toMatchObject({
      command: "/bin/sh",
      args: ["-l"],
      cwd: "/",
    });
  });

  it("starts a real shell for a service account that has none", () => {
    const { command } = shellProgram(
      { user: "farhand", command: [] },
      { ...ME, shell: "/usr/sbin/nologin" },
      {},
    );
    expect(command).toMatch(/^\/bin\/(?:ba)?sh$/);
  });

  it("passes nothing of the daemon's environment on but the language", () => {
    const inherited = { LANG: "zh_CN.UTF-8", FARHAND__AUTH__INITIAL_PASSWORD: "secret" };
    const { env } = shellProgram({ user: "", command: ["top"] }, ME, inherited);
    expect(Object.keys(env).sort()).toEqual(["HOME", "LANG", "LOGNAME", "PATH", "SHELL", "USER"]);
    expect(env["LANG"]).toBe("zh_CN.UTF-8");
  });

  it("becomes another user through runuser when it is root", () => {
    const login = shellProgram({ user: "pi", command: [] }, ROOT, {});
    const program = shellProgram({ user: "pi", command: ["top", "-d", "1"] }, ROOT, {});
    expect([
      [login.command, ...login.args],
      [program.command, ...program.args],
    ]).toEqual([
      ["runuser", "-l", "pi"],
      ["runuser", "-u", "pi", "--", "top", "-d", "1"],
    ]);
  });

  it("says who could, when it may not become the user", () => {
    expect(() => shellProgram({ user: "pi", command: [] }, ME, {})).toThrow(
      /only root may change that/,
    );
  });

  it("really starts a shell on a terminal", async () => {
    const host = createNodePtyHost({ SECRET: "of the daemon" });
    const session = await host.openShell({
      user: "",
      command: ["/bin/sh", "-c", 'echo "[$SECRET][$TERM]"; stty size'],
      cols: 91,
      rows: 31,
    });
    let text = "";
    session.onData((bytes) => {
      text += Buffer.from(bytes).toString();
    });
    await new Promise((resolve) => {
      session.onExit(resolve);
    });
    expect(text).toBe("[][xterm-256color]\r\n31 91\r\n");
  });
});
