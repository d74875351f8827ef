import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { encodeRequest } from "../../../src/protocol/ch9329/commands.ts";
import type { Ch9329Request } from "../../../src/protocol/ch9329/commands.ts";
import { Ch9329Parser } from "../../../src/protocol/ch9329/parser.ts";
import { parseReply } from "../../../src/protocol/ch9329/replies.ts";
import type { Ch9329Reply } from "../../../src/protocol/ch9329/replies.ts";
import { createCh9329Chip } from "../../../src/platform/sim/ch9329-chip.ts";
import type { Ch9329ChipOptions } from "../../../src/platform/sim/ch9329-chip.ts";
import { createMemoryLine } from "../../../src/platform/sim/memory-line.ts";
import { createTargetPc } from "../../../src/platform/sim/target-pc.ts";
import { fakeClock, settle } from "../../support/fake-clock.ts";

type Options = Pick<Ch9329ChipOptions, "baudRate" | "wireTiming">;

/** A chip on a running computer, and a host that only collects what comes back. */
function setUp(options: Options & { readonly lineBaudRate?: number } = {}) {
  const { lineBaudRate = 9600, ...chipOptions } = options;
  const clock = fakeClock();
  const target = createTargetPc(clock);
  const chip = createCh9329Chip({ clock, target, ...chipOptions });
  const received: number[] = [];
  const connect = (baudRate: number) => {
    const line = createMemoryLine("test");
    line.host.onReceive((bytes) => {
      received.push(...bytes);
    });
    chip.attach(line.peer, baudRate);
    return line.host;
  };
  let host = connect(lineBaudRate);
  const takeHex = async (): Promise<string> => {
    await settle();
    return toHex(Uint8Array.from(received.splice(0)));
  };
  const send = async (hex: string): Promise<string> => {
    await host.send(fromHex(hex));
    return takeHex();
  };
  const takeReply = async (): Promise<Ch9329Reply | undefined> => {
    await settle();
    const replies: Ch9329Reply[] = [];
    const parser = new Ch9329Parser((result) => {
      if (result.type === "frame") replies.push(parseReply(result.frame));
    });
    parser.push(Uint8Array.from(received.splice(0)));
    return replies.at(-1);
  };
  const ask = async (request: Ch9329Request): Promise<Ch9329Reply | undefined> => {
    await host.send(encodeRequest(request));
    return takeReply();
  };
  return {
    clock,
    target,
    chip,
    send,
    ask,
    takeHex,
    takeReply,
    reopen(baudRate: number) {
      host = connect(baudRate);
    },
    get host() {
      return host;
    },
  };
}

const KEY_A = "57 AB 00 02 08 00 00 04 00 00 00 00 00 10";
const GET_INFO = "57 AB 00 01 00 03";
const KEY_OK = "57 ab 00 82 01 00 85";

