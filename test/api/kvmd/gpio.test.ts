import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { gpioRoutes, gpioSource, gpioToWire } from "../../../src/api/kvmd/gpio.ts";
import { createScope } from "../../../src/core/scope.ts";
import { createUserGpio } from "../../../src/device/gpio/user-gpio.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { fakeBank } from "../../support/fake-gpio-bank.ts";
import { kvmdApp } from "../../support/kvmd-app.ts";
import { recordingLogger } from "../../support/recording-logger.ts";
import { scriptedRunner } from "../../support/scripted-runner.ts";

/** The configuration under which the answers of the original were recorded. */
async function setUp() {
  const log = recordingLogger();
  const clock = fakeClock();
  const board = fakeBank(clock);
  const scope = createScope("test", log);
  const gpio = createUserGpio({
    config: {
      drivers: {},
      scheme: {
        __v3_usb_breaker__: { pin: 5, mode: "output", initial: true, pulse: false },
        led1: { pin: 19, mode: "input" },
        "led-two.x": { pin: 20, mode: "input", inverted: true },
        button1: { pin: 26, mode: "output", switch: false },
        relay1: { pin: 21, mode: "output", pulse: { delay: 2, max_delay: 5 } },
        const1: { pin: 6, mode: "output", switch: false, pulse: false },
      },
      view: {
        header: { title: ["#Sw", "led1|blue", "button1"] },
        table: [
          ["#Generic"],
          [],
          ["#T1:", "led1", "button1|confirm,hide|Boop"],
          ["nochan", "relay1|Relay", "const1|Konst", ""],
        ],
      },
      allowCommands: false,
    },
    bank: board.bank,
    datagrams: { send: () => Promise.resolve() },
    process: scriptedRunner(),
    clock,
    log,
  });
  await gpio.start(scope);
  await clock.advance(0);
  const app = kvmdApp((api) => gpioRoutes(api, { gpio }));
  return { ...board, ...app, gpio, clock };
}

interface Recorded {
  readonly request: { readonly method: string; readonly path: string };
  readonly response: { readonly status: number; readonly body: unknown };
}

const RECORDED = readFileSync(new URL("../../conformance/kvmd/gpio.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => {
    const recorded: Recorded = JSON.parse(line);
    return recorded;
  });

const recordedFor = (path: string): Recorded["response"] => {
  const found = RECORDED.find(({ request }) => request.path === `/api${path}`);
  if (found === undefined) throw new Error(`nothing recorded for ${path}`);
  return found.response;
};

describe("/api/gpio", () => {
  it("shows model and state as the original does, without the constant output in the view", async () => {
    const { call } = await setUp();
    const recorded = JSON.stringify(recordedFor("/gpio").body);
    const constant =
      '{"channel":"const1","confirm":false,"hide":false,"text":"Konst","type":"output"},';
    expect(recorded).toContain(constant);
    const { status, json } = await call("GET", "/gpio");
    expect(status).toBe(200);
    expect(json).toEqual(JSON.parse(recorded.replace(constant, "")));
  });

  it("may be read by viewers and used by operators", async () => {
    const { accesses, call } = await setUp();
    await call("GET", "/gpio");
    expect([...accesses]).toEqual([
      ["GET /api/gpio", "viewer"],
      ["POST /api/gpio/switch", "operator"],
      ["POST /api/gpio/pulse", "operator"],
    ]);
  });

  it.each([
    "/gpio/switch?channel=relay1",
    "/gpio/switch?channel=button1&state=1",
    "/gpio/pulse?channel=__v3_usb_breaker__",
    "/gpio/pulse?channel=led1",
    "/gpio/switch?channel=9bad&state=1",
    "/gpio/switch?channel=relay1&state=2",
  ])("refuses %s as the original does", async (path) => {
    const { call } = await setUp();
    const { status, json } = await call("POST", path);
    expect({ status, body: json }).toEqual({
      status: recordedFor(path).status,
      body: recordedFor(path).body,
    });
  });

  it("answers 409 for a busy channel as the original does", async () => {
    const { call } = await setUp();
    const path = "/gpio/pulse?channel=relay1";
    expect((await call("POST", path)).status).toBe(200);
    const { status, json } = await call("POST", path);
    expect({ status, body: json }).toMatchObject({
      status: recordedFor(path).status,
      body: recordedFor(path).body,
    });
  });

  it("switches, and shows the state of every moment", async () => {
    const { call, clock, levelOf } = await setUp();
    const relay = async (): Promise<unknown> => {
      const { json } = await call("GET", "/gpio");
      return (json as { result: ReturnType<typeof gpioToWire> }).result.state.outputs["relay1"];
    };
    await call("POST", "/gpio/switch?channel=relay1&state=yes");
    expect(levelOf(21)).toBe(true);
    expect(await relay()).toEqual({ online: true, state: false, busy: true });
    await clock.advance(200);
    expect(await relay()).toEqual({ online: true, state: true, busy: false });
  });

  it("pulses for the asked time and answers a waiting client at the end", async () => {
    const { call, clock, levelOf } = await setUp();
    const answers: number[] = [];
    const done = call("POST", "/gpio/pulse?channel=relay1&delay=3.5&wait=true").then(({ status }) =>
      answers.push(status),
    );
    await clock.advance(3499);
    expect(levelOf(21)).toBe(true);
    await clock.advance(200);
    expect([levelOf(21), answers]).toEqual([false, []]);
    await clock.advance(1);
    await done;
    expect(answers).toEqual([200]);
  });

  it("tells only a waiting client that the driver is offline", async () => {
    const { call, breakWrites, clock } = await setUp();
    breakWrites(true);
    const { status, json } = await call("POST", "/gpio/switch?channel=relay1&state=1&wait=1");
    expect(status).toBe(400);
    expect(json).toMatchObject({
      result: {
        error: "GpioDriverOfflineError",
        error_msg: "GPIO driver '__gpio__' is offline",
      },
    });
    await clock.advance(1);
    expect((await call("POST", "/gpio/switch?channel=relay1&state=1")).status).toBe(200);
  });

  it.each(["-1", "x", "nan", ""])("refuses the delay %j", async (delay) => {
    const { call, levelOf } = await setUp();
    const { status } = await call("POST", `/gpio/pulse?channel=relay1&delay=${delay}`);
    expect([status, levelOf(21)]).toEqual([400, false]);
  });
});

describe("gpioSource", () => {
  it("gives newcomers model and state", async () => {
    const { gpio } = await setUp();
    expect(gpioSource(gpio).snapshot()).toEqual([{ eventType: "gpio", event: gpioToWire(gpio) }]);
  });

  it("reports only the channel that changed, under a key of its own", async () => {
    const { gpio, apply, clock } = await setUp();
    const seen: unknown[] = [];
    const stop = gpioSource(gpio).watch((key, eventType, event) => {
      seen.push([key, eventType, event]);
    });
    apply(19, true);
    await clock.advance(100);
    await gpio.switch("relay1", true, { wait: false });
    await clock.advance(200);
    expect(seen).toEqual([
      ["gpio:led1", "gpio", { state: { inputs: { led1: { online: true, state: true } } } }],
      [
        "gpio:relay1",
        "gpio",
        { state: { outputs: { relay1: { online: true, state: false, busy: true } } } },
      ],
      [
        "gpio:relay1",
        "gpio",
        { state: { outputs: { relay1: { online: true, state: true, busy: false } } } },
      ],
    ]);
    stop();
    apply(19, false);
    await clock.advance(100);
    expect(seen).toHaveLength(3);
  });
});
