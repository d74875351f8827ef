// A daemon that hangs is ended by systemd's watchdog and started anew; it lets go of what it held. That the unit asks for
// the watchdog, and that the daemon satisfies it, is shown by "service" and by all scenarios that take longer.
import { openWs } from "../guest/api.ts";
import { readChip } from "../guest/chip.ts";
import { awaitSuccessor, mainPid, run } from "../guest/daemon.ts";
import { until } from "../guest/wait.ts";
import type { Scenario } from "../guest/scenario.ts";

const USAGE_B = 5;
/** In place of the unit's half minute, as the daemon itself could ask for it. */
const PATIENCE_US = 3_000_000;

export const watchdog: Scenario = {
  name: "watchdog",
  async run({ check, measure }) {
    const ws = await openWs();
    await until("a key is held", async () => {
      ws.send("key", { key: "KeyB", state: true });
      return (await readChip()).target.keys.includes(USAGE_B);
    });
    const pid = await mainPid();
    process.kill(pid, "SIGSTOP");
    const toSystemd = ["NOTIFY_SOCKET=/run/systemd/notify", "systemd-notify", `--pid=${pid}`];
    await run("env", ...toSystemd, `WATCHDOG_USEC=${PATIENCE_US}`);
    const hungAt = performance.now();
    await awaitSuccessor(pid);
    measure("hang to ready", performance.now() - hungAt, "ms");
    const log = await run("journalctl", "-u", "farhand.service", "-o", "cat", "--no-pager");
    check("it was the watchdog", /watchdog timeout/i.test(log));
    await until("the key is up", async () => (await readChip()).target.keys.length === 0);
    check("the key held meanwhile is let go", true);
  },
};
