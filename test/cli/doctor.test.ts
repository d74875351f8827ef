import { describe, expect, it } from "vitest";
import { parseArgs } from "../../src/cli/args.ts";
import type { DoctorContext, DoctorFinding } from "../../src/cli/doctor/finding.ts";
import { doctorCommand, examine } from "../../src/cli/doctor.ts";
import { loadConfig } from "../../src/config/load.ts";
import { resolveBoard } from "../../src/config/resolve-board.ts";
import type { Config } from "../../src/config/schema.ts";
import { silentLogger } from "../../src/core/log.ts";
import { createFileStore } from "../../src/platform/files/node-files.ts";
import { createNoGpioBank } from "../../src/platform/gpio/none.ts";
import type { DeviceNode, Inventory, SocketAnswer } from "../../src/platform/inventory/port.ts";
import { createMemoryJournal } from "../../src/platform/journal/memory.ts";
import type { Platform } from "../../src/platform/platform.ts";
import { PortOpenError } from "../../src/platform/serial/port.ts";
import { createSimPlatform } from "../../src/platform/sim.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { recordingOutput } from "../support/recording-output.ts";
import { scriptedRunner, succeed } from "../support/scripted-runner.ts";

interface Machine {
  readonly board?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly folders?: Readonly<Record<string, readonly string[]>>;
  readonly texts?: Readonly<Record<string, string>>;
  readonly nodes?: readonly DeviceNode[];
  readonly groups?: readonly string[];
  readonly uid?: number;
  readonly brokenAddons?: readonly string[];
  readonly isWritable?: boolean;
  readonly helper?: SocketAnswer;
  readonly node?: string;
  readonly script?: string;
  readonly programs?: Parameters<typeof scriptedRunner>[0];
  readonly probe?: DoctorContext["probe"];
  readonly change?: (platform: Platform) => Partial<Platform>;
}

async function configFor(machine: Machine): Promise<Config> {
  const env = { HOME: "/h", ...machine.env };
  const result = await loadConfig({ env, readFile: () => Promise.resolve(undefined) });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return resolveBoard(result.loaded, machine.board ?? "sim").config;
}

async function platformFor(machine: Machine): Promise<Platform> {
  const clock = fakeClock();
  const platform = await createSimPlatform({
    clock,
    log: silentLogger,
    files: createFileStore(),
    journal: createMemoryJournal({ clock }),
    datagrams: { send: () => Promise.resolve() },
    service: {
      ready: () => undefined,
      stopping: () => undefined,
      status: () => undefined,
      watchdogMs: undefined,
      alive: () => undefined,
    },
    process: scriptedRunner(machine.programs),
  });
  return { ...platform, ...machine.change?.(platform) };
}

function inventoryOf(machine: Machine): Inventory {
  return {
    names: (folder) => Promise.resolve(machine.folders?.[folder] ?? []),
    text: (path) => Promise.resolve(machine.texts?.[path]),
    node: (path) => Promise.resolve(machine.nodes?.find((node) => node.path === path)),
    canCreate: () => Promise.resolve(machine.isWritable ?? true),
    user: () =>
      Promise.resolve({ name: "kvm", uid: machine.uid ?? 1000, groups: machine.groups ?? [] }),
    socket: () => Promise.resolve(machine.helper ?? "absent"),
    runtime: () => ({
      version: machine.node ?? "20.19.2",
      program: "/usr/bin/node",
      script: machine.script ?? "/usr/lib/farhand/dist/main.js",
    }),
    addonFailure: (name) =>
      Promise.resolve(machine.brokenAddons?.includes(name) ? "no such module" : undefined),
  };
}

async function contextOf(machine: Machine): Promise<DoctorContext> {
  return {
    config: await configFor(machine),
    platform: await platformFor(machine),
    inventory: inventoryOf(machine),
    probe: machine.probe ?? ((path) => Promise.resolve(`CH9329 V1.8 at 9600 baud on ${path}`)),
  };
}

