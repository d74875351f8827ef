import { describe, expect, it } from "vitest";
import { WsPresence } from "../../../src/api/kvmd/ws-presence.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { createHidApp } from "../../support/hid-app.ts";
import { httpCall } from "../../support/http-request.ts";

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

  const post = async (url: string, path: string, body = ""): Promise<void> => {
    const { status } = await httpCall(url, path, { method: "POST", body });
    expect(status).toBe(200);
  };

  it("shows who types by requests, as somebody who is not connected", async () => {
    const { connect, url } = await createHidApp();
    const watcher = await connect("?stream=0&presence=1", "viewer");
    await watcher.waitFor("presence", isAlone);
    await post(url, "/api/hid/print", "abc");
    const { event } = await watcher.waitFor("presence", somebodyTypes);
    const typing = clientsIn(event).filter((client) => client["typing"] === true);
    expect(typing).toMatchObject([{ user: "admin", visitor: true }]);
  });

  it.each(["send_key?key=KeyA", "send_shortcut?keys=KeyA,KeyB", "send_mouse_button?button=left"])(
    "counts %s as typing, too",
    async (path) => {
      const { connect, url } = await createHidApp();
      const watcher = await connect("?stream=0&presence=1", "viewer");
      await watcher.waitFor("presence", isAlone);
      await post(url, `/api/hid/events/${path}`);
      const { event } = await watcher.waitFor("presence", somebodyTypes);
      expect(clientsIn(event)).toHaveLength(2);
    },
  );

  it("takes a request for the socket that it names, when both are of one account", async () => {
    const { connect, url } = await createHidApp();
    const page = await connect("?stream=0&presence=1");
    const { event } = await page.waitFor("presence", isAlone);
    await post(url, `/api/hid/print?client=${String(event["you"])}`, "abc");
    const { event: mine } = await page.waitFor("presence", somebodyTypes);
    expect(clientsIn(mine)).toMatchObject([{ id: event["you"], typing: true, visitor: false }]);
    const stranger = await connect("?stream=0&presence=1", "viewer");
    const { event: other } = await stranger.waitFor("presence", areTwo);
    await post(url, `/api/hid/print?client=${String(other["you"])}`, "abc");
    await stranger.waitFor("presence", (now) =>
      clientsIn(now).some(({ visitor, user }) => visitor === true && user === "admin"),
    );
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

  it("keeps somebody who types by requests until two seconds after the last one has ended", async () => {
    const clock = fakeClock();
    const presence = new WsPresence(clock);
    const sent: string[] = [];
    const outbox = {
      send: (_key: string, bytes: Uint8Array) => void sent.push(decoder.decode(bytes)),
    };
    presence.join({ outbox, user: "a", isTold: true });
    const clients = (): readonly Event[] =>
      clientsIn((JSON.parse(sent.at(-1) ?? "") as { event: Event }).event);
    const end = presence.noteRequest({ user: "b", client: undefined });
    const endSecond = presence.noteRequest({ user: "b", client: undefined });
    expect(clients()).toMatchObject([{ user: "a" }, { user: "b", typing: true }]);
    await clock.advance(60_000);
    end();
    await clock.advance(60_000);
    expect(clients()).toHaveLength(2);
    endSecond();
    await clock.advance(1999);
    expect(clients()).toHaveLength(2);
    await clock.advance(1);
    expect(clients()).toMatchObject([{ user: "a", typing: false }]);
    expect(clock.pending).toBe(0);
  });
});
