import { describe, expect, it } from "vitest";
import { LiveFrames } from "../../../../src/api/komari/calls/live-frames.ts";
import { hubFixture, nodeReport } from "../../../support/hub-fixture.ts";
import type { HubFixture } from "../../../support/hub-fixture.ts";

function framesOf({ hub, clock }: HubFixture): LiveFrames {
  return new LiveFrames(hub, clock);
}

interface Frame {
  readonly data: {
    readonly online: readonly string[];
    readonly data: Readonly<Record<string, { readonly cpu: { readonly usage: number } }>>;
  };
}

function parsed(bytes: Uint8Array): Frame["data"] {
  const frame: Frame = JSON.parse(Buffer.from(bytes).toString("utf8"));
  return frame.data;
}

describe("frames of the fleet", () => {
  it("are the same bytes for everybody within half a second, and new ones after it", async () => {
    const fixture = await hubFixture();
    const node = await fixture.addNode();
    const session = fixture.connect(node);
    session.report(nodeReport({ cpuPercent: 1 }));
    const frames = framesOf(fixture);
    const first = frames.frame("public");
    session.report(nodeReport({ cpuPercent: 2 }));
    await fixture.clock.advance(499);
    expect(frames.frame("public")).toBe(first);
    await fixture.clock.advance(1);
    const second = frames.frame("public");
    expect(second).not.toBe(first);
    expect(parsed(second).data[node.uuid]?.cpu.usage).toBe(2);
    expect(frames.frame("public")).toBe(second);
  });

  it("are of two kinds, and the one for guests forgets a node at once that is hidden or removed", async () => {
    const fixture = await hubFixture();
    const [open, other] = [await fixture.addNode("open"), await fixture.addNode("other")];
    for (const node of [open, other]) fixture.connect(node).report(nodeReport());
    const frames = framesOf(fixture);
    expect(Object.keys(parsed(frames.frame("public")).data)).toHaveLength(2);
    await fixture.hub.registry.edit(other.id, { isHidden: true });
    expect(Object.keys(parsed(frames.frame("public")).data)).toEqual([open.uuid]);
    expect(parsed(frames.frame("public")).online).toEqual([open.uuid]);
    expect(Object.keys(parsed(frames.frame("all")).data)).toHaveLength(2);
    await fixture.hub.registry.remove(open.id);
    expect(parsed(frames.frame("public"))).toEqual({ online: [], data: {} });
  });

  it("keep the last report of a node that is gone, and leave out those that never reported", async () => {
    const fixture = await hubFixture();
    const [gone, silent] = [await fixture.addNode("gone"), await fixture.addNode("silent")];
    const session = fixture.connect(gone);
    session.report(nodeReport());
    session.close();
    await fixture.clock.advance(600_000);
    const { online, data } = parsed(framesOf(fixture).frame("all"));
    expect(online).toEqual([]);
    expect(Object.keys(data)).toEqual([gone.uuid]);
    expect(data).not.toHaveProperty(silent.uuid);
  });

  it("hold one node, or none", async () => {
    const fixture = await hubFixture();
    const node = await fixture.addNode();
    fixture.connect(node).report(nodeReport());
    const frames = framesOf(fixture);
    expect(parsed(frames.single(node)).online).toEqual([node.uuid]);
    expect(parsed(frames.single(undefined))).toEqual({ online: [], data: {} });
  });
});
