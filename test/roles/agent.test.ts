import { describe, expect, it, onTestFinished } from "vitest";
import { until } from "../../src/core/store.ts";
import { createTestApp, testConfig } from "../support/create-test-app.ts";
import type { TestApp } from "../support/create-test-app.ts";
import { TOKEN } from "../support/komari-agent.ts";
import { startKomariServer } from "../support/komari-server.ts";
import type { KomariStandIn } from "../support/komari-server.ts";

async function server(): Promise<KomariStandIn> {
  const peer = await startKomariServer({ token: TOKEN, hasVersion2: true });
  onTestFinished(() => peer.close());
  return peer;
}

const appWith = (agent: Readonly<Record<string, unknown>>): Promise<TestApp> =>
  createTestApp({ config: { roles: ["device", "agent"], agent } });

const uplinksOf = async ({ call }: TestApp): Promise<unknown> => {
  const { body } = await call("GET", "/health");
  const { subsystems }: { subsystems: Record<string, unknown> } = JSON.parse(body);
  return subsystems["uplinks"];
};

describe("agent role", () => {
  it("puts this machine, and what the KVM says about itself, on several servers at once", async () => {
    const peers = [await server(), await server()];
    const uplinks = peers.map(({ url }) => ({ protocol: "komari", url, token: TOKEN }));
    const app = await appWith({ uplinks, intervalSeconds: 1 });
    for (const { told } of peers) {
      const { reports, infos } = await until(told, (now) => now.reports.length >= 1);
      expect(reports[0]?.report).toMatchObject({ cpu: {}, ram: {}, load: {}, network: {} });
      expect(String(reports[0]?.report["message"])).toMatch(/^KVM: computer on/m);
      expect(Number((infos[0] ?? {})["mem_total"])).toBeGreaterThan(0);
    }
    expect(await uplinksOf(app)).toBe("2 of 2 online");
    await app.close();
    const { reports } = peers[0]?.told.value ?? { reports: [] };
    expect(reports.length).toBeGreaterThanOrEqual(1);
  });

  it("says nothing about the KVM when that is not wanted", async () => {
    const peer = await server();
    const uplinks = [{ protocol: "komari", url: peer.url, token: TOKEN }];
    await appWith({ uplinks, reportHealth: false });
    const { reports } = await until(peer.told, (told) => told.reports.length >= 1);
    expect(reports[0]?.report["message"]).toBe("");
  });

  it("starts and stops without a server that answers", async () => {
    const app = await appWith({
      uplinks: [
        { protocol: "komari", url: "http://127.0.0.1:1", token: TOKEN },
        { protocol: "nezha", server: "127.0.0.1:1", secret: "secret" },
      ],
    });
    expect(await uplinksOf(app)).toBe("0 of 2 online");
    await app.close();
  });

  it("is exchanged alone when its settings change: other servers, the same viewers", async () => {
    const [first, second] = [await server(), await server()];
    const uplinkTo = ({ url }: KomariStandIn) => ({ protocol: "komari", url, token: TOKEN });
    const app = await appWith({ uplinks: [uplinkTo(first)], intervalSeconds: 1 });
    await until(first.told, (told) => told.reports.length >= 1);
    const ws = await app.ws();
    const { config: running } = app;
    const other = { uplinks: [uplinkTo(second)], intervalSeconds: 1 };
    const { agent } = await testConfig("/nowhere", { agent: other });
    const next = { ...running, agent };
    const { config, problem } = await app.app.takeOver({ running, next, parts: ["agent"] });
    expect([config, problem]).toEqual([next, undefined]);
    await until(second.told, (told) => told.reports.length >= 1);
    expect(await uplinksOf(app)).toBe("1 of 1 online");
    const before = first.told.value.reports.length;
    await until(second.told, (told) => told.reports.length >= 3);
    expect(first.told.value.reports).toHaveLength(before);
    expect(ws.socket.readyState).toBe(ws.socket.OPEN);
  });

  it("goes on with the servers before when the next cannot be used", async () => {
    const peer = await server();
    const uplinks = [{ protocol: "komari", url: peer.url, token: TOKEN }];
    const app = await appWith({ uplinks, intervalSeconds: 1 });
    await until(peer.told, (told) => told.reports.length >= 1);
    const { config: running } = app;
    const broken = Object.defineProperty({ ...running.agent }, "probes", {
      get() {
        throw new Error("no probes here");
      },
    });
    const next = { ...running, agent: broken };
    const { config, problem } = await app.app.takeOver({ running, next, parts: ["agent"] });
    expect(problem).toBe("agent: no probes here");
    expect(config.agent).toBe(running.agent);
    const before = peer.told.value.reports.length;
    await until(peer.told, (told) => told.reports.length > before);
    expect(await uplinksOf(app)).toBe("1 of 1 online");
  });

  it("measures nothing without uplinks, and says so", async () => {
    const app = await appWith({ uplinks: [] });
    expect(await uplinksOf(app)).toBe("0 of 0 online");
    expect(app.logLines.join("\n")).toContain("the agent has no uplinks");
  });
});
