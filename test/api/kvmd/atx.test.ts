import { describe, expect, it } from "vitest";
import { atxRoutes, atxSource, atxToWire } from "../../../src/api/kvmd/atx.ts";
import { createScope } from "../../../src/core/scope.ts";
import { createAtx } from "../../../src/device/atx/atx.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { fakeBank } from "../../support/fake-gpio-bank.ts";
import { kvmdApp } from "../../support/kvmd-app.ts";
import { recordingLogger } from "../../support/recording-logger.ts";

const at = (line: number) => ({ chip: "gpiochip0", line });

async function setUp({ enabled = true } = {}) {
  const log = recordingLogger();
  const clock = fakeClock();
  const board = fakeBank(clock);
  const scope = createScope("test", log);
  const atx = createAtx({
    config: {
      enabled,
      powerSwitch: at(23),
      resetSwitch: at(27),
      powerLed: at(24),
      hddLed: at(22),
      clickSeconds: 0.5,
      longClickSeconds: 5.5,
      ledDebounceSeconds: 0.1,
    },
    gpio: board.bank,
    clock,
    log,
  });
  await atx.start(scope);
  await clock.advance(0);
  const app = kvmdApp((api) => atxRoutes(api, { atx }));
  return { ...board, ...app, atx, clock, scope };
}

const JSON_TYPE = "application/json; charset=utf-8";
const OK = { status: 200, type: JSON_TYPE, json: { ok: true, result: {} } };
const refusal = (error: string, message: string) => ({
  type: JSON_TYPE,
  json: { ok: false, result: { error, error_msg: message } },
});

describe("/api/atx", () => {
  it("shows the state, fresh after every change", async () => {
    const { call, apply, clock } = await setUp();
    const state = {
      enabled: true,
      busy: false,
      acts: { power: false, reset: false },
      leds: { power: false, hdd: false },
    };
    expect(await call("GET", "/atx")).toEqual({
      status: 200,
      type: JSON_TYPE,
      json: { ok: true, result: state },
    });
    await call("POST", "/atx/click?button=reset");
    apply(24, true);
    await clock.advance(100);
    expect((await call("GET", "/atx")).json).toEqual({
      ok: true,
      result: {
        ...state,
        busy: true,
        acts: { power: false, reset: true },
        leds: { power: true, hdd: false },
      },
    });
  });

  it("may be read by viewers and pressed by operators", async () => {
    const { accesses, call } = await setUp();
    await call("GET", "/atx");
    expect([...accesses]).toEqual([
      ["GET /api/atx", "viewer"],
      ["POST /api/atx/power", "operator"],
      ["POST /api/atx/click", "operator"],
    ]);
  });

  it("takes actions in any case and answers before the press ends", async () => {
    const { call, levelOf } = await setUp();
    expect(await call("POST", "/atx/power?action=ON")).toEqual(OK);
    expect(levelOf(23)).toBe(true);
  });

  it("answers after the press where the client waits", async () => {
    const { call, clock, levelOf } = await setUp();
    const answers: unknown[] = [];
    const done = call("POST", "/atx/click?button=power&wait=1").then((answer) =>
      answers.push(answer),
    );
    await clock.advance(1499);
    expect([answers, levelOf(23)]).toEqual([[], false]);
    await clock.advance(1);
    await done;
    expect(answers).toEqual([OK]);
  });

  it("does nothing when the computer is off already", async () => {
    const { call, history } = await setUp();
    expect(await call("POST", "/atx/power?action=off&wait=1")).toEqual(OK);
    expect(history(23)).toEqual([false]);
  });

  it.each([
    ["/atx/power", "None argument is not a valid ATX power action"],
    ["/atx/power?action=bogus", "The argument 'bogus' is not a valid ATX power action"],
    ["/atx/click", "None argument is not a valid ATX button"],
    [
      "/atx/click?button=power&wait=x",
      "The argument 'x' is not a valid bool (['1', 'true', 'yes'] or ['0', 'false', 'no'])",
    ],
  ])("refuses %s", async (path, message) => {
    const { call, atx } = await setUp();
    const answer = await call("POST", path);
    expect(answer).toEqual({ status: 400, ...refusal("ValidatorError", message) });
    expect(atx.state.value.acts).toEqual({ power: false, reset: false });
  });

  it("answers 409 while the line is busy", async () => {
    const { call } = await setUp();
    await call("POST", "/atx/click?button=power_long");
    expect(await call("POST", "/atx/click?button=power")).toEqual({
      status: 409,
      ...refusal("AtxIsBusyError", "Performing another ATX operation, please try again later"),
    });
  });

  it("answers 400 where ATX is disabled", async () => {
    const { call } = await setUp({ enabled: false });
    const expected = { status: 400, ...refusal("AtxDisabledError", "ATX is disabled") };
    expect(await call("POST", "/atx/click?button=power")).toEqual(expected);
    expect(await call("POST", "/atx/power?action=off")).toEqual(expected);
  });

  it("answers 503 with the reason where the line cannot be used", async () => {
    const { call, breakWrites, clock } = await setUp();
    breakWrites(true);
    await call("POST", "/atx/click?button=power&wait=1");
    await clock.advance(1);
    const { status, json } = await call("POST", "/atx/click?button=power");
    expect(status).toBe(503);
    expect(json).toMatchObject({
      result: { error_msg: "The power switch cannot be used: broken" },
    });
  });
});

describe("atxSource", () => {
  it("gives newcomers the full state and everybody every change", async () => {
    const { atx, clock } = await setUp();
    const source = atxSource(atx);
    expect(source.snapshot()).toEqual([{ eventType: "atx", event: atxToWire(atx.state.value) }]);
    const seen: unknown[] = [];
    const stop = source.watch((key, eventType, event) => {
      seen.push({ key, eventType, event });
    });
    await atx.click("power", { wait: false });
    expect(seen).toEqual([
      {
        key: "atx",
        eventType: "atx",
        event: {
          enabled: true,
          busy: true,
          acts: { power: true, reset: false },
          leds: { power: false, hdd: false },
        },
      },
    ]);
    stop();
    await clock.advance(5000);
    expect(seen).toHaveLength(1);
  });

  it("does not repeat the state when only the trouble with a line changes", async () => {
    const { atx, scope, clock, breakWrites } = await setUp();
    breakWrites(true);
    const seen: boolean[] = [];
    atxSource(atx).watch(() => {
      seen.push(atx.state.value.acts.power);
    });
    await atx.click("power", { wait: false });
    await clock.advance(10);
    expect(atx.state.value.lastError).not.toBeNull();
    expect(seen).toEqual([true, false]);
    await scope.close();
  });
});
