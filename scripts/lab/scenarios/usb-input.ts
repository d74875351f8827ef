// Keys and pointers by the USB port: what is sent to /api/ws arrives as input events on the computer's side, and the
// computer's keyboard lights come back.
import { openWs, post } from "../guest/api.ts";
import { AXIS, EV, InputReader, KEY, LED_CAPS, setLed } from "../guest/input-events.ts";
import type { Scenario } from "../guest/scenario.ts";
import type { WsClient } from "../../../test/support/ws-client.ts";

const hasCaps = (event: Readonly<Record<string, unknown>>, isLit: boolean): boolean =>
  JSON.stringify(event).includes(`"caps":${isLit}`);

async function useKeyboard(ws: WsClient, { check, measure }: Parameters<Scenario["run"]>[0]) {
  const keyboard = await InputReader.open("keyboard");
  const sentAt = performance.now();
  ws.send("key", { key: "KeyA", state: true });
  const down = await keyboard.next(EV.key, KEY.a, 1);
  measure("key to event", down.at - sentAt, "ms");
  check("a key that goes down is KEY_A", true);
  ws.send("key", { key: "KeyA", state: false });
  await keyboard.next(EV.key, KEY.a, 0);
  check("it goes up again", true);
  keyboard.forget();
  ws.sendRaw(Uint8Array.of(1, 1, ...Buffer.from("ShiftLeft")));
  await keyboard.next(EV.key, KEY.leftShift, 1);
  ws.sendRaw(Uint8Array.of(1, 0, ...Buffer.from("ShiftLeft")));
  await keyboard.next(EV.key, KEY.leftShift, 0);
  check("binary frames press and release", true);
  keyboard.forget();
  await post("/api/hid/print?limit=0", "ab");
  await keyboard.next(EV.key, KEY.b, 0);
  check("a text is typed", true);

  await ws.waitFor("hid", (event) => hasCaps(event, false));
  setLed(keyboard.path, LED_CAPS, true);
  await ws.waitFor("hid", (event) => hasCaps(event, true));
  check("the Caps Lock light of the computer is told to clients", true);
  setLed(keyboard.path, LED_CAPS, false);
  keyboard.close();
}

async function usePointers(ws: WsClient, { check }: Parameters<Scenario["run"]>[0]) {
  const absolute = await InputReader.open("absolute");
  ws.send("mouse_move", { to: { x: 16_384, y: -16_384 } });
  const x = await absolute.next(EV.abs, AXIS.x);
  const y = await absolute.next(EV.abs, AXIS.y);
  const isThere =
    Math.abs(x.value / 32_767 - 0.75) < 0.01 && Math.abs(y.value / 32_767 - 0.25) < 0.01;
  check("the pointer is where it was sent", isThere, [x.value, y.value]);
  ws.send("mouse_button", { button: "left", state: true });
  await absolute.next(EV.key, KEY.left, 1);
  ws.send("mouse_button", { button: "left", state: false });
  await absolute.next(EV.key, KEY.left, 0);
  check("its button clicks", true);
  ws.send("mouse_wheel", { delta: { x: 0, y: 2 } });
  await absolute.next(EV.rel, AXIS.wheel);
  check("its wheel turns", true);
  absolute.close();

  const relative = await InputReader.open("relative");
  await post("/api/hid/set_params?mouse_output=usb_rel");
  ws.send("mouse_relative", { delta: { x: 5, y: -7 } });
  const dx = await relative.next(EV.rel, AXIS.x);
  const dy = await relative.next(EV.rel, AXIS.y);
  check("the relative mouse moves", dx.value === 5 && dy.value === -7, [dx.value, dy.value]);
  relative.close();
  await post("/api/hid/set_params?mouse_output=usb");
}

export const usbInput: Scenario = {
  name: "usb-input",
  async run(lab) {
    const ws = await openWs();
    await ws.waitFor("hid", (event) => JSON.stringify(event).includes('"online":true'));
    await useKeyboard(ws, lab);
    await usePointers(ws, lab);

    const keyboard = await InputReader.open("keyboard");
    ws.send("key", { key: "KeyB", state: true });
    await keyboard.next(EV.key, KEY.b, 1);
    ws.vanish();
    await keyboard.next(EV.key, KEY.b, 0);
    lab.check("a client that vanishes leaves nothing pressed", true);
    keyboard.close();
  },
};
