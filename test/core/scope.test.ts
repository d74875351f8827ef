import { describe, expect, it } from "vitest";
import { CancelledError } from "../../src/core/errors.ts";
import { silentLogger } from "../../src/core/log.ts";
import { createScope } from "../../src/core/scope.ts";
import { settle } from "../support/fake-clock.ts";
import { recordingLogger } from "../support/recording-logger.ts";

describe("Scope", () => {
  it("releases in reverse order", async () => {
    const scope = createScope("device", silentLogger);
    const order: string[] = [];
    scope.defer(() => {
      order.push("first");
    });
    scope.defer(async () => {
      await settle();
      order.push("second");
    });
    await scope.close();
    expect(order).toEqual(["second", "first"]);
  });

  it("aborts its signal before the first release", async () => {
    const scope = createScope("device", silentLogger);
    let wasAborted = false;
    scope.defer(() => {
      wasAborted = scope.signal.aborted;
    });
    await scope.close();
    expect(wasAborted).toBe(true);
  });

  it("runs every release and reports all failures together", async () => {
    const scope = createScope("device", silentLogger);
    let hasReleased = false;
    scope.defer(() => {
      hasReleased = true;
    });
    scope.defer(() => {
      throw new Error("one");
    });
    scope.defer(() => Promise.reject(new Error("two")));
    const failure: unknown = await scope.close().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AggregateError);
    expect(failure).toMatchObject({
      message: "Closing device failed",
      errors: [{ message: "two" }, { message: "one" }],
    });
    expect(hasReleased).toBe(true);
  });

  it("closes once, however often it is asked", async () => {
    const scope = createScope("device", silentLogger);
    let releases = 0;
    scope.defer(() => {
      releases += 1;
    });
    await Promise.all([scope.close(), scope.close()]);
    await scope.close();
    expect(releases).toBe(1);
  });

  it("closes a child before what the parent owned earlier", async () => {
    const scope = createScope("device", silentLogger);
    const order: string[] = [];
    scope.defer(() => {
      order.push("parent");
    });
    scope.child("hid").defer(() => {
      order.push("child");
    });
    await scope.close();
    expect(order).toEqual(["child", "parent"]);
  });

  it("names the child by its path when closing fails", async () => {
    const scope = createScope("device", silentLogger);
    const child = scope.child("hid");
    child.defer(() => {
      throw new Error("stuck");
    });
    await expect(child.close()).rejects.toThrow("Closing device/hid failed");
    await expect(scope.close()).rejects.toThrow("Closing device failed");
  });

  it("runs a release at once when it is already closed", async () => {
    const scope = createScope("device", silentLogger);
    await scope.close();
    let hasReleased = false;
    scope.defer(() => {
      hasReleased = true;
    });
    await settle();
    expect(hasReleased).toBe(true);
  });

  it("logs a late release that fails", async () => {
    const log = recordingLogger();
    const scope = createScope("device", log);
    await scope.close();
    scope.defer(() => {
      throw new Error("too late");
    });
    await settle();
    expect(log.records).toMatchObject([
      { level: "error", message: "late release failed", fields: { scope: "device" } },
    ]);
  });
});

describe("Scope.task", () => {
  it("is awaited by close and sees the abort", async () => {
    const scope = createScope("device", silentLogger);
    let isDone = false;
    scope.task("poll", async (signal) => {
      await new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
      await settle();
      isDone = true;
    });
    await scope.close();
    expect(isDone).toBe(true);
  });

  it("logs a failure once, with the task's name", async () => {
    const log = recordingLogger();
    const scope = createScope("device", log);
    scope.task("poll", () => Promise.reject(new Error("broken")));
    await settle();
    expect(log.records).toMatchObject([
      { level: "error", message: "task failed", fields: { scope: "device", task: "poll" } },
    ]);
    await scope.close();
    expect(log.records).toHaveLength(1);
  });

  it("does not log a cancellation", async () => {
    const log = recordingLogger();
    const scope = createScope("device", log);
    scope.task("poll", () => Promise.reject(new CancelledError()));
    await settle();
    expect(log.records).toEqual([]);
  });

  it("does not log what a task throws because of the close", async () => {
    const log = recordingLogger();
    const scope = createScope("device", log);
    scope.task("poll", async (signal) => {
      await new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
      throw new Error("socket closed");
    });
    await scope.close();
    expect(log.records).toEqual([]);
  });
});
