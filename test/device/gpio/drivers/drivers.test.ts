import { describe, expect, it } from "vitest";
import { CancelledError } from "../../../../src/core/errors.ts";
import { createScope } from "../../../../src/core/scope.ts";
import type { GpioConfig } from "../../../../src/config/schema.ts";
import { GpioDriverOfflineError } from "../../../../src/device/gpio/gpio-errors.ts";
import { createUserGpio } from "../../../../src/device/gpio/user-gpio.ts";
import { DatagramError } from "../../../../src/platform/net/port.ts";
import type { DatagramSender } from "../../../../src/platform/net/port.ts";
import type { ProcessRunner } from "../../../../src/platform/process/port.ts";
import { fakeClock } from "../../../support/fake-clock.ts";
import { fakeBank } from "../../../support/fake-gpio-bank.ts";
import { recordingLogger } from "../../../support/recording-logger.ts";
import { scriptedRunner } from "../../../support/scripted-runner.ts";

const WAIT = { wait: true };
const NO_WAIT = { wait: false };

interface Given {
  readonly driver: GpioConfig["drivers"][string];
  readonly channel: Omit<GpioConfig["scheme"][string], "driver">;
  readonly process?: ProcessRunner;
  readonly datagrams?: DatagramSender;
  readonly allowCommands?: boolean;
}

/** One channel `ch` on one driver. */
async function setUp(given: Given) {
  const log = recordingLogger();
  const clock = fakeClock();
  const board = fakeBank(clock);
  const scope = createScope("test", log);
  const gpio = createUserGpio({
    config: {
      drivers: { d: given.driver },
      scheme: { ch: { ...given.channel, driver: "d" } },
      view: { header: { title: "Switches" }, table: [] },
      allowCommands: given.allowCommands ?? true,
    },
    bank: board.bank,
    datagrams: given.datagrams ?? { send: () => Promise.resolve() },
    process: given.process ?? scriptedRunner(),
    clock,
    log,
    defaultChip: "pinctrl-test",
  });
  await gpio.start(scope);
  await clock.advance(0);
  const output = () => gpio.state.value.outputs["ch"];
  const input = () => gpio.state.value.inputs["ch"];
  /** Switches, waits for the end and tells how it went. */
  const switchTo = async (active: boolean): Promise<unknown> => {
    const outcome = gpio.switch("ch", active, WAIT).catch((error: unknown) => error);
    await clock.advance(1000);
    return outcome;
  };
  return { ...board, log, clock, scope, gpio, output, input, switchTo };
}

describe("gpio driver", () => {
  it("uses the chip that its device names", async () => {
    const { levelOf } = await setUp({
      driver: { type: "gpio", device: "/dev/gpiochip0" },
      channel: { pin: 9, mode: "output", initial: true },
    });
    expect(levelOf(9)).toBe(true);
  });

  it("is offline when that chip is not there", async () => {
    const { output, log } = await setUp({
      driver: { type: "gpio", device: "/dev/gpiochip7" },
      channel: { pin: 9, mode: "output" },
    });
    expect(output()?.online).toBe(false);
    expect(log.records.filter(({ level }) => level === "warn")).toHaveLength(1);
  });
});

describe("wol driver", () => {
  const driver = { type: "wol", mac: "01:23:45:67:89:ab", ip: "192.0.2.255", port: 7 };

  it("sends one packet when switched on, none when switched off, and reads off", async () => {
    const sent: { bytes: number; host: string; port: number }[] = [];
    const { output, switchTo } = await setUp({
      driver,
      channel: { pin: 0, mode: "output" },
      datagrams: {
        send(payload, target) {
          sent.push({ bytes: payload.length, ...target });
          return Promise.resolve();
        },
      },
    });
    await switchTo(true);
    await switchTo(false);
    expect(sent).toEqual([{ bytes: 102, host: "192.0.2.255", port: 7 }]);
    expect(output()).toEqual({ online: true, state: false, busy: false });
  });

  it("is offline after a failed packet until one succeeds", async () => {
    const network = { isUp: false };
    const { output, switchTo } = await setUp({
      driver,
      channel: { pin: 0, mode: "output" },
      datagrams: {
        send: () =>
          network.isUp ? Promise.resolve() : Promise.reject(new DatagramError("no route")),
      },
    });
    expect(await switchTo(true)).toBeInstanceOf(GpioDriverOfflineError);
    expect(output()?.online).toBe(false);
    network.isUp = true;
    await switchTo(true);
    expect(output()?.online).toBe(true);
  });
});

