import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createStreamPair } from "../../src/hub/stream-pair.ts";
import type { StreamEnd } from "../../src/hub/control.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);

function setUp() {
  let activity = 0;
  const ends: string[] = [];
  const pair = createStreamPair({
    onActivity: () => {
      activity += 1;
    },
    onEnd: (reason) => {
      ends.push(reason);
    },
  });
  return { ...pair, ends, activity: () => activity };
}

/** What an end has received so far. */
function received(end: StreamEnd): { readonly text: string } {
  let text = "";
  end.onReceive((part) => {
    text += Buffer.from(part).toString("latin1");
  });
  return {
    get text() {
      return text;
    },
  };
}

describe("a terminal's stream", () => {
  it("carries bytes both ways, in order", () => {
    const { viewer, agent } = setUp();
    const [atAgent, atViewer] = [received(agent), received(viewer)];
    expect([viewer.send(bytes("l")), viewer.send(bytes("s\n")), agent.send(bytes("a b"))]).toEqual([
      true,
      true,
      true,
    ]);
    expect([atAgent.text, atViewer.text]).toEqual(["ls\n", "a b"]);
  });

  it("keeps what comes before the other end is there", () => {
    const { viewer, agent } = setUp();
    viewer.send(bytes("one "));
    viewer.send(bytes("two"));
    expect(received(agent).text).toBe("one two");
  });

  it("carries no empty messages, which some agents take for the end", () => {
    const { viewer, agent, activity } = setUp();
    let messages = 0;
    agent.onReceive(() => {
      messages += 1;
    });
    expect(viewer.send(new Uint8Array())).toBe(true);
    expect([messages, activity()]).toEqual([0, 0]);
  });

  it("tells a sender to wait, and when to go on", () => {
    const { viewer, agent } = setUp();
    const atViewer = received(viewer);
    let drains = 0;
    agent.onDrain(() => {
      drains += 1;
    });
    viewer.setPaused(true);
    expect(agent.send(bytes("a"))).toBe(false);
    expect(agent.send(bytes("b"))).toBe(false);
    expect([atViewer.text, drains]).toEqual(["", 0]);
    viewer.setPaused(false);
    expect([atViewer.text, drains]).toEqual(["ab", 1]);
    expect(agent.send(bytes("c"))).toBe(true);
    viewer.setPaused(false);
    expect(drains).toBe(1);
  });

  it("takes a pause that is asked for while receiving", () => {
    const { viewer, agent } = setUp();
    let [text, drains] = ["", 0];
    viewer.onReceive((part) => {
      text += Buffer.from(part).toString();
      viewer.setPaused(true);
    });
    agent.onDrain(() => {
      drains += 1;
    });
    expect([agent.send(bytes("a")), agent.send(bytes("b"))]).toEqual([false, false]);
    expect(text).toBe("a");
    viewer.setPaused(false);
    expect(text).toBe("ab");
    expect(drains).toBe(0);
    viewer.setPaused(false);
    expect(drains).toBe(1);
  });

  it("ends when more than four megabytes wait, with a reason", () => {
    const { viewer, agent, ends } = setUp();
    viewer.setPaused(true);
    const piece = new Uint8Array(1024 * 1024);
    for (let count = 0; count < 3; count += 1) agent.send(piece);
    expect(ends).toEqual([]);
    agent.send(piece);
    expect(ends).toEqual(["notRead"]);
    expect(agent.send(piece)).toBe(false);
  });

  it("ends when single letters pile up, which are no smaller in memory", () => {
    const { viewer, agent, ends } = setUp();
    viewer.setPaused(true);
    for (let count = 0; count < 70_000; count += 1) agent.send(bytes("x"));
    expect(ends).toHaveLength(1);
  });

  it("ends once, for both, after the last words", () => {
    const { viewer, agent, ends } = setUp();
    const told: string[] = [];
    const atViewer = received(viewer);
    const tell = (name: string) => (reason: string) => {
      told.push(`${name}: ${reason} after ${atViewer.text}`);
    };
    viewer.onClose(tell("viewer"));
    agent.onClose(tell("agent"));
    viewer.setPaused(true);
    agent.send(bytes("bye"));
    agent.close("exited");
    agent.close("agentGone");
    viewer.close("viewerLeft");
    viewer.onClose(tell("late"));
    expect(told).toEqual([
      "agent: exited after ",
      "viewer: exited after bye",
      "late: exited after bye",
    ]);
    expect(ends).toEqual(["exited"]);
    expect(viewer.send(bytes("x"))).toBe(false);
  });

  it("tells the newest size, also to an end that comes later, and no impossible one", () => {
    const { viewer, agent } = setUp();
    viewer.resize(80, 25);
    viewer.resize(120, 40);
    const sizes: string[] = [];
    agent.onResize((columns, rows) => {
      sizes.push(`${columns}x${rows}`);
    });
    for (const [columns, rows] of [
      [0, 0],
      [-1, 20],
      [80.5, 25],
      [Number.NaN, 25],
      [100_000, 25],
      [100, 30],
    ] as const) {
      viewer.resize(columns, rows);
    }
    expect(sizes).toEqual(["120x40", "100x30"]);
  });

  it("loses and reorders nothing, whatever the pauses", () => {
    const step = fc.oneof(
      fc.string({ minLength: 1, maxLength: 4, unit: "grapheme-ascii" }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const { viewer, agent } = setUp();
        const atViewer = received(viewer);
        let sent = "";
        for (const item of steps) {
          if (typeof item === "boolean") viewer.setPaused(item);
          else {
            sent += item;
            agent.send(bytes(item));
          }
          expect(sent.startsWith(atViewer.text)).toBe(true);
        }
        viewer.setPaused(false);
        expect(atViewer.text).toBe(sent);
      }),
    );
  });
});
