// An orderly stop: quick, successful, with nothing left pressed and nothing left running.
import { openWs, post } from "../guest/api.ts";
import { readChip } from "../guest/chip.ts";
import { run, show, UNIT } from "../guest/daemon.ts";
import { levelOf, LINE } from "../guest/lines.ts";
import { until } from "../guest/wait.ts";
import type { Scenario } from "../guest/scenario.ts";

const USAGE_A = 4;
const LIMIT_MS = 10_000;

export const stop: Scenario = {
  name: "stop",
  async run({ check, measure }) {
    const ws = await openWs();
    await until("a key is held", async () => {
      ws.send("key", { key: "KeyA", state: true });
      return (await readChip()).target.keys.includes(USAGE_A);
    });
    await post("/api/atx/click?button=power_long");
    await until("the button is down", () => levelOf(LINE.powerSwitch));
    const startedAt = performance.now();
    await run("systemctl", "stop", UNIT);
    const tookMs = performance.now() - startedAt;
    measure("stop", tookMs, "ms");
    check("it stops within ten seconds", tookMs < LIMIT_MS, tookMs);
    const end = await show(UNIT, "Result", "ActiveState", "TasksCurrent");
    const isGood = end.Result === "success" && end.ActiveState === "inactive";
    check("it ends in good order", isGood, end);
    check("the power button is let go", !levelOf(LINE.powerSwitch));
    check("the key is let go", (await readChip()).target.keys.length === 0);
    check("nothing is left of it", !/^[1-9]\d*$/.test(end.TasksCurrent), end);
  },
};