describe("cmd driver", () => {
  const driver = { type: "cmd", cmd: ["/usr/bin/wake-up", "--force", "a b; c"] };
  const answer = (exitCode: number | null) => () => ({ exitCode, stdout: "", stderr: "no luck\n" });

  it("runs the program with its arguments as they are, only when switched on", async () => {
    const process = scriptedRunner({ "wake-up": answer(0) });
    const { output, switchTo } = await setUp({
      driver,
      channel: { pin: 0, mode: "output" },
      process,
    });
    await switchTo(false);
    expect(process.runs).toEqual([]);
    await switchTo(true);
    expect(process.runs).toEqual([{ command: "/usr/bin/wake-up", args: ["--force", "a b; c"] }]);
    expect(output()).toEqual({ online: true, state: false, busy: false });
  });

  it.each([
    { exitCode: 3, reason: /ended with status 3: no luck$/ },
    { exitCode: null, reason: /was killed: no luck$/ },
  ])("is offline after exit status $exitCode", async ({ exitCode, reason }) => {
    const { output, switchTo } = await setUp({
      driver,
      channel: { pin: 0, mode: "output" },
      process: scriptedRunner({ "wake-up": answer(exitCode) }),
    });
    expect(await switchTo(true)).toMatchObject({
      cause: { message: expect.stringMatching(reason) },
    });
    expect(output()).toEqual({ online: false, state: false, busy: false });
  });

  it("never runs where commands are not permitted, and says how to permit them", async () => {
    const process = scriptedRunner({ "wake-up": answer(0) });
    const { output, switchTo, log } = await setUp({
      driver,
      channel: { pin: 0, mode: "output" },
      process,
      allowCommands: false,
    });
    expect(output()?.online).toBe(false);
    expect(await switchTo(true)).toBeInstanceOf(GpioDriverOfflineError);
    expect(process.runs).toEqual([]);
    const warning = log.records.find(({ level }) => level === "warn");
    expect(String(warning?.fields["err"])).toMatch(/allowCommands/);
  });

  it("waits for the program before the channel is free, and passes its timeout on", async () => {
    const running: { timeoutMs: number | undefined; end: () => void }[] = [];
    const { output, gpio, clock } = await setUp({
      driver: { ...driver, timeout: 3 },
      channel: { pin: 0, mode: "output" },
      process: {
        ...scriptedRunner(),
        run: (_command, _args, options) =>
          new Promise((resolve) => {
            const end = () => resolve({ exitCode: 0, stdout: "", stderr: "" });
            running.push({ timeoutMs: options?.timeoutMs, end });
          }),
      },
    });
    await gpio.switch("ch", true, NO_WAIT);
    await clock.advance(60_000);
    expect(output()?.busy).toBe(true);
    expect(running.map(({ timeoutMs }) => timeoutMs)).toEqual([3000]);
    running[0]?.end();
    await clock.advance(200);
    expect(output()?.busy).toBe(false);
  });
});

