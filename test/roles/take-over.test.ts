import { describe, expect, it } from "vitest";
import type { Restartable } from "../../src/config/extent.ts";
import { ValidationError } from "../../src/core/errors.ts";
import { takeOver } from "../../src/roles/take-over.ts";
import type { Role } from "../../src/roles/role.ts";
import { testConfig } from "../support/create-test-app.ts";

const RUNNING = await testConfig("/nowhere", {});
const NEXT = await testConfig("/nowhere", {
  log: { level: "debug" },
  device: { atx: { clickSeconds: 1 } },
  agent: { intervalSeconds: 5 },
});

/** A role that writes down which parts it was told of, or refuses. */
function roleOf(name: Role["name"], told: unknown[], problem?: Error): Role {
  return {
    name,
    start: () => Promise.resolve(),
    close: () => Promise.resolve(),
    health: () => ({}),
    reconfigure(config, parts) {
      told.push([name, parts, config === NEXT]);
      return problem === undefined ? Promise.resolve() : Promise.reject(problem);
    },
  };
}

const change = (...parts: Restartable[]) => ({ running: RUNNING, next: NEXT, parts });

describe("takeOver", () => {
  it("tells every role of its own parts, and nobody of what is nobody's", async () => {
    const told: unknown[] = [];
    const roles = [roleOf("hub", told), roleOf("device", told), roleOf("agent", told)];
    const done = await takeOver(roles, change("log", "agent", "atx", "hid"));
    expect(told).toEqual([
      ["device", ["atx", "hid"], true],
      ["agent", ["agent"], true],
    ]);
    expect(done).toEqual({ config: NEXT, problem: undefined, failures: [] });
  });

  it("disturbs no role whose settings stay", async () => {
    const told: unknown[] = [];
    await takeOver([roleOf("device", told), roleOf("agent", told)], change("log", "agent"));
    expect(told).toEqual([["agent", ["agent"], true]]);
  });

  it("keeps the settings before for a role that cannot run with the next, and tells why", async () => {
    const refusal = new ValidationError("no such pin");
    const roles = [roleOf("device", [], refusal), roleOf("agent", [])];
    const { config, problem, failures } = await takeOver(roles, change("log", "agent", "atx"));
    expect(problem).toBe("atx: no such pin");
    expect(failures).toEqual([{ parts: ["atx"], code: "VALIDATION", message: "no such pin" }]);
    expect(config.device).toBe(RUNNING.device);
    expect([config.agent, config.log]).toEqual([NEXT.agent, NEXT.log]);
  });

  it("takes settings over that no role of this process uses", async () => {
    expect(await takeOver([], change("agent"))).toEqual({
      config: NEXT,
      problem: undefined,
      failures: [],
    });
  });
});
