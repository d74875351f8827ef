import { describe, expect, it } from "vitest";
import type { ActiveAlert, AlertPreview, AlertRule } from "../../../src/protocol/fleet/alerts.ts";
import type { AuditView } from "../../../src/protocol/fleet/admin.ts";
import type { ChannelTest, ChannelView } from "../../../src/protocol/fleet/channels.ts";
import type { FleetEvents } from "../../../src/protocol/fleet/events.ts";
import { LIVE } from "../../../src/protocol/fleet/live.ts";
import type { FleetSnapshot } from "../../../src/protocol/fleet/live.ts";
import { addAccount } from "../../support/app-accounts.ts";
import { fleetApp, GUEST } from "../../support/fleet-app.ts";
import { HUB_START } from "../../support/hub-fixture.ts";
import { httpPeer } from "../../support/http-peer.ts";

const RULE = {
  name: "Runs out",
  scope: { cover: "all" },
  condition: { kind: "expiry", days: 7 },
};

describe("alert rules over the fleet API", () => {
  it("are made with defaults, changed, removed and on record", async () => {
    const { call, get } = await fleetApp();
    const made = await call("POST", "/alert-rules", RULE);
    expect(made.status).toBe(201);
    const rule: AlertRule = JSON.parse(made.body);
    expect(rule).toEqual({
      id: 1,
      name: "Runs out",
      isEnabled: true,
      severity: "warning",
      scope: { cover: "all", nodes: [], groups: [], tags: [] },
      condition: { kind: "expiry", days: 7 },
      channels: [],
      reminderHours: 0,
      tellsRecovery: true,
    });
    const { id, ...body } = rule;
    const changed = await call("PUT", `/alert-rules/${id}`, { ...body, severity: "critical" });
    expect(JSON.parse(changed.body)).toMatchObject({ severity: "critical" });
    expect(await get<AlertRule[]>("/alert-rules")).toHaveLength(1);
    expect((await call("DELETE", `/alert-rules/${id}`)).status).toBe(204);
    expect((await call("DELETE", `/alert-rules/${id}`)).status).toBe(404);
    const { entries } = await get<AuditView>("/audit");
    expect(entries.map(({ action }) => action)).toEqual([
      // The second attempt, and that it came to nothing.
      "alert.remove",
      "alert.remove",
      "alert.remove",
      "alert.edit",
      "alert.add",
    ]);
  });

  it("that are none are refused", async () => {
    const { call } = await fleetApp();
    const conditions = [
      { kind: "load", metric: "cpuPercent", threshold: -1, windowSeconds: 60, sharePercent: 50 },
      { kind: "load", metric: "luck", threshold: 1, windowSeconds: 60, sharePercent: 50 },
      { kind: "expiry" },
      { kind: "never" },
    ];
    for (const condition of conditions) {
      expect((await call("POST", "/alert-rules", { ...RULE, condition })).status).toBe(400);
    }
  });

  it("raise what members see and guests do not", async () => {
    const { call, get, clock, addNode, test } = await fleetApp();
    const node = await addNode({ name: "alpha", expiresAt: HUB_START });
    await call("POST", "/alert-rules", RULE);
    await clock.advance(15_000);
    const viewer = await addAccount(test, "vera", "viewer");
    const [alert] = await get<ActiveAlert[]>("/alerts", viewer);
    expect(alert).toMatchObject({ node: node.id, ruleName: "Runs out", isFlapping: false });
    const events = await get<FleetEvents>(`/nodes/${node.uuid}/events`, viewer);
    expect(events).toMatchObject({ before: null, events: [{ kind: "raised", text: "Runs out" }] });
    expect((await call("GET", "/alerts", undefined, GUEST)).status).toBe(401);
    expect((await call("GET", "/events", undefined, GUEST)).status).toBe(401);
    const rowOf = ({ rows }: FleetSnapshot): number | undefined => rows[0]?.[LIVE.alerts];
    expect(rowOf(await get<FleetSnapshot>("/nodes"))).toBe(1);
    expect(rowOf(await get<FleetSnapshot>("/nodes", GUEST))).toBe(0);
  });

  it("can be tried on the past", async () => {
    const { call, addNode } = await fleetApp();
    const node = await addNode({ expiresAt: HUB_START });
    const answer = await call("POST", "/alert-rules/preview", { rule: RULE, hours: 2 });
    const preview: AlertPreview = JSON.parse(answer.body);
    expect(preview).toMatchObject({ covered: 1, examined: 1 });
    expect(preview.nodes[0]).toMatchObject({ node: node.id, spells: [{ to: null }] });
  });
});

