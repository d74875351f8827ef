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

const OPEN = createStore(true);

type Fault = "make" | "start" | "close" | undefined;

/** Parts that write down what becomes of them. */
async function setUp() {
  const log = recordingLogger();
  const scope = createScope("test", log);
  const steps: string[] = [];
  const faults = new Map<string, Fault>();
  const [former, next] = [await settings("de"), await settings("fr")];
  const gates = new Map<string, Store<boolean>>();
  const pass = (name: string): Promise<boolean> => until(gates.get(name) ?? OPEN, Boolean);
  const part = (name: "atx" | "hid") =>
    new Renewable({
      name,
      log,
      config: former,
      make: ({ hid: { keymap } }) => {
        if (faults.get(`${name} ${keymap}`) === "make") throw new Error("cannot be made");
        return { id: `${name} ${keymap}`, press: () => void steps.push(`press ${name} ${keymap}`) };
      },
      start: async ({ id }, life) => {
        await Promise.resolve();
        if (faults.get(id) === "start") throw new Error(`${id} cannot start`);
        steps.push(`start ${id}`);
        life.defer(async () => {
          steps.push(`close ${id}`);
          await pass(id);
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
  return { log, scope, steps, faults, gates, former, next, atx, hid };
}

describe("renew", () => {
  it("waits for what must not be cut, then ends the former parts in reverse and starts the next", async () => {
    const { steps, atx, hid, former, next } = await setUp();
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
    const { steps, gates, hid, former, next } = await setUp();
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
    const { steps, gates, atx, hid, former, next } = await setUp();
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
    const { steps, faults, atx, hid, former, next } = await setUp();
    faults.set("hid fr", "make");
    await expect(renew([atx, hid], next, former)).rejects.toThrow("cannot be made");
    expect(steps).toEqual([]);
    expect(atx.part.id).toBe("atx de");
  });

  it("goes back to the former settings when a part cannot start, and says why", async () => {
    const { steps, faults, atx, hid, former, next } = await setUp();
    faults.set("hid fr", "start");
    await expect(renew([atx, hid], next, former)).rejects.toThrow("hid fr cannot start");
    expect([atx.part.id, hid.part.id]).toEqual(["atx de", "hid de"]);
    expect(steps.slice(-3)).toEqual(["close atx fr", "start atx de", "start hid de"]);
  });

  it("is not kept by a part that does not end cleanly, which the log tells", async () => {
    const { log, faults, hid, former, next } = await setUp();
    faults.set("hid de", "close");
    await renew([hid], next, former);
    expect(hid.part.id).toBe("hid fr");
    expect(log.records.map(({ message }) => message)).toEqual([
      "A former part did not end cleanly",
    ]);
  });

  it("starts nothing on a device that has ended meanwhile", async () => {
    const { steps, scope, gates, hid, former, next } = await setUp();
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
    const { steps, scope, hid, former, next } = await setUp();
    await renew([hid], next, former);
    await scope.close();
    expect(steps.slice(-2)).toEqual(["close hid fr", "close atx de"]);
  });
});
