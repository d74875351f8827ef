// A CH9329 at the UART: keys, pointer and lights by real frames at 9600 baud, and a chip that falls silent.
import { call, get, openWs } from "../guest/api.ts";
import { readChip, tellChip } from "../guest/chip.ts";
import { until } from "../guest/wait.ts";
import type { Scenario } from "../guest/scenario.ts";

const USAGE_A = 4;
const CENTER = { x: 959, y: 539 };

const held = async (): Promise<readonly number[]> => (await readChip()).target.keys;

const isOnline = async (): Promise<boolean> => (await get<{ online: boolean }>("/api/hid")).online;

export const ch9329: Scenario = {
  name: "ch9329",
  async run({ check, measure }) {
    await until("the chip answers", isOnline);
    check("the chip is found at the UART", true);
    const ws = await openWs();
    const sentAt = performance.now();
    ws.send("key", { key: "KeyA", state: true });
    await until("the key is down", async () => (await held()).includes(USAGE_A));
    measure("key to chip, and asked", performance.now() - sentAt, "ms");
    ws.send("key", { key: "KeyA", state: false });
    await until("the key is up", async () => (await held()).length === 0);
    check("a key goes down and up", true);
    // Refused while the chip seems to be gone, as it may on a very busy host.
    await until("a text is taken", async () => {
      const { status } = await call("POST", "/api/hid/print?limit=0", { body: "Hello, UART" });
      return status === 200;
    });
    const { target } = await readChip();
    check("a text is typed", target.lines.at(-1)?.endsWith("Hello, UART") === true, target.lines);
    ws.send("mouse_move", { to: { x: 0, y: 0 } });
    await until("the pointer is in the middle", async () => {
      const { x, y } = (await readChip()).target.pointer;
      return Math.abs(x - CENTER.x) < 3 && Math.abs(y - CENTER.y) < 3;
    });
    check("the pointer is where it was sent", true);
    await tellChip({ caps: true });
    await ws.waitFor("hid", (event) => JSON.stringify(event).includes('"caps":true'));
    check("the light of another keyboard is told to clients", true);
    await tellChip({ caps: false });

    await tellChip({ isSilent: true });
    await until("silence is noticed", async () => !(await isOnline()));
    await tellChip({ isSilent: false });
    await until("the chip is back", isOnline);
    check("a chip that falls silent is shown, and taken back", true);
    ws.send("key", { key: "KeyA", state: true });
    await until("the key is down", async () => (await held()).includes(USAGE_A));
    ws.vanish();
    await until("the key is up", async () => (await held()).length === 0);
    check("a client that vanishes leaves nothing pressed", true);
  },
};