describe("simulated CH9329 obeys", () => {
  it("GET_INFO with version, enumeration and the computer's lights", async () => {
    const { send } = setUp();
    // V1.8, enumerated, num lock.
    expect(await send(GET_INFO)).toBe("57 ab 00 81 08 38 01 01 00 00 00 00 00 c5");
  });

  it("a key press with the documented answer", async () => {
    const { send, target } = setUp();
    expect(await send(KEY_A)).toBe(KEY_OK);
    expect(target.state.value).toMatchObject({ keys: [0x04], lines: ["a"] });
  });

  it("an absolute position, up to the last pixel", async () => {
    const { ask, target, chip } = setUp();
    await ask({ type: "absolute", buttons: 1, x: 4095, y: 0, wheel: 0 });
    expect(target.state.value).toMatchObject({ pointer: { x: 1919, y: 0 }, buttons: 1 });
    expect(chip.mouseMode).toBe("absolute");
  });

  it("relative motion and the wheel with their signs", async () => {
    const { ask, target, chip } = setUp();
    await ask({ type: "relative", buttons: 4, dx: -127, dy: 5, wheel: -1 });
    expect(target.state.value).toMatchObject({
      pointer: { x: 960 - 127, y: 545 },
      wheel: -1,
      buttons: 4,
    });
    expect(chip.mouseMode).toBe("relative");
  });

  it("buttons of its two mice together, as the computer does", async () => {
    const { ask, target } = setUp();
    await ask({ type: "absolute", buttons: 1, x: 0, y: 0, wheel: 0 });
    await ask({ type: "relative", buttons: 2, dx: 0, dy: 0, wheel: 0 });
    expect(target.state.value.buttons).toBe(3);
    await ask({ type: "absolute", buttons: 0, x: 0, y: 0, wheel: 0 });
    expect(target.state.value.buttons).toBe(2);
  });

  it("media and system keys", async () => {
    const { ask, target } = setUp();
    expect(await ask({ type: "media", bits: 0x10_04 })).toEqual({ type: "done", command: 3 });
    expect(target.state.value.media).toBe(0x10_04);
    await ask({ type: "system", bits: 1 });
    expect(target.state.value.phase).toBe("stopping");
  });

  it("lock keys, whose lights it then reports", async () => {
    const { ask } = setUp();
    await ask({ type: "keyboard", modifiers: 0, keys: [0x39] });
    await ask({ type: "keyboard", modifiers: 0, keys: [0x53] });
    expect(await ask({ type: "getInfo" })).toMatchObject({
      info: { numLock: false, capsLock: true, scrollLock: false },
    });
  });

  it("several frames in one chunk and one frame in many", async () => {
    const { host, send, takeHex } = setUp();
    expect(await send(GET_INFO + GET_INFO)).toHaveLength(2 * (14 * 3) - 1);
    for (const byte of fromHex(KEY_A)) await host.send(Uint8Array.of(byte));
    expect(await takeHex()).toBe(KEY_OK);
  });

  it("a broadcast without answering, and no other chip's address", async () => {
    const { host, takeHex, target } = setUp();
    const press: Ch9329Request = { type: "keyboard", modifiers: 0, keys: [4] };
    await host.send(encodeRequest(press, 0x05));
    await settle();
    expect(target.state.value.lines).toEqual([""]);
    await host.send(encodeRequest(press, 0xff));
    expect(await takeHex()).toBe("");
    expect(target.state.value.lines).toEqual(["a"]);
  });

  it("nothing while the computer is off, saying so", async () => {
    const { clock, send, ask, target } = setUp();
    target.setPowerSwitch(true);
    await clock.advance(4000);
    expect(await send(KEY_A)).toBe("57 ab 00 c2 01 e6 ab");
    expect(await ask({ type: "getInfo" })).toMatchObject({
      info: { hostReady: false, numLock: false },
    });
  });

  it("requests that listeners are told of", async () => {
    const { ask, chip } = setUp();
    const types: string[] = [];
    const unsubscribe = chip.onRequest(({ type }) => {
      types.push(type);
    });
    await ask({ type: "getInfo" });
    unsubscribe();
    await ask({ type: "getInfo" });
    expect(types).toEqual(["getInfo"]);
  });
});

describe("simulated CH9329 refuses", () => {
  it.each([
    ["a wrong sum", "57 AB 00 02 08 00 00 04 00 00 00 00 00 11", "57 ab 00 c2 01 e4 a9"],
    ["an unknown command", "57 AB 00 3F 00 41", "57 ab 00 ff 01 e3 e5"],
    [
      "a position outside the screen",
      "57 AB 00 04 07 02 00 00 10 00 00 00 1F",
      "57 ab 00 c4 01 e5 ac",
    ],
    ["a delta of -128", "57 AB 00 05 05 01 00 80 00 00 8D", "57 ab 00 c5 01 e5 ad"],
    ["custom HID data in keyboard mode", "57 AB 00 06 01 01 0A", "57 ab 00 c6 01 e6 af"],
  ])("%s", async (_, request, reply) => {
    const { send } = setUp();
    expect(await send(request)).toBe(reply);
  });

  it("a frame with a gap longer than its packet interval, and hears the next one", async () => {
    const { clock, send } = setUp();
    expect(await send(KEY_A.slice(0, 20))).toBe("");
    await clock.advance(3);
    expect(await send(GET_INFO)).toMatch(/^57 ab 00 c2 01 e1 a6 57 ab 00 81/);
  });

  it("nothing it cannot read as a frame", async () => {
    const { send } = setUp();
    expect(await send("00 ff 13 57 00 ab")).toBe("");
    expect(await send(KEY_A)).toBe(KEY_OK);
  });
});

