import { describe, expect, it } from "vitest";
import { CancelledError } from "../../../src/core/errors.ts";
import { HidBusyError, createTurns } from "../../../src/device/hid/keyboard-turns.ts";
import { settle } from "../../support/fake-clock.ts";

describe("createTurns", () => {
  it("gives turns in order of arrival, one at a time", async () => {
    const turns = createTurns(4);
    const order: string[] = [];
    const endFirst = await turns.take();
    const second = turns.take().then((end) => {
      order.push("second");
      return end;
    });
    const third = turns.take().then((end) => {
      order.push("third");
      return end;
    });
    await settle();
    expect(order).toEqual([]);
    endFirst();
    endFirst();
    await settle();
    expect(order).toEqual(["second"]);
    (await second)();
    (await third)();
    expect(order).toEqual(["second", "third"]);
    await expect(turns.take()).resolves.toBeTypeOf("function");
  });

  it("refuses when too many wait", async () => {
    const turns = createTurns(1);
    await turns.take();
    void turns.take();
    await expect(turns.take()).rejects.toBeInstanceOf(HidBusyError);
  });

  it("forgets a waiter that is aborted", async () => {
    const turns = createTurns(1);
    const end = await turns.take();
    const abort = new AbortController();
    const waiting = turns.take(abort.signal);
    abort.abort();
    await expect(waiting).rejects.toBeInstanceOf(CancelledError);
    const next = turns.take();
    end();
    await expect(next).resolves.toBeTypeOf("function");
  });

  it("refuses a caller that is aborted already", async () => {
    await expect(createTurns(1).take(AbortSignal.abort())).rejects.toBeInstanceOf(CancelledError);
  });
});