describe("channels over the fleet API", () => {
  const config = { hub: { notify: { allow: ["127.0.0.1"] } } };

  it("never tell their secrets, and say what the server said when tested", async () => {
    const peer = await httpPeer(() => ({ body: "thanks" }));
    const { call, get } = await fleetApp({ config });
    const settings = {
      kind: "webhook",
      url: `${peer.url}/hidden-path`,
      headers: "X-Key: hidden-key",
    };
    const made = await call("POST", "/channels", { name: "hook", settings });
    expect(made.status).toBe(201);
    const channel: ChannelView = JSON.parse(made.body);
    expect(channel).toMatchObject({
      id: 1,
      secrets: ["url", "headers"],
      target: `127.0.0.1:${peer.port}`,
      settings: { kind: "webhook", method: "POST" },
    });
    const tested: ChannelTest = JSON.parse((await call("POST", "/channels/1/test")).body);
    expect(tested).toEqual({ isDelivered: true, answer: "200 thanks", code: "" });
    expect(peer.requests[0]).toMatchObject({
      path: "/hidden-path",
      headers: { "x-key": "hidden-key" },
    });
    const put = await call("PUT", "/channels/1", { name: "hook 2", settings: { kind: "webhook" } });
    const everything = [made.body, put.body, JSON.stringify(await get("/channels"))].join("");
    expect(everything).not.toContain("hidden");
    expect((await call("POST", "/channels/1/test")).body).toContain("thanks");
    expect((await call("DELETE", "/channels/1")).status).toBe(204);
    expect((await call("POST", "/channels/1/test")).status).toBe(404);
  });

  it("can be tried before they are saved, and go to no internal server that is not permitted", async () => {
    const peer = await httpPeer(() => ({}));
    const { call, get } = await fleetApp();
    const body = { name: "hook", settings: { kind: "webhook", url: peer.url } };
    const tested: ChannelTest = JSON.parse((await call("POST", "/channels/test", body)).body);
    expect(tested).toEqual({
      isDelivered: false,
      answer: expect.stringContaining("hub.notify.allow in the configuration permits"),
      code: "OUTBOUND_ADDRESS",
    });
    expect(peer.requests).toEqual([]);
    expect(await get("/channels")).toEqual([]);
  });

  it("are for admins alone", async () => {
    const { call, test } = await fleetApp();
    const operator = await addAccount(test, "olga", "operator");
    for (const path of ["/channels", "/notification-settings"]) {
      expect((await call("GET", path, undefined, operator)).status).toBe(403);
      expect((await call("GET", path, undefined, GUEST)).status).toBe(401);
    }
  });

  it("speak the language and keep the hours that are set", async () => {
    const { call, get } = await fleetApp();
    const settings = {
      language: "zh",
      timeZone: "Asia/Shanghai",
      quietHours: { isEnabled: true, fromMinute: 0, toMinute: 60, exceptCritical: false },
    };
    expect((await call("PUT", "/notification-settings", settings)).status).toBe(200);
    expect(await get("/notification-settings")).toEqual(settings);
    const wrong = await call("PUT", "/notification-settings", { ...settings, timeZone: "Mars" });
    expect(wrong.status).toBe(400);
  });
});