describe("simulated CH9329 keeps parameters", () => {
  async function blockOf(ask: ReturnType<typeof setUp>["ask"]): Promise<Uint8Array> {
    const reply = await ask({ type: "getParameters" });
    return reply?.type === "parameters" ? reply.data : new Uint8Array();
  }

  it("of the factory", async () => {
    const { ask } = setUp();
    const block = await blockOf(ask);
    expect(toHex(block.subarray(0, 15))).toBe("80 80 00 00 00 25 80 08 00 00 03 86 1a 29 e1");
  });

  it("and takes a new speed at the next reset", async () => {
    const { ask, clock, chip, reopen } = setUp();
    const block = await blockOf(ask);
    block.set([0x00, 0x01, 0xc2, 0x00], 3);
    expect(await ask({ type: "setParameters", data: block })).toMatchObject({ type: "done" });
    expect(chip.baudRate).toBe(9600);
    expect(await ask({ type: "reset" })).toMatchObject({ type: "done" });
    await clock.advance(1000);
    expect(chip.baudRate).toBe(115_200);
    expect(await ask({ type: "getInfo" })).toBeUndefined();
    reopen(115_200);
    expect(await ask({ type: "getInfo" })).toMatchObject({ type: "info" });
  });

  it("and stays at its speed when told an impossible one", async () => {
    const { ask, clock, chip } = setUp();
    const block = await blockOf(ask);
    block.set([0, 0, 0, 7], 3);
    await ask({ type: "setParameters", data: block });
    await ask({ type: "reset" });
    await clock.advance(1000);
    expect(chip.baudRate).toBe(9600);
  });

  it("goes back to the factory's on command", async () => {
    const { ask, clock, chip, reopen } = setUp({ baudRate: 57_600, lineBaudRate: 57_600 });
    await ask({ type: "factoryReset" });
    await ask({ type: "reset" });
    await clock.advance(1000);
    reopen(9600);
    expect([chip.baudRate, (await ask({ type: "getInfo" }))?.type]).toEqual([9600, "info"]);
  });

  it("and USB strings", async () => {
    const { ask } = setUp();
    const text = new TextEncoder().encode("Farhand");
    await ask({ type: "setUsbString", kind: 1, text });
    expect(await ask({ type: "getUsbString", kind: 1 })).toMatchObject({ kind: 1, text });
  });

  it("is deaf for a moment after a reset, then waits to be enumerated, with nothing held", async () => {
    const { ask, clock, target } = setUp();
    await ask({ type: "keyboard", modifiers: 1, keys: [4] });
    await ask({ type: "reset" });
    expect(target.state.value).toMatchObject({ modifiers: 0, keys: [] });
    expect(await ask({ type: "getInfo" })).toBeUndefined();
    await clock.advance(200);
    expect(await ask({ type: "getInfo" })).toMatchObject({ info: { hostReady: false } });
    await clock.advance(800);
    expect(await ask({ type: "getInfo" })).toMatchObject({ info: { hostReady: true } });
  });
});

