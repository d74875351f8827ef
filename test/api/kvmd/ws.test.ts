import { describe, expect, it } from "vitest";
import type { EmitWsEvent, WsSource } from "../../../src/api/kvmd/ws-source.ts";
import { ONLINE_STATE } from "../../support/fake-hid-driver.ts";
import { createHidApp } from "../../support/hid-app.ts";
import { httpCall } from "../../support/http-request.ts";

const key = (name: string, state: boolean) => ({ key: name, state });

/** A source that can be counted and told to emit. */
function testSource() {
  const emits = new Set<EmitWsEvent>();
  let watches = 0;
  const source: WsSource = {
    snapshot: () => [{ eventType: "atx", event: { enabled: true } }],
    watch(emit) {
      watches += 1;
      emits.add(emit);
      return () => {
        emits.delete(emit);
      };
    },
  };
  return {
    source,
    get watching() {
      return emits.size;
    },
    get watches() {
      return watches;
    },
    emit: (event: unknown) => {
      for (const emit of emits) emit("atx", "atx", event);
    },
  };
}

describe("GET /api/ws", () => {
  it("refuses a plain request as text", async () => {
    const { url } = await createHidApp();
    const { status, headers, body } = await httpCall(url, "/api/ws");
    expect(status).toBe(400);
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(body).toBe('No WebSocket UPGRADE hdr: None\n Can "Upgrade" only to "WebSocket".');
  });

  it("refuses a bad stream parameter before the upgrade", async () => {
    const { url, connect } = await createHidApp();
    const { status, body } = await httpCall(url, "/api/ws?stream=abc");
    expect(status).toBe(400);
    expect(JSON.parse(body)).toEqual({
      ok: false,
      result: {
        error: "ValidatorError",
        error_msg:
          "The argument 'abc' is not a valid bool (['1', 'true', 'yes'] or ['0', 'false', 'no'])",
      },
    });
    await expect(connect("?stream=abc")).rejects.toThrow("Upgrade refused: 400");
  });

  it("greets with the version first, then the full state", async () => {
    const { connect } = await createHidApp({ sources: [testSource().source] });
    const client = await connect();
    await client.waitFor("clients");
    expect(client.messages.map(({ eventType }) => eventType)).toEqual([
      "loop",
      "hid",
      "hid_keymaps",
      "atx",
      "clients",
    ]);
    expect(client.messages[0]?.event).toEqual({ version: { major: 4, minor: 197 } });
  });

  it("sends the full state to the newcomer only", async () => {
    const { connect } = await createHidApp();
    const first = await connect();
    await first.waitFor("clients");
    const second = await connect();
    await second.waitFor("clients");
    first.send("ping", {});
    await first.waitFor("pong");
    expect(first.messages.filter(({ eventType }) => eventType === "hid")).toHaveLength(1);
  });

  it("tells everybody about changes", async () => {
    const { connect, driver } = await createHidApp();
    const clients = [await connect(), await connect()];
    await Promise.all(clients.map((client) => client.waitFor("clients")));
    driver.state.set({ ...ONLINE_STATE, leds: { num: true, caps: false, scroll: false } });
    for (const client of clients) {
      const { event } = await client.waitFor("hid", ({ keyboard }) =>
        JSON.stringify(keyboard).includes('"num":true'),
      );
      expect(event).toMatchObject({ online: true, keyboard: { leds: { num: true } } });
    }
  });

  it("watches its sources once, and only while somebody is connected", async () => {
    const atx = testSource();
    const { connect } = await createHidApp({ sources: [atx.source] });
    expect(atx.watching).toBe(0);
    const first = await connect();
    const second = await connect();
    await second.waitFor("clients");
    expect([atx.watching, atx.watches]).toEqual([1, 1]);
    atx.emit({ enabled: false });
    await first.waitFor("atx", ({ enabled }) => enabled === false);
    await first.close();
    expect(atx.watching).toBe(1);
    await second.close();
    const third = await connect();
    await third.waitFor("clients");
    expect([atx.watching, atx.watches]).toEqual([1, 2]);
  });

  it("goes on when one source fails", async () => {
    const broken: WsSource = {
      snapshot() {
        throw new Error("no state");
      },
      watch: () => () => undefined,
    };
    const { connect, log } = await createHidApp({ sources: [broken] });
    const client = await connect();
    await client.waitFor("clients");
    expect(log.records.filter(({ level }) => level === "error")).toHaveLength(1);
  });

  it("counts the clients that want video and tells everybody", async () => {
    const { connect, viewers } = await createHidApp();
    const watcher = await connect("?stream=0");
    await watcher.waitFor("clients", ({ count }) => count === 0);
    const viewer = await connect("");
    await viewer.waitFor("clients", ({ count }) => count === 1);
    await watcher.waitFor("clients", ({ count }) => count === 1);
    await viewer.close();
    const counts = () =>
      watcher.messages.flatMap(({ eventType, event }) => (eventType === "clients" ? [event] : []));
    await watcher.waitFor("clients", () => counts().length === 3);
    expect(counts()).toEqual([{ count: 0 }, { count: 1 }, { count: 0 }]);
    expect(viewers).toEqual([1, 0]);
  });

  it("answers pings in their own form", async () => {
    const { connect } = await createHidApp();
    const client = await connect();
    client.send("ping", {});
    expect((await client.waitFor("pong")).event).toEqual({});
    const pong = client.nextBinary();
    client.sendRaw(Uint8Array.of(0));
    expect(Array.from(await pong)).toEqual([0xff]);
  });

  it("ends the session at an empty binary frame", async () => {
    const { connect } = await createHidApp();
    const client = await connect();
    client.sendRaw(new Uint8Array(0));
    expect(await client.closed).toBe(1000);
  });

  it("closes at a message of more than four mebibytes", async () => {
    const { connect } = await createHidApp();
    const client = await connect();
    client.sendRaw("x".repeat(4 * 1024 * 1024 + 1));
    expect(await client.closed).toBe(1009);
  });
});