describe("cmdret driver", () => {
  const driver = { type: "cmdret", cmd: ["is-up", "host"], state_poll: 2 };

  it("shows whether the program ends with status 0, asked again and again", async () => {
    const host = { exitCode: 0 };
    const process = scriptedRunner({
      "is-up": () => ({ exitCode: host.exitCode, stdout: "", stderr: "" }),
    });
    const { input, clock } = await setUp({ driver, channel: { pin: 0, mode: "input" }, process });
    expect(input()).toEqual({ online: true, state: true });
    host.exitCode = 1;
    await clock.advance(1999);
    expect(input()?.state).toBe(true);
    await clock.advance(1);
    expect(input()).toEqual({ online: true, state: false });
    expect(process.runs).toHaveLength(2);
  });

  it("inverts", async () => {
    const { input } = await setUp({
      driver,
      channel: { pin: 0, mode: "input", inverted: true },
      process: scriptedRunner({ "is-up": () => ({ exitCode: 1, stdout: "", stderr: "" }) }),
    });
    expect(input()).toEqual({ online: true, state: true });
  });

  it("is offline while the program is missing", async () => {
    const { input } = await setUp({ driver, channel: { pin: 0, mode: "input" } });
    expect(input()).toEqual({ online: false, state: false });
  });

  it("stops the program that is running when the owner closes", async () => {
    const { clock, scope } = await setUp({
      driver,
      channel: { pin: 0, mode: "input" },
      process: {
        ...scriptedRunner(),
        run: (_command, _args, options) =>
          new Promise((_resolve, reject) => {
            options?.signal?.addEventListener("abort", () => reject(new CancelledError()));
          }),
      },
    });
    await scope.close();
    expect(clock.pending).toBe(0);
  });

  it("never runs where commands are not permitted", async () => {
    const process = scriptedRunner({ "is-up": () => ({ exitCode: 0, stdout: "", stderr: "" }) });
    const channel = { pin: 0, mode: "input" } as const;
    const { input } = await setUp({ driver, channel, process, allowCommands: false });
    expect(input()).toEqual({ online: false, state: false });
    expect(process.runs).toEqual([]);
  });
});

describe("locator driver", () => {
  const driver = { type: "locator" };

  it("blinks while it is on and goes dark when it is off", async () => {
    const { gpio, clock, history, output } = await setUp({
      driver,
      channel: { pin: 12, mode: "output" },
    });
    await gpio.switch("ch", true, NO_WAIT);
    await clock.advance(350);
    expect(history(12)).toEqual([false, true, false, true, false]);
    expect(output()).toMatchObject({ state: true, busy: false });
    await gpio.switch("ch", false, NO_WAIT);
    await clock.advance(1000);
    expect(history(12)).toEqual([false, true, false, true, false]);
    expect(output()).toMatchObject({ state: false });
  });

  it("lights at the low level where inverted, and ends dark", async () => {
    const { scope, clock, history, output } = await setUp({
      driver,
      channel: { pin: 12, mode: "output", inverted: true, initial: true },
    });
    await clock.advance(100);
    expect(output()?.state).toBe(true);
    await scope.close();
    expect(history(12)).toEqual([true, false, true]);
    expect(clock.pending).toBe(0);
  });

  it("stops when its line fails, and stays usable", async () => {
    const { gpio, clock, breakWrites, log, levelOf } = await setUp({
      driver,
      channel: { pin: 12, mode: "output" },
    });
    await gpio.switch("ch", true, NO_WAIT);
    await clock.advance(250);
    breakWrites(true);
    await clock.advance(1000);
    expect(log.records.map(({ message }) => message)).toContain("locator LED stopped");
    expect(clock.pending).toBe(0);
    breakWrites(false);
    await gpio.switch("ch", true, NO_WAIT);
    expect(levelOf(12)).toBe(true);
  });
});

describe("noop driver", () => {
  it.each([false, true])("remembers what was switched (inverted: %s)", async (inverted) => {
    const { output, switchTo } = await setUp({
      driver: { type: "noop" },
      channel: { pin: 0, mode: "output", initial: true, inverted },
    });
    expect(output()?.state).toBe(true);
    await switchTo(false);
    expect(output()?.state).toBe(false);
  });

  it("has inputs that are off", async () => {
    const { input } = await setUp({ driver: { type: "noop" }, channel: { pin: 0, mode: "input" } });
    expect(input()).toEqual({ online: true, state: false });
  });
});
