// The USB cable is pulled while a key is held, and put back.
import { readdirSync, writeFileSync } from "node:fs";
import { openWs } from "../guest/api.ts";
import { EV, findInput, InputReader, KEY } from "../guest/input-events.ts";
import { until } from "../guest/wait.ts";
import type { Scenario } from "../guest/scenario.ts";

/** The computer's port: without power it is as if the cable were out. */
function switchPort(isOff: boolean): void {
  const root = "/sys/devices/platform/dummy_hcd.0/usb1/1-0:1.0";
  const port = readdirSync(root).find((name) => name.endsWith("port1"));
  if (port === undefined) throw new Error(`No port in ${root}`);
  writeFileSync(`${root}/${port}/disable`, isOff ? "1" : "0");
}

export const usbReplug: Scenario = {
  name: "usb-replug",
  async run({ check, measure }) {
    const ws = await openWs();
    const before = await InputReader.open("keyboard");
    ws.send("key", { key: "KeyA", state: true });
    await before.next(EV.key, KEY.a, 1);
    switchPort(true);
    await until("the devices are gone", () => findInput("keyboard") === undefined);
    before.close();
    check("without the cable there is no keyboard", true);
    ws.send("key", { key: "KeyA", state: false });
    const pluggedAt = performance.now();
    switchPort(false);
    const after = await InputReader.open("keyboard");
    measure("plug to keyboard", performance.now() - pluggedAt, "ms");
    await until("a key works again", () => {
      ws.send("key", { key: "KeyB", state: true });
      ws.send("key", { key: "KeyB", state: false });
      return after.events.some(({ code, value }) => code === KEY.b && value === 1);
    });
    await after.next(EV.key, KEY.b, 0);
    check("with it, keys arrive again", true);
    const strayed = after.events.some(({ code, value }) => code === KEY.a && value === 1);
    check("a key let go meanwhile is not pressed", !strayed);
    after.close();
    await ws.close();
  },
};
