import { describe, expect, it } from "vitest";
import { parseArgs, UsageError } from "../../src/cli/args.ts";

describe("parseArgs", () => {
  it("serves when no command is given", () => {
    expect(parseArgs([])).toEqual({
      command: "serve",
      words: [],
      switches: new Set(),
      configFile: undefined,
      settings: {},
    });
  });

  it.each([
    [["serve", "--config", "/x.yaml"]],
    [["--config=/x.yaml", "serve"]],
    [["--config", "/x.yaml"]],
  ])("takes the file from %j", (argv) => {
    expect(parseArgs(argv)).toMatchObject({
      command: "serve",
      configFile: "/x.yaml",
      settings: {},
    });
  });

  it("takes every other option for a key of the configuration", () => {
    const { settings } = parseArgs(["--platform=sim", "--http.port", "0", "--dataDir="]);
    expect(settings).toEqual({ platform: "sim", "http.port": "0", dataDir: "" });
  });

  it("knows switches, also by their letter", () => {
    const { command, switches } = parseArgs(["check-config", "--explain", "-h"]);
    expect(command).toBe("check-config");
    expect([...switches]).toEqual(["explain", "help"]);
  });

  it.each([["passwd"], ["pair"]])("knows who asks for help about %s", (command) => {
    const { words, switches } = parseArgs([command, "add", "--help"]);
    expect(words).toEqual(["add"]);
    expect([...switches]).toEqual(["help"]);
  });

  it.each([["passwd"], ["totp"]])("leaves the options of %s to it", (command) => {
    const argv = [
      "--dataDir",
      "/d",
      command,
      "add",
      "joe",
      "--role",
      "viewer",
      "--config=/c",
      "-x",
    ];
    expect(parseArgs(argv)).toMatchObject({
      command,
      words: ["add", "joe", "--role", "viewer", "-x"],
      configFile: "/c",
      settings: { dataDir: "/d" },
    });
  });

  it("takes everything after a lone -- for words", () => {
    expect(parseArgs(["backup", "--", "--json"]).words).toEqual(["--json"]);
    expect(parseArgs(["passwd", "add", "--", "-x"]).words).toEqual(["add", "--", "-x"]);
  });

  it.each([
    [
      ["check-config", "/etc/farhand/farhand.yaml"],
      "check-config takes no '/etc/farhand/farhand.yaml'",
    ],
    [["serve", "now"], "serve takes no 'now'"],
    [["--json"], "serve takes no '--json'"],
    [["doctor", "--explain"], "doctor takes no '--explain'"],
    [["routes", "--", "--json"], "routes takes no '--json'"],
    [["--config=", "check-config"], "--config needs the path of a file"],
  ])("says what it does not understand in %j", (argv, reason) => {
    expect(() => parseArgs(argv)).toThrow(reason);
  });

  it.each([
    [["--explian"]],
    [["--http.port", "--explain"]],
    [["--json=1"]],
    [["-x"]],
    [["serve", "--config"]],
  ])("refuses %j", (argv) => {
    expect(() => parseArgs(argv)).toThrow(UsageError);
  });
});
