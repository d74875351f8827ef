import { expect, it } from "vitest";
import { createTestApp } from "../support/create-test-app.ts";

it("starts what presses keys and buttons last, so that nothing slow ends before they are let go", async () => {
  const { device } = await createTestApp();
  const { order: names } = device;
  expect(names.slice(-3)).toEqual(["gpio", "atx", "hid"]);
  expect(new Set(names).size).toBe(names.length);
});
