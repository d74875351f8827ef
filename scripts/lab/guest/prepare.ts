// Brings the machine into the state in which it is saved, and from which every run wakes a copy: the daemon runs as the
// setup wants it and has answered, and what its devices set off in the machine is over.
import { writeFileSync } from "node:fs";
import config from "../machine/config.json" with { type: "json" };
import { get, openWs } from "./api.ts";
import { run, startDaemon } from "./daemon.ts";
import { findInput } from "./input-events.ts";
import type { InputKind } from "./input-events.ts";
import type { Setup } from "./scenario.ts";
import { until } from "./wait.ts";

const CONFIG = "/etc/farhand/farhand.yaml";
const INPUTS: readonly InputKind[] = ["keyboard", "absolute", "relative"];
const CHIP = { backend: "ch9329", serialPath: "/dev/ttyS1", baudRate: 9600 };

/** Lines by the character device are taken where sysfs has no chips: an empty folder hides them. */
async function useChip(): Promise<void> {
  const device = { ...config.device, hid: CHIP };
  await run("systemctl", "stop", "farhand.service");
  // On the disk before any power cut.
  writeFileSync(CONFIG, JSON.stringify({ ...config, device }), { flush: true });
  await run("mount", "-t", "tmpfs", "none", "/sys/class/gpio");
}

/** The machine has the settings of "gadget" when it starts. */
export async function prepare(setup: Setup): Promise<void> {
  if (setup === "chip") await useChip();
  await startDaemon();
  await until(
    "the keyboard is there",
    async () => (await get<{ online: boolean }>("/api/hid")).online,
  );
  if (setup === "gadget") {
    await until("the computer has all input devices", () => {
      return INPUTS.every((kind) => findInput(kind) !== undefined);
    });
  }
  await run("udevadm", "settle");
  for (const path of ["/api/info", "/api/msd", "/api/atx"]) await get(path);
  const ws = await openWs();
  await ws.waitFor("hid");
  await ws.close();
}
