import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createStandIn } from "../../src/core/stand-in.ts";
import { createStore, until } from "../../src/core/store.ts";
import type { Unsubscribe } from "../../src/core/store.ts";

/** With a private field, a getter, data, a source of events and a part of its own. */
class Radio {
  readonly model: { readonly name: string };
  readonly #volume = createStore(0);
  readonly #listeners = new Set<(text: string) => void>();
  readonly antenna;
  /** What newcomers hear at once. */
  greeting = "";

  constructor(name: string, length = 1) {
    this.model = { name };
    const state = createStore(length);
    this.antenna = { state, pull: (by: number) => state.set(state.value + by) };
  }

  get volume() {
    return this.#volume;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  turn(to: number): string {
    this.#volume.set(to);
    return `${this.model.name} at ${to}`;
  }

  watch(listener: (text: string) => void): Unsubscribe {
    if (this.greeting !== "") listener(this.greeting);
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  say(text: string): void {
    for (const listener of this.#listeners) listener(text);
  }
}

function radios() {
  const [first, second] = [new Radio("first"), new Radio("second", 5)];
  return { first, second, ...createStandIn(first) };
}

describe("createStandIn", () => {
  it("sends calls to the present object, also through methods that were taken out before", () => {
    const { part, second, exchange } = radios();
    const turn = part.turn;
    expect(turn(3)).toBe("first at 3");
    exchange(second);
    expect(turn(4)).toBe("second at 4");
    expect(part.model.name).toBe("second");
    expect(second.volume.value).toBe(4);
  });

  it("keeps stores, and tells their subscribers what differs", async () => {
    const { part, first, second, exchange } = radios();
    const { volume } = part;
    const seen: [number, number][] = [];
    volume.subscribe((next, previous) => void seen.push([next, previous]));
    first.turn(7);
    exchange(second);
    expect(part.volume).toBe(volume);
    first.turn(8);
    const loud = until(volume, (value) => value === 9);
    second.turn(9);
    expect(await loud).toBe(9);
    expect(seen).toEqual([
      [7, 0],
      [0, 7],
      [9, 0],
    ]);
  });

  it("says nothing when the next value is equal", () => {
    const { part, second, exchange } = radios();
    let told = 0;
    part.volume.subscribe(() => {
      told += 1;
    });
    exchange(second);
    expect(told).toBe(0);
  });

  it("makes subscriptions again at the next object, and ends them there", () => {
    const { part, first, second, exchange } = radios();
    const heard: string[] = [];
    const stop = part.watch((text) => void heard.push(text));
    const other = part.watch(() => undefined);
    other();
    exchange(second);
    expect([first.listeners, second.listeners]).toEqual([0, 1]);
    second.say("hello");
    stop();
    stop();
    second.say("nobody");
    expect([heard, second.listeners]).toEqual([["hello"], 0]);
  });

  it("subscribes nobody again who has heard enough at once", () => {
    const { part, first, second, exchange } = radios();
    second.greeting = "hello";
    const heard: string[] = [];
    const stop = part.watch((text) => {
      heard.push(text);
      stop();
    });
    exchange(second);
    second.say("nobody");
    expect([heard, first.listeners, second.listeners]).toEqual([["hello"], 0, 0]);
  });

  it("subscribes whoever comes in the middle of an exchange once", () => {
    const { part, second, exchange } = radios();
    second.greeting = "hello";
    const heard: string[] = [];
    part.watch((text) => {
      if (text === "hello") part.watch((more) => void heard.push(more));
    });
    exchange(second);
    second.say("news");
    expect([heard, second.listeners]).toEqual([["hello", "news"], 2]);
  });

  it("exchanges everything although somebody who is told of it throws", () => {
    const { part, first, second, exchange } = radios();
    const heard: string[] = [];
    const fail = (text: string): void => {
      throw new Error(`cannot take ${text}`);
    };
    first.turn(1);
    part.volume.subscribe((volume) => fail(String(volume)));
    const stop = part.watch(fail);
    part.watch((text) => void heard.push(text));
    const { antenna } = part;
    second.greeting = "hello";
    expect(() => {
      exchange(second);
    }).toThrow("cannot take 0");
    stop();
    expect([first.listeners, antenna.state.value]).toEqual([0, 5]);
    expect(heard).toEqual(["hello"]);
  });

  it("is, whatever happens in which order, what the present object is", () => {
    const step = fc.oneof(
      fc.record({ op: fc.constant("subscribe" as const) }),
      fc.record({ op: fc.constant("stop" as const), index: fc.nat(5) }),
      fc.record({ op: fc.constant("exchange" as const), volume: fc.nat(2) }),
      fc.record({ op: fc.constant("turn" as const), volume: fc.nat(2) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const made = [new Radio("0")];
        const { part, exchange } = createStandIn(made[0] ?? new Radio("none"));
        const listeners: { heard: number; isActive: boolean; stop: Unsubscribe }[] = [];
        let [said, told] = [0, part.volume.value];
        part.volume.subscribe((volume, before) => {
          expect(before).toBe(told);
          told = volume;
        });
        for (const now of steps) {
          if (now.op === "subscribe") {
            const listener = { heard: said, isActive: true, stop: (): void => undefined };
            listener.stop = part.watch(() => void (listener.heard += 1));
            listeners.push(listener);
          } else if (now.op === "stop") {
            const listener = listeners[now.index];
            listener?.stop();
            if (listener !== undefined) listener.isActive = false;
          } else if (now.op === "turn") part.turn(now.volume);
          else {
            const next = new Radio(String(made.length));
            next.turn(now.volume);
            made.push(next);
            exchange(next);
          }
          const active = listeners.filter(({ isActive }) => isActive);
          for (const radio of made) radio.say("to whoever listens");
          said += 1;
          expect(active.every(({ heard }) => heard === said)).toBe(true);
          expect(made.map((radio) => radio.listeners)).toEqual([
            ...made.slice(1).map(() => 0),
            active.length,
          ]);
          expect([part.volume.value, told]).toEqual(Array(2).fill(made.at(-1)?.volume.value));
        }
      }),
    );
  });

  it("stands in for the parts of the object too", () => {
    const { part, second, exchange } = radios();
    const { antenna } = part;
    const lengths: number[] = [];
    antenna.state.subscribe((length) => void lengths.push(length));
    antenna.pull(1);
    exchange(second);
    antenna.pull(2);
    expect(lengths).toEqual([2, 5, 7]);
    expect(part.antenna).toBe(antenna);
  });

  it("holds on to none of the objects that it stood for", async () => {
    setFlagsFromString("--expose-gc");
    const collect: unknown = runInNewContext("gc");
    const made = (): { weak: WeakRef<Radio>[]; present: Radio } => {
      const first = new Radio("first");
      const { part, exchange } = createStandIn(first);
      part.antenna.pull(1);
      part.watch(() => undefined);
      const second = new Radio("second");
      exchange(second);
      exchange(new Radio("present"));
      return { weak: [new WeakRef(first), new WeakRef(second)], present: part };
    };
    const { weak: gone, present } = made();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    if (typeof collect === "function") Reflect.apply(collect, undefined, []);
    expect(gone.map((radio) => radio.deref()?.model.name)).toEqual([undefined, undefined]);
    expect(present.model.name).toBe("present");
  });

  it("lets nobody replace what is in it", () => {
    const { part } = radios();
    expect(() => Object.assign(part, { model: { name: "other" } })).toThrow(TypeError);
  });
});
