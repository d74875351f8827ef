import { describe, expect, it, onTestFinished } from "vitest";
import { createStore, until } from "../../src/core/store.ts";
import { createTestApp } from "../support/create-test-app.ts";
import type { TestApp } from "../support/create-test-app.ts";
import { fakeClock } from "../support/fake-clock.ts";
import type { FakeClock } from "../support/fake-clock.ts";

interface Atx {
  readonly busy: boolean;
  readonly acts: { readonly power: boolean; readonly reset: boolean };
  readonly leds: { readonly power: boolean; readonly hdd: boolean };
}

/** Closes while time goes on. */
async function closeWith(clock: FakeClock, close: () => Promise<void>): Promise<void> {
  const over = createStore(false);
  const closing = close().finally(() => {
    over.set(true);
  });
  while (!over.value) await clock.advance(100);
  await closing;
}

async function start(isOn: boolean): Promise<{ test: TestApp; clock: FakeClock }> {
  const clock = fakeClock();
  const test = await createTestApp({
    clock,
    seed: { isOn },
    // What waits for its time while closing gets it.
    onClose: (close) => {
      onTestFinished(() => closeWith(clock, close));
    },
  });
  await clock.advance(200);
  return { test, clock };
}

describe("the power button", () => {
  it("held for five seconds turns the computer off; /api/atx says so and the client is told once", async () => {
    const { test, clock } = await start(true);
    const client = await test.ws();
    await client.waitFor("atx", (event) => JSON.stringify(event).includes('"power":true'));
    const told = client.messages.length;
    const { status } = await test.call("POST", "/api/atx/click?button=power_long");
    expect(status).toBe(200);
    await clock.advance(5000);
    expect(test.platform.target.state.value.phase).toBe("off");
    await clock.advance(2000);
    const atx = await test.get<Atx>("/api/atx");
    expect(atx).toMatchObject({ busy: false, leds: { power: false } });
    await client.waitFor("atx", (event) => event["busy"] === false && isDark(event));
    const dark = client.messages.slice(told).filter(({ event }) => isDark(event));
    // Off while the button is still held, and once more when the button is free again: nothing else.
    expect(dark.map(({ event }) => event["busy"])).toEqual([true, false]);
    await client.close();
  });

  it("pressed shortly starts a computer that is off, and is not pressed for one that is on", async () => {
    const { test, clock } = await start(false);
    await test.call("POST", "/api/atx/power?action=on");
    await clock.advance(10_000);
    expect(test.platform.target.state.value.phase).toBe("running");
    await test.call("POST", "/api/atx/power?action=on");
    await clock.advance(10_000);
    expect(test.platform.target.state.value.phase).toBe("running");
  });

  it("refuses a second press while the first is held, and takes it afterwards", async () => {
    const { test, clock } = await start(true);
    await test.call("POST", "/api/atx/click?button=power_long");
    const refused = await test.call("POST", "/api/atx/click?button=power");
    expect(refused.status).toBe(409);
    expect(refused.body).toContain("AtxIsBusyError");
    await clock.advance(8000);
    const accepted = await test.call("POST", "/api/atx/click?button=power");
    expect(accepted.status).toBe(200);
  });

  it("is released when the daemon closes in the middle of a press", async () => {
    const { test } = await start(true);
    await test.call("POST", "/api/atx/click?button=power_long");
    await until(test.device.atx.state, ({ acts }) => acts.power);
    await test.app.close();
    expect(test.platform.gpio.level(0)).toBe(false);
  });
});

describe("the reset button", () => {
  it("restarts the computer", async () => {
    const { test, clock } = await start(true);
    const phases: string[] = [];
    test.platform.target.state.subscribe(({ phase }) => {
      if (phases.at(-1) !== phase) phases.push(phase);
    });
    await test.call("POST", "/api/atx/power?action=reset_hard");
    await clock.advance(10_000);
    expect(phases).toEqual(["reset", "booting", "running"]);
  });
});

function isDark(event: Readonly<Record<string, unknown>>): boolean {
  const { leds } = event;
  return JSON.stringify(leds) === JSON.stringify({ power: false, hdd: false });
}
