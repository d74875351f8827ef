import { describe, expect, it } from "vitest";
import { parseArgs } from "../../src/cli/args.ts";
import { checkConfigCommand } from "../../src/cli/check-config.ts";
import { recordingOutput } from "../support/recording-output.ts";

async function check(argv: readonly string[], yaml?: string) {
  const output = recordingOutput();
  const status = await checkConfigCommand(parseArgs(["check-config", ...argv]), output, {
    env: { HOME: "/home/joe" },
    readFile: () => Promise.resolve(yaml),
    recognizeBoard: () => Promise.resolve("rpi4"),
  });
  return { status, out: output.out.join("\n"), err: output.err.join("\n") };
}

describe("farhand check-config", () => {
  it("says that a configuration is valid and where it comes from", async () => {
    const { status, out, err } = await check([], "http: {port: 80}\n");
    expect(status).toBe(0);
    expect(err).toBe("The configuration is valid (/etc/farhand/farhand.yaml).");
    expect(out).toBe("");
  });

  it("lists every problem and ends with 78", async () => {
    const { status, err } = await check(["--http.port=x"], "htpp: {}\nroles: []\n");
    expect(status).toBe(78);
    expect(err.split("\n")).toEqual([
      "The configuration has 3 problems:",
      "  /etc/farhand/farhand.yaml:1: htpp is not a known key; did you mean http? (now {})",
      "  /etc/farhand/farhand.yaml:2: roles must be a list that is not empty (now [])",
      '  --http.port: http.port must be a whole number from 0 to 65535 (now "x")',
    ]);
  });

  it("explains every effective value, with those of the board and without secrets", async () => {
    const yaml = "auth: {initialPassword: hunter22}\n";
    const { out } = await check(["--explain", "--http.port=80"], yaml);
    expect(out).toContain("flag         http.port: 80");
    expect(out).toContain('default      log.level: "info"');
    expect(out).toContain("file         auth.initialPassword: (hidden)");
    expect(out).toContain('board        device.atx.powerLed: {"chip":"pinctrl-bcm2711","line":24}');
    expect(out).not.toContain("hunter22");
  });

  it("explains the simulated board for the simulated platform", async () => {
    const { out } = await check(["--explain", "--platform=sim"]);
    expect(out).toContain('board        device.hid.backend: "ch9329"');
  });
});
