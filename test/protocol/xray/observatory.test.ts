import { describe, expect, it } from "vitest";
import { parseObservatory } from "../../../src/protocol/xray/observatory.ts";

describe("parseObservatory", () => {
  it("sorts outbounds and fills in what is left out", () => {
    const text = JSON.stringify({
      cmdline: ["xray"],
      observatory: {
        warp: { delay: 99_999_999, outbound_tag: "warp-1", last_try_time: 5 },
        direct: { alive: true, delay: 12, last_seen_time: 4, last_try_time: 4 },
      },
    });
    expect(parseObservatory(text)).toEqual([
      { name: "direct", link: "direct", alive: true, delayMs: 12, lastSeenAt: 4, lastTryAt: 4 },
      {
        name: "warp",
        link: "warp-1",
        alive: false,
        delayMs: 99_999_999,
        lastSeenAt: 0,
        lastTryAt: 5,
      },
    ]);
  });

  it.each(["{}", '{"observatory":null}'])("tells that %s observes nothing", (text) => {
    expect(parseObservatory(text)).toBeUndefined();
  });

  it.each(["", "[]", '{"observatory":[1]}', '{"observatory":{"a":{"delay":"1"}}}'])(
    "refuses '%s'",
    (text) => {
      expect(() => parseObservatory(text)).toThrow(SyntaxError);
    },
  );
});
