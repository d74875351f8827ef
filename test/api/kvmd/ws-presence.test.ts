import { describe, expect, it } from "vitest";
import { WsPresence } from "../../../src/api/kvmd/ws-presence.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { createHidApp } from "../../support/hid-app.ts";

const decoder = new TextDecoder();

type Event = Readonly<Record<string, unknown>>;

function clientsIn(event: Event): readonly Event[] {
  return event["clients"] as readonly Event[];
}

const isAlone = (event: Event): boolean => clientsIn(event).length === 1;
const areTwo = (event: Event): boolean => clientsIn(event).length === 2;
const somebodyTypes = (event: Event): boolean =>
  clientsIn(event).some(({ typing }) => typing === true);

describe("presence on /api/ws", () => {
  it("tells those who ask for it who is connected, and which of them they are", async () => {
    const { connect } = await createHidApp();
    const first = await connect("?stream=0&presence=1");
    const { event: alone } = await first.waitFor("presence", isAlone);
    expect(clientsIn(alone)[0]).toMatchObject({ id: alone["you"], typing: false });
    const second = await connect("?stream=0&presence=1");
    const { event: mine } = await first.waitFor("presence", areTwo);
    const { event: theirs } = await second.waitFor("presence", areTwo);
    expect(mine["you"]).not.toBe(theirs["you"]);
    await second.close();
    await first.waitFor("presence", (event) => isAlone(event) && event !== alone);
  });

  it("says nothing to clients that do not ask, but tells others about them", async () => {
    const { connect } = await createHidApp();
    const quiet = await connect("?stream=0");
    const told = await connect("?stream=0&presence=1");
    await told.waitFor("presence", areTwo);
    expect(quiet.messages.map(({ eventType }) => eventType)).not.toContain("presence");
  });

  it("shows who is typing", async () => {
    const { connect } = await createHidApp();
    const typist = await connect("?stream=0");
    const other = await connect("?stream=0&presence=1");
    const { event: before } = await other.waitFor("presence", areTwo);
    typist.send("key", { key: "KeyA", state: true });
    typist.send("key", { key: "KeyA", state: false });
    const { event } = await other.waitFor("presence", somebodyTypes);
    const typing = clientsIn(event).filter((client) => client["typing"] === true);
    expect(typing).toHaveLength(1);
    expect(typing[0]?.["id"]).not.toBe(before["you"]);
  });

  it("refuses a bad parameter before the upgrade", async () => {
    const { connect } = await createHidApp();
    await expect(connect("?presence=maybe")).rejects.toThrow("Upgrade refused: 400");
  });
});

describe("WsPresence", () => {
  it("keeps one timer while somebody types, and stops saying so two seconds after the last key", async () => {
    const clock = fakeClock();
    const presence = new WsPresence(clock);
    const sent: string[] = [];
    const outbox = {
      send: (_key: string, bytes: Uint8Array) => void sent.push(decoder.decode(bytes)),
    };
    const handle = presence.join({ outbox, user: "a", isTold: true });
    const isTyping = (): boolean => sent.at(-1)?.includes('"typing":true') === true;
    handle.noteInput();
    expect(isTyping()).toBe(true);
    await clock.advance(1500);
    handle.noteInput();
    await clock.advance(1999);
    expect(isTyping()).toBe(true);
    expect(clock.pending).toBe(1);
    await clock.advance(1);
    expect(isTyping()).toBe(false);
    expect(sent).toHaveLength(3);
    handle.noteInput();
    handle.leave();
    await clock.advance(10_000);
    expect(sent).toHaveLength(4);
  });
});
