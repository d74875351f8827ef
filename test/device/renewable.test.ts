import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeviceConfig } from "../../src/config/schema.ts";
import { createScope } from "../../src/core/scope.ts";
import { createStore, until } from "../../src/core/store.ts";
import type { Store } from "../../src/core/store.ts";
import { Renewable, renew } from "../../src/device/renewable.ts";
import { testConfig } from "../support/create-test-app.ts";
import { recordingLogger } from "../support/recording-logger.ts";

/** Told apart by the keymap of their settings. */
const settings = async (keymap: string): Promise<DeviceConfig> =>
  (await testConfig("/nowhere", { device: { hid: { keymap } } })).device;
const [former, next] = [await settings("de"), await settings("fr")];

const OPEN = createStore(true);

type Fault = "make" | "start" | "close" | undefined;

/** Parts that write down what becomes of them; each step takes as long as `wait` does. */
async function setUp(wait = (): Promise<void> => Promise.resolve()) {
  const log = recordingLogger();
  const scope = createScope("test", log);
  const steps: string[] = [];
  const faults = new Map<string, Fault>();
  const gates = new Map<string, Store<boolean>>();
  const running = new Set<string>();
  const pass = async (name: string): Promise<void> => {
    await wait();
    await until(gates.get(name) ?? OPEN, Boolean);
  };
  const part = (name: "atx" | "hid") =>
    new Renewable({
      name,
      log,
      config: former,
      make: ({ hid: { keymap } }) => {
        if (faults.get(`${name} ${keymap}`) === "make") throw new Error("cannot be made");
        const id = `${name} ${keymap}`;
        return { id, level: createStore(keymap), press: () => void steps.push(`press ${id}`) };
      },
      start: async ({ id }, life) => {
        await wait();
        if (faults.get(id) === "start") throw new Error(`${id} cannot start`);
        steps.push(`start ${id}`);
        running.add(id);
        life.defer(async () => {
          steps.push(`close ${id}`);
          await pass(id);
          running.delete(id);
          if (faults.get(id) === "close") throw new Error("stuck");
        });
      },
      finish: async ({ id }) => {
        await pass(`finish ${id}`);
        steps.push(`finish ${id}`);
      },
    });
  const [atx, hid] = [part("atx"), part("hid")];
  await atx.start(scope.child("atx"));
  await hid.start(scope.child("hid"));
  steps.length = 0;
  return { log, scope, steps, running, faults, gates, atx, hid };
}

