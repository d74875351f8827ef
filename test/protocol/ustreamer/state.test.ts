import { describe, expect, it } from "vitest";
import { parseStateReply } from "../../../src/protocol/ustreamer/state.ts";

const OLD = {
  encoder: { type: "CPU", quality: 80 },
  source: {
    resolution: { width: 640, height: 480 },
    online: false,
    desired_fps: 0,
    captured_fps: 0,
  },
  stream: { queued_fps: 0, clients: 0, clients_stat: {} },
};

describe("parseStateReply", () => {
  it("takes an old version's answer", () => {
    expect(parseStateReply(JSON.stringify({ ok: true, result: OLD }))).toEqual(OLD);
  });

  it("keeps what newer versions add", () => {
    const result = { ...OLD, instance_id: "a", drm: { live: true, fps: 1 } };
    expect(parseStateReply(JSON.stringify({ ok: true, result }))).toEqual(result);
  });

  it.each([
    "",
    "null",
    "{}",
    '{"ok": true, "result": {}}',
    JSON.stringify({ ok: false, result: OLD }),
  ])("refuses %s", (text) => {
    expect(parseStateReply(text)).toBeUndefined();
  });
});
