import { describe, expect, it } from "vitest";
import { errnoOf, MissingPartError } from "../../../src/core/errors.ts";
import { loadOnoff } from "../../../src/platform/gpio/onoff-line.ts";
import type { OpenSysfsLine } from "../../../src/platform/gpio/onoff-line.ts";

/** A number that no chip reaches. */
const NO_SUCH_LINE = 99_999_999;

function failureOf(open: OpenSysfsLine): unknown {
  try {
    return open(NO_SUCH_LINE, "in", "both");
  } catch (error) {
    return error;
  }
}

describe("loadOnoff", () => {
  it("opens lines through the real package, or says what to install where its addon is not built", async () => {
    const outcome = await loadOnoff().then(failureOf, (error: unknown) => error);
    // ENOENT without the number-based file system, EINVAL with it, EACCES without permission.
    const isAsExpected = outcome instanceof MissingPartError || errnoOf(outcome) !== undefined;
    expect({ outcome, isAsExpected }).toMatchObject({ isAsExpected: true });
  });
});