describe("input over /api/ws", () => {
  it("takes JSON and binary events in order", async () => {
    const { connect, sent } = await createHidApp();
    const client = await connect();
    client.send("key", key("KeyA", true));
    client.sendRaw(Uint8Array.from([1, 0, ...Buffer.from("KeyA")]));
    client.send("mouse_button", { button: "left", state: "true" });
    client.sendRaw(Uint8Array.of(3, 0, 1, 0, 2));
    client.sendRaw(Uint8Array.of(5, 0, 0, 0xff));
    expect(await sent(5)).toEqual([
      "key 00+04",
      "key 00+",
      "buttons 1",
      "absolute 1 2",
      "wheel 0 -1",
    ]);
  });

  it("drops bad events and stays open", async () => {
    const { connect, sent } = await createHidApp();
    const client = await connect();
    client.sendRaw("no json");
    client.send("key", { key: "nope", state: true });
    client.send("mouse_wheel", { delta: 5 });
    client.send("reboot", {});
    client.sendRaw(Uint8Array.of(1, 0x81, 0xff, 0xff));
    client.sendRaw(Uint8Array.of(99));
    client.send("key", key("KeyB", true));
    expect(await sent(1)).toEqual(["key 00+05"]);
  });

  it("refuses control to viewers, saying so once in the log", async () => {
    const { connect, driver, log } = await createHidApp();
    const client = await connect("?stream=0", "viewer");
    client.send("key", key("KeyA", true));
    client.send("mouse_button", { button: "left", state: true });
    client.sendRaw(Uint8Array.of(3, 0, 0, 0, 0));
    client.send("mouse_relative", { delta: { x: 1, y: 1 } });
    client.send("mouse_wheel", { delta: { x: 1, y: 1 } });
    client.send("ping", {});
    await client.waitFor("pong");
    expect(driver.sent).toEqual([]);
    expect(log.records.filter(({ level }) => level === "warn")).toEqual([
      {
        level: "warn",
        fields: { user: "viewer" },
        message: "input refused: this account may only watch",
      },
    ]);
  });

  it("lets operators control", async () => {
    const { connect, sent } = await createHidApp();
    const client = await connect("?stream=0", "operator");
    client.send("key", key("KeyA", true));
    expect(await sent(1)).toEqual(["key 00+04"]);
  });

  it("releases what a vanished client held, and only that", async () => {
    const { connect, sent } = await createHidApp();
    const [leaving, staying] = [await connect(), await connect()];
    leaving.send("key", key("ControlLeft", true));
    leaving.send("key", key("KeyA", true));
    leaving.send("mouse_button", { button: "left", state: true });
    await sent(3);
    staying.send("key", key("KeyA", true));
    staying.send("key", key("KeyB", true));
    staying.send("mouse_button", { button: "right", state: true });
    await sent(7);
    leaving.vanish();
    const reports = await sent(9);
    expect(reports.slice(7)).toEqual(["key 00+04,05", "buttons 2"]);
  });

  it("releases everything when the last client leaves, keys of others included", async () => {
    const { connect, sent, hid } = await createHidApp();
    hid.tapKey("AltLeft");
    const client = await connect();
    client.send("key", key("KeyA", true));
    await sent(2);
    await client.close();
    expect(await sent(7)).toEqual([
      "key 04+",
      "key 04+04",
      "key 04+",
      "key 00+",
      "consumer 00",
      "system 0",
      "buttons 0",
    ]);
  });

  it("releases and ignores a client that is signed out, and sends it away", async () => {
    const { connect, sent, revoke, driver } = await createHidApp();
    const other = await connect("?stream=0", "admin");
    const client = await connect("?stream=0", "operator");
    client.send("key", key("KeyA", true));
    await sent(1);
    revoke("operator");
    expect(driver.sent).toEqual(["key 00+04", "key 00+"]);
    client.send("key", key("KeyB", true));
    expect(await client.closed).toBe(4401);
    other.send("ping", {});
    await other.waitFor("pong");
    expect(driver.sent).toEqual(["key 00+04", "key 00+"]);
  });

  it("releases what is held when the server shuts down", async () => {
    const { connect, sent, app, driver } = await createHidApp();
    const client = await connect();
    client.send("key", key("KeyA", true));
    await sent(1);
    await app.close();
    expect(driver.sent.slice(1, 3)).toEqual(["key 00+", "key 00+"]);
    expect(await client.closed).toBe(1001);
  });

  it("goes on when an event fails inside", async () => {
    const { connect, hid, log, sent } = await createHidApp();
    const client = await connect();
    hid.wheel = () => {
      throw new Error("broken");
    };
    client.send("mouse_wheel", { delta: { x: 0, y: 1 } });
    client.send("key", key("KeyA", true));
    await sent(1);
    expect(log.records.map(({ message }) => message)).toEqual(["WebSocket event failed"]);
  });
});
