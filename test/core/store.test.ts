import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CancelledError } from "../../src/core/errors.ts";
import { createStore, isEqual, until } from "../../src/core/store.ts";

describe("isEqual", () => {
  it.each([
    [1, 1, true],
    [Number.NaN, Number.NaN, true],
    [0, -0, false],
    ["a", "b", false],
    [null, undefined, false],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, true],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: undefined }, { b: undefined }, false],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [{ a: 1 }, null, false],
    [1, { a: 1 }, false],
  ])("compares %j and %j as %s", (a, b, expected) => {
    expect(isEqual(a, b)).toBe(expected);
    expect(isEqual(b, a)).toBe(expected);
  });

  it("compares plain objects without a prototype like others", () => {
    const bare: unknown = Object.assign(Object.create(null), { a: 1 });
    expect(isEqual(bare, { a: 1 })).toBe(true);
  });

  it("compares class instances and functions by identity", () => {
    const date = new Date(0);
    expect(isEqual(date, new Date(0))).toBe(false);
    expect(isEqual(date, date)).toBe(true);
    expect(
      isEqual(
        () => 1,
        () => 1,
      ),
    ).toBe(false);
  });

  it("finds every value of plain data equal to its copy", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(isEqual(value, structuredClone(value))).toBe(true);
      }),
    );
  });
});

describe("createStore", () => {
  it("tells every listener in order, with the new and the previous value", () => {
    const store = createStore({ on: false });
    const calls: unknown[] = [];
    store.subscribe((next, previous) => {
      calls.push(["a", next.on, previous.on]);
    });
    store.subscribe((next, previous) => {
      calls.push(["b", next.on, previous.on]);
    });
    store.set({ on: true });
    expect(calls).toEqual([
      ["a", true, false],
      ["b", true, false],
    ]);
    expect(store.value).toEqual({ on: true });
  });

  it("shows listeners the new value as its own", () => {
    const store = createStore(1);
    let seen = 0;
    store.subscribe(() => {
      seen = store.value;
    });
    store.set(2);
    expect(seen).toBe(2);
  });

  it("stays silent for an equal value and keeps the old object", () => {
    const first = { on: false };
    const store = createStore(first);
    let calls = 0;
    store.subscribe(() => {
      calls += 1;
    });
    store.set({ on: false });
    expect(calls).toBe(0);
    expect(store.value).toBe(first);
  });

  it("compares the way it is told to", () => {
    const store = createStore(1.2, (a, b) => Math.floor(a) === Math.floor(b));
    store.set(1.9);
    expect(store.value).toBe(1.2);
    store.set(2.1);
    expect(store.value).toBe(2.1);
  });

  it("stops telling a listener that left, and does not mind leaving twice", () => {
    const store = createStore(0);
    let calls = 0;
    const unsubscribe = store.subscribe(() => {
      calls += 1;
    });
    unsubscribe();
    unsubscribe();
    store.set(1);
    expect(calls).toBe(0);
  });

  it("tells one function twice when it subscribed twice", () => {
    const store = createStore(0);
    let calls = 0;
    const listener = (): void => {
      calls += 1;
    };
    const unsubscribe = store.subscribe(listener);
    store.subscribe(listener);
    store.set(1);
    expect(calls).toBe(2);
    unsubscribe();
    store.set(2);
    expect(calls).toBe(3);
  });

  it("tells the others although one listener throws, then rethrows the first failure", () => {
    const store = createStore(0);
    let calls = 0;
    store.subscribe(() => {
      throw new Error("first");
    });
    store.subscribe(() => {
      throw new Error("second");
    });
    store.subscribe(() => {
      calls += 1;
    });
    expect(() => store.set(1)).toThrow("first");
    expect(calls).toBe(1);
    expect(store.value).toBe(1);
  });
});

describe("until", () => {
  it("resolves at once when the value already fits", async () => {
    await expect(until(createStore(5), (value) => value === 5)).resolves.toBe(5);
  });

  it("resolves with the first value that fits", async () => {
    const store = createStore(0);
    const waiting = until(store, (value) => value > 1);
    store.set(1);
    store.set(2);
    store.set(3);
    await expect(waiting).resolves.toBe(2);
  });

  it("rejects when aborted, before or meanwhile", async () => {
    const store = createStore(0);
    await expect(until(store, () => true, AbortSignal.abort())).rejects.toBeInstanceOf(
      CancelledError,
    );
    const controller = new AbortController();
    const waiting = until(store, (value) => value > 0, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toBeInstanceOf(CancelledError);
  });

  it("stops listening to the store and to the signal when it is over", async () => {
    const store = createStore(0);
    const controller = new AbortController();
    let checks = 0;
    const waiting = until(
      store,
      (value) => {
        checks += 1;
        return value > 0;
      },
      controller.signal,
    );
    store.set(1);
    await waiting;
    store.set(2);
    controller.abort();
    expect(checks).toBe(2);
  });
});