async function findings(machine: Machine, check: string): Promise<readonly DoctorFinding[]> {
  const all = await examine(await contextOf(machine));
  return all.filter((finding) => finding.check === check);
}

/** The same platform on a real board. */
const real = (preset: string, model: string | null) => (platform: Platform) => ({
  kind: "linux" as const,
  host: {
    kernel: () => platform.host.kernel(),
    hostName: () => "box",
    addresses: () => [],
    uptimeSeconds: () => 1,
    health: () => platform.host.health(),
    inventory: () => platform.host.inventory(),
    identity: () => Promise.resolve({ preset, model, serial: "1", compatible: [] }),
  },
});

describe("farhand doctor", () => {
  it("says that the board is simulated and how to use a real one", async () => {
    const [finding] = await findings({}, "board");
    expect(finding).toMatchObject({ level: "warn" });
    expect(finding?.message).toMatch(/^Simulated board: /);
    expect(finding?.cure).toContain("platform");
  });

  it("names a known board with its preset", async () => {
    const change = real("rpi4", "Raspberry Pi 4 Model B Rev 1.4");
    expect(await findings({ board: "rpi4", change }, "board")).toEqual([
      {
        check: "board",
        level: "ok",
        message:
          "Raspberry Pi 4 Model B Rev 1.4; preset rpi4 (Raspberry Pi 4, 400 or Compute Module 4)",
      },
    ]);
  });

  it("says what a board without a preset lacks", async () => {
    const found = await findings({ board: "generic", change: real("generic", null) }, "board");
    expect(found).toMatchObject([{ level: "warn" }]);
  });

  it("tells the chip that answers on each serial port", async () => {
    expect(await findings({}, "serial")).toMatchObject([
      { level: "ok", message: "CH9329 V1.8 at 9600 baud on /dev/ttySIM0" },
    ]);
  });

  it("warns of a serial port on which nobody answers", async () => {
    const found = await findings({ probe: () => Promise.resolve(undefined) }, "serial");
    expect(found).toMatchObject([{ level: "warn" }]);
  });

  it("reports a serial port that cannot be opened, with the reason", async () => {
    const probe = () => Promise.reject(new PortOpenError("permission denied"));
    const found = await findings({ probe }, "serial");
    expect(found).toMatchObject([{ level: "missing", message: "/dev/ttySIM0: permission denied" }]);
  });

  it("probes the configured port, or else the usual ones that exist before USB adapters", async () => {
    const probed: string[] = [];
    const probe = (path: string) => {
      probed.push(path);
      return Promise.resolve(undefined);
    };
    const node = { path: "/dev/serial0", readable: true, writable: true };
    await findings({ board: "rpi4", nodes: [node], probe }, "serial");
    await findings({ env: { FARHAND__DEVICE__HID__SERIAL_PATH: "/dev/ttyX" }, probe }, "serial");
    expect(probed).toEqual(["/dev/serial0", "/dev/ttySIM0", "/dev/ttyX"]);
  });

  it("lists GPIO chips and confirms the lines of the ATX board", async () => {
    expect(await findings({}, "gpio")).toMatchObject([{ level: "ok" }]);
    expect(await findings({}, "atx")).toMatchObject([{ level: "ok" }]);
  });

  it("reports configured lines that this machine does not have", async () => {
    const found = await findings({ board: "rpi4" }, "atx");
    expect(found.map(({ level }) => level)).toEqual(["missing", "missing", "missing", "missing"]);
    expect(found[0]?.message).toContain("device.atx.powerSwitch (pinctrl-bcm2711 line 23)");
  });

  it("warns where there are no GPIO chips and no pins", async () => {
    const change = () => ({ gpio: createNoGpioBank("none here") });
    expect(await findings({ board: "generic", change }, "gpio")).toMatchObject([{ level: "warn" }]);
    expect(await findings({ board: "generic", change }, "atx")).toMatchObject([{ level: "warn" }]);
  });

  it("finds the USB device controller, or says how to get one", async () => {
    const folders = { "/sys/class/udc": ["fe980000.usb"] };
    expect(await findings({ folders }, "udc")).toMatchObject([
      { level: "ok", message: "fe980000.usb" },
    ]);
    const [onPi4] = await findings({ board: "rpi4" }, "udc");
    const [onPi3] = await findings({ board: "rpi3", change: real("rpi3", null) }, "udc");
    expect(onPi4?.cure).toContain("dwc2");
    expect(onPi3?.cure).toContain("CH9329");
  });

  it("says whether the gadget helper can be asked, where there is a controller", async () => {
    const folders = { "/sys/class/udc": ["fe980000.usb"] };
    expect(await findings({ helper: "absent" }, "gadget")).toEqual([]);
    expect(await findings({ folders, helper: "listening" }, "gadget")).toMatchObject([
      { level: "ok" },
    ]);
    for (const helper of ["absent", "silent", "forbidden"] as const) {
      expect(await findings({ folders, helper }, "gadget")).toMatchObject([{ level: "missing" }]);
    }
    expect(await findings({ folders, uid: 0 }, "gadget")).toMatchObject([{ level: "ok" }]);
  });

  it("names input devices of the gadget that this account may not use", async () => {
    const folders = { "/dev": ["hidg0", "hidg1", "null"] };
    const nodes = [{ path: "/dev/hidg0", readable: true, writable: true }];
    expect(await findings({ folders, nodes }, "hidg")).toMatchObject([
      { level: "ok", message: "/dev/hidg0" },
      { level: "missing", message: "/dev/hidg1 may not be used by this account" },
    ]);
  });

  it("says which Node.js runs, and when it does not fit the package", async () => {
    expect(await findings({}, "runtime")).toMatchObject([{ level: "ok" }]);
    expect(await findings({ node: "20.18.9" }, "runtime")).toMatchObject([{ level: "missing" }]);
    const newer = { node: "22.1.0" };
    expect(await findings(newer, "runtime")).toMatchObject([{ level: "warn" }]);
    const sources = { ...newer, script: "/opt/farhand/dist/main.js" };
    expect(await findings(sources, "runtime")).toMatchObject([{ level: "ok" }]);
  });

  it("finds capture devices and whether they may be used", async () => {
    const machine = {
      folders: { "/sys/class/video4linux": ["v4l-subdev0", "video0", "video1"] },
      texts: { "/sys/class/video4linux/video0/name": "Grabber" },
      nodes: [{ path: "/dev/video0", readable: true, writable: true }],
    };
    expect(await findings(machine, "video")).toMatchObject([
      { level: "ok", message: "/dev/video0: Grabber" },
      { level: "missing" },
    ]);
    expect(await findings({}, "video")).toMatchObject([{ level: "missing" }]);
  });

  it("finds the streamer and its version", async () => {
    const programs = { ustreamer: () => succeed("6.12\n") };
    const [found] = await findings({ programs }, "ustreamer");
    expect(found).toMatchObject({ level: "ok" });
    expect(found?.message).toMatch(/ustreamer 6\.12$/);
    expect(await findings({}, "ustreamer")).toMatchObject([{ level: "missing" }]);
  });

  it("looks for the capture program that is configured", async () => {
    const env = { FARHAND__DEVICE__STREAMER__COMMAND: "my-streamer" };
    const programs = { ustreamer: () => succeed("6.12\n") };
    const [found] = await findings({ programs, env }, "ustreamer");
    expect(found).toMatchObject({ level: "missing", message: "my-streamer is not installed" });
  });

  it("names the programs that add H.264 and text recognition", async () => {
    const programs = { ffmpeg: () => succeed("") };
    expect(await findings({ programs }, "h264")).toMatchObject([{ level: "ok" }]);
    expect(await findings({}, "h264")).toMatchObject([{ level: "warn" }]);
    expect(await findings({}, "ocr")).toMatchObject([
      { level: "warn", cure: "Install the package tesseract-ocr" },
    ]);
  });

  it("says where the log comes from", async () => {
    expect(await findings({}, "journal")).toMatchObject([{ level: "warn" }]);
    const change = ({ journal }: Platform) => ({
      journal: { kind: "journald" as const, read: journal.read.bind(journal) },
    });
    const programs = { journalctl: () => succeed("") };
    expect(await findings({ change, programs }, "journal")).toMatchObject([{ level: "ok" }]);
  });

  it("names the groups that the account lacks, of those that exist here", async () => {
    const texts = { "/etc/group": "dialout:x:20:\nvideo:x:44:kvm\n" };
    const found = await findings({ texts, groups: ["video"] }, "permissions");
    expect(found).toMatchObject([
      { level: "warn", cure: expect.stringContaining("-aG dialout kvm") },
    ]);
    const all = await findings({ texts, groups: ["video", "dialout"] }, "permissions");
    expect(all).toMatchObject([{ level: "ok" }]);
  });

  it("looks at the account of the service when root asks", async () => {
    const texts = {
      "/etc/passwd": "root:x:0:0::/:/bin/sh\nfarhand:x:990:990::/:/bin/sh\n",
      "/etc/group": "dialout:x:20:farhand\nvideo:x:44:\nfarhand:x:990:\n",
    };
    expect(await findings({ texts, uid: 0 }, "permissions")).toMatchObject([
      { level: "warn", cure: expect.stringContaining("usermod -aG video farhand") },
    ]);
  });

  it("advises against root", async () => {
    expect(await findings({ uid: 0 }, "permissions")).toMatchObject([{ level: "warn" }]);
  });

  it("says what a native package that does not load is needed for", async () => {
    const found = await findings({ brokenAddons: ["serialport"] }, "addon");
    expect(found.map(({ level }) => level)).toEqual(["missing", "ok", "ok", "ok", "ok"]);
    expect(found[0]).toMatchObject({ cure: expect.stringContaining("npm ci --include=optional") });
  });

  it("says when state cannot be kept", async () => {
    expect(await findings({ isWritable: false }, "data")).toMatchObject([{ level: "missing" }]);
    expect(await findings({}, "data")).toMatchObject([{ level: "ok" }]);
  });

  it("goes on when a check fails", async () => {
    const change = ({ gpio }: Platform) => ({
      gpio: {
        ...createNoGpioBank("x"),
        kind: gpio.kind,
        chips: () => Promise.reject(new Error("!")),
      },
      serial: {
        list: () => Promise.reject(new Error("list is broken")),
        open: () => Promise.reject(new Error("x")),
      },
    });
    expect(await findings({ change }, "gpio")).toMatchObject([{ level: "missing" }]);
    expect(await findings({ change }, "serial")).toEqual([
      {
        check: "serial",
        level: "warn",
        message: "Could not be looked at: list is broken",
        cure: "Follow the message",
      },
    ]);
  });

  it("gives every finding that is not fine a cure", async () => {
    const all = await examine(await contextOf({ board: "rpi4", isWritable: false }));
    expect(all.filter(({ level, cure }) => level !== "ok" && cure === undefined)).toEqual([]);
  });

  it("prints text, or JSON on request", async () => {
    const context = await contextOf({});
    const text = recordingOutput();
    expect(await doctorCommand(parseArgs(["doctor"]), text, context)).toBe(0);
    expect(text.out.join("\n")).toMatch(/^warn {5}board {8}Simulated board: .*\n {22}-> /);
    const json = recordingOutput();
    await doctorCommand(parseArgs(["doctor", "--json"]), json, context);
    expect(JSON.parse(json.out.join("\n"))).toMatchObject({ platform: "sim" });
  });
});