describe("simulated CH9329 faults", () => {
  it("drop every nth reply, although the request was obeyed", async () => {
    const { send, chip, target } = setUp();
    chip.faults.dropEveryNth = 3;
    const answers: string[] = [];
    for (let count = 0; count < 6; count += 1) answers.push(await send(KEY_A));
    expect(answers.map((answer) => answer === "")).toEqual([
      false,
      false,
      true,
      false,
      false,
      true,
    ]);
    expect(target.state.value.keys).toEqual([4]);
  });

  it("corrupt the sum", async () => {
    const { send, chip } = setUp();
    chip.faults.corruptChecksum = true;
    expect(await send(KEY_A)).toBe("57 ab 00 82 01 00 7a");
    chip.faults.corruptChecksum = false;
    expect(await send(KEY_A)).toBe(KEY_OK);
  });

  it.each([1, 2, 3, 4, 5, 6])("split a reply before byte %i", async (splitAt) => {
    const { send, takeHex, clock, chip } = setUp();
    chip.faults.splitAt = splitAt;
    const first = await send(KEY_A);
    expect(first.split(" ")).toHaveLength(splitAt);
    await clock.advance(chip.faults.splitGapMs);
    expect(`${first} ${await takeHex()}`).toBe(KEY_OK);
  });

  it("delay each reply by what was set when its request came", async () => {
    const { send, takeHex, clock, chip } = setUp();
    chip.faults.delayMs = 50;
    expect(await send(KEY_A)).toBe("");
    chip.faults.delayMs = 10;
    expect(await send(GET_INFO)).toBe("");
    await clock.advance(49);
    chip.faults.delayMs = 0;
    expect(await takeHex()).toMatch(/^57 ab 00 81/);
    await clock.advance(1);
    expect(await takeHex()).toBe(KEY_OK);
  });

  it("lose replies beyond a bound when the host does not wait for them", async () => {
    const { host, takeHex, clock, chip } = setUp();
    chip.faults.delayMs = 50;
    for (let count = 0; count < 100; count += 1) await host.send(fromHex(KEY_A));
    await settle();
    expect(clock.pending).toBeLessThanOrEqual(32);
    await clock.advance(50);
    expect((await takeHex()).split(" ").length).toBeLessThanOrEqual(32 * 7);
  });

  it("stay silent, although the request was obeyed", async () => {
    const { send, chip, target } = setUp();
    chip.faults.silent = true;
    expect(await send(KEY_A)).toBe("");
    expect(target.state.value.lines).toEqual(["a"]);
    chip.faults.silent = false;
    expect(await send(GET_INFO)).toMatch(/^57 ab 00 81/);
  });

  it("hear nothing at a wrong speed, by switch or by fact", async () => {
    const { send, chip, target, reopen } = setUp({ baudRate: 115_200, lineBaudRate: 9600 });
    expect(await send(KEY_A)).toBe("");
    reopen(115_200);
    expect(await send(KEY_A)).toBe(KEY_OK);
    chip.faults.wrongBaud = true;
    expect(await send(KEY_A)).toBe("");
    expect(target.state.value.lines).toEqual(["a"]);
  });

  it("answer E6 and not ready while not enumerated", async () => {
    const { send, ask, chip } = setUp();
    chip.faults.notEnumerated = true;
    expect(await send(KEY_A)).toBe("57 ab 00 c2 01 e6 ab");
    expect(await ask({ type: "getInfo" })).toMatchObject({ info: { hostReady: false } });
    chip.faults.notEnumerated = false;
    expect(await send(KEY_A)).toBe(KEY_OK);
  });

  it("refuse everything but GET_INFO", async () => {
    const { ask, chip } = setUp();
    chip.faults.refuseWith = 0xe5;
    expect(await ask({ type: "reset" })).toMatchObject({ type: "failed", status: 0xe5 });
    expect(await ask({ type: "getInfo" })).toMatchObject({ type: "info" });
  });
});

describe("simulated CH9329 on its line", () => {
  it("closes the line when unplugged and leaves held keys held", async () => {
    const { ask, host, chip, target, reopen } = setUp();
    await ask({ type: "keyboard", modifiers: 0, keys: [4] });
    const closed = new Promise((resolve) => {
      host.onClose(resolve);
    });
    chip.unplug();
    expect(await closed).toBeInstanceOf(Error);
    expect([chip.plugged.value, target.state.value.keys]).toEqual([false, [4]]);
    chip.replug();
    reopen(9600);
    expect(await ask({ type: "getInfo" })).toMatchObject({ type: "info" });
  });

  it("forgets half a frame and waiting replies of a line that was closed", async () => {
    const { host, clock, chip, send, takeHex, reopen } = setUp();
    chip.faults.delayMs = 20;
    await host.send(fromHex(KEY_A + KEY_A.slice(0, 20)));
    await settle();
    await host.close();
    await settle();
    expect(clock.pending).toBe(0);
    chip.faults.delayMs = 0;
    reopen(9600);
    await clock.advance(100);
    expect(await takeHex()).toBe("");
    expect(await send(KEY_A)).toBe(KEY_OK);
  });

  it("takes the time of a real wire when asked to", async () => {
    const { send, takeHex, clock } = setUp({ wireTiming: true });
    expect(await send(KEY_A)).toBe("");
    await clock.advance(21);
    expect(await takeHex()).toBe("");
    await clock.advance(3);
    expect(await takeHex()).toBe(KEY_OK);
  });
});
