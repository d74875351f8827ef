import { describe, expect, it } from "vitest";
import { isOlder } from "../../src/web/lib/page-build.ts";

describe("a page that was opened before an update", () => {
  it("is one of another build than the server would send", () => {
    expect(isOlder("a1", "b2")).toBe(true);
    expect(isOlder("a1", "a1")).toBe(false);
  });

  it("is not to be known where the page or the server names no build", () => {
    expect(isOlder("", "b2")).toBe(false);
    expect(isOlder("a1", "")).toBe(false);
  });
});
