// kill -9 at random moments, while a key and the power button are held and a setting is changed all the time: the
// service is back by itself, nothing stays pressed, no change that was answered is lost.
import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { call, openWs, post } from "../guest/api.ts";
import { readChip } from "../guest/chip.ts";
import { awaitSuccessor, mainPid } from "../guest/daemon.ts";
import { levelOf, LINE } from "../guest/lines.ts";
import { readKept, SettingsWriter } from "../guest/settings-writer.ts";
import { until } from "../guest/wait.ts";
import type { Lab, Scenario } from "../guest/scenario.ts";

const ROUNDS = 2;
const USAGE_A = 4;
/** Between everything being held and the kill: the button is let go after two seconds. */
const MOMENT = [10, 1200] as const;

async function holdEverything(): Promise<void> {
  const ws = await openWs();
  await until("the key is down", async () => {
    ws.send("key", { key: "KeyA", state: true });
    return (await readChip()).target.keys.includes(USAGE_A);
  });
  await post("/api/atx/click?button=power_long");
  await until("the button is down", () => levelOf(LINE.powerSwitch));
}

async function killOnce({ check, measure }: Lab): Promise<void> {
  const writer = new SettingsWriter();
  writer.start();
  await until("a change was answered", () => writer.acknowledged > 0);
  await holdEverything();
  // The random moment itself.
  await pause(randomInt(...MOMENT));
  const pid = await mainPid();
  process.kill(pid, "SIGKILL");
  const killedAt = performance.now();
  const stopping = writer.stop();
  await until("the button is up", () => !levelOf(LINE.powerSwitch));
  measure("button up after", performance.now() - killedAt, "ms");
  await awaitSuccessor(pid);
  measure("back after", performance.now() - killedAt, "ms");
  await until("the key is up", async () => (await readChip()).target.keys.length === 0);
  check("killed: the key and the button are let go", true);
  await stopping;
  const kept = await readKept();
  const { acknowledged } = writer;
  check("no change is lost", (kept?.number ?? 0) >= acknowledged, { kept, acknowledged });
}

export const hardKill: Scenario = {
  name: "hard-kill",
  async run(lab) {
    for (let round = 0; round < ROUNDS; round += 1) await killOnce(lab);
    const { status } = await call("GET", "/api/auth/check");
    lab.check("the owner still gets in", status === 200, status);
  },
};