describe("renew", () => {
  it("waits for what must not be cut, then ends the former parts in reverse and starts the next", async () => {
    const { steps, atx, hid } = await setUp();
    await renew([atx, hid], next, former);
    expect(steps).toEqual([
      "finish atx de",
      "finish hid de",
      "close hid de",
      "close atx de",
      "start atx fr",
      "start hid fr",
    ]);
    expect(atx.part.id).toBe("atx fr");
  });

  it("presses nothing on a part that is letting go", async () => {
    const { steps, gates, hid } = await setUp();
    const { press } = hid.part;
    const [finish, close] = [createStore(false), createStore(false)];
    gates.set("finish hid de", finish);
    gates.set("hid de", close);
    const renewing = renew([hid], next, former);
    press();
    finish.set(true);
    await expect.poll(() => steps).toContain("close hid de");
    press();
    close.set(true);
    await renewing;
    expect(steps.filter((step) => step.startsWith("press"))).toEqual([
      "press hid de",
      "press hid fr",
    ]);
  });

  it("lets a part end on the former one that it uses", async () => {
    const { steps, gates, atx, hid } = await setUp();
    const gate = createStore(false);
    gates.set("hid de", gate);
    const renewing = renew([atx, hid], next, former);
    await expect.poll(() => steps).toContain("close hid de");
    expect([atx.part.id, hid.part.id]).toEqual(["atx de", "hid fr"]);
    gate.set(true);
    await renewing;
    expect(atx.part.id).toBe("atx fr");
  });

  it("leaves everything as it was when a part cannot be made", async () => {
    const { steps, faults, atx, hid } = await setUp();
    faults.set("hid fr", "make");
    await expect(renew([atx, hid], next, former)).rejects.toThrow("cannot be made");
    expect(steps).toEqual([]);
    expect(atx.part.id).toBe("atx de");
  });

  it("goes back to the former settings when a part cannot start, and says why", async () => {
    const { steps, faults, atx, hid } = await setUp();
    faults.set("hid fr", "start");
    await expect(renew([atx, hid], next, former)).rejects.toThrow("hid fr cannot start");
    expect([atx.part.id, hid.part.id]).toEqual(["atx de", "hid de"]);
    expect(steps.slice(-3)).toEqual(["close atx fr", "start atx de", "start hid de"]);
  });

  it("leaves the other parts running when one cannot even go back", async () => {
    const { running, faults, atx, hid } = await setUp();
    faults.set("atx fr", "start").set("atx de", "start");
    await expect(renew([atx, hid], next, former)).rejects.toThrow("atx de cannot start");
    expect([...running]).toEqual(["hid de"]);
    expect(hid.part.id).toBe("hid de");
  });

  it("is not kept by somebody who cannot take what it is told, which the log tells", async () => {
    const { log, running, hid } = await setUp();
    hid.part.level.subscribe(() => {
      throw new Error("cannot be shown");
    });
    await renew([hid], next, former);
    expect([hid.part.id, ...running]).toEqual(["hid fr", "atx de", "hid fr"]);
    expect(log.records.map(({ message }) => message)).toEqual([
      "The exchange of a part could not be told to everybody",
    ]);
  });

  it("leaves of each part one that runs or, when the device ends meanwhile, none", async () => {
    const fault = fc.constantFrom<Fault>(undefined, undefined, "make", "start", "close");
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fault, fault, fc.nat(20), async (s, one, other, ending) => {
        let isScheduled = false;
        const test = await setUp(async () => {
          if (isScheduled) await s.schedule(Promise.resolve());
        });
        isScheduled = true;
        const { scope, running, faults, atx, hid } = test;
        faults.set("atx fr", one).set("hid fr", other);
        const renewing = renew([atx, hid], next, former).then(
          () => "fr",
          () => "de",
        );
        let closing: Promise<void> | undefined;
        const closeLater = async (): Promise<void> => {
          for (let step = 0; step < ending; step += 1) await s.schedule(Promise.resolve());
          closing = scope.close().catch(() => undefined);
        };
        const isEnding = ending < 15;
        if (isEnding) void closeLater();
        await s.waitIdle();
        const keymap = await renewing;
        await closing;
        const left = isEnding ? [] : [`atx ${keymap}`, `hid ${keymap}`];
        expect([...running].toSorted()).toEqual(left);
        expect(isEnding ? [] : [atx.part.id, hid.part.id]).toEqual(left);
      }),
    );
  });

  it("is not kept by a part that does not end cleanly, which the log tells", async () => {
    const { log, faults, hid } = await setUp();
    faults.set("hid de", "close");
    await renew([hid], next, former);
    expect(hid.part.id).toBe("hid fr");
    expect(log.records.map(({ message }) => message)).toEqual([
      "A former part did not end cleanly",
    ]);
  });

  it("starts nothing on a device that has ended meanwhile", async () => {
    const { steps, scope, gates, hid } = await setUp();
    const gate = createStore(false);
    gates.set("hid de", gate);
    const renewing = renew([hid], next, former);
    await expect.poll(() => steps).toContain("close hid de");
    const closing = scope.close();
    gate.set(true);
    await Promise.all([renewing, closing]);
    expect(steps).not.toContain("start hid fr");
  });

  it("ends with the device", async () => {
    const { steps, scope, hid } = await setUp();
    await renew([hid], next, former);
    await scope.close();
    expect(steps.slice(-2)).toEqual(["close hid fr", "close atx de"]);
  });
});
