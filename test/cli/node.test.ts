import { describe, expect, it } from "vitest";
import { nodeCommand } from "../../src/cli/node.ts";
import { doorPath } from "../../src/http/local-door.ts";
import { createTestApp } from "../support/create-test-app.ts";
import { recordingOutput } from "../support/recording-output.ts";
import { tempDir } from "../support/temp-dir.ts";

async function hub(config: Readonly<Record<string, unknown>> = {}) {
  const dataDir = tempDir();
  const app = await createTestApp({ config: { ...config, roles: ["hub"] }, dataDir });
  const run = async (...words: string[]) => {
    const out = recordingOutput();
    const code = await nodeCommand(words, (use) => use(doorPath(dataDir)), out);
    return { code, out: out.out.join("\n"), err: out.err.join("\n") };
  };
  return { app, run };
}

describe("farhand node", () => {
  it("adds a node whose token an agent can report with, and lists it", async () => {
    const { app, run } = await hub();
    const added = await run(
      "add",
      "rack-1",
      "--group",
      "Rack",
      "--tag",
      "db",
      "--hidden",
      "--json",
    );
    expect(added.code).toBe(0);
    const { node, token }: { node: { uuid: string }; token: string } = JSON.parse(added.out);
    expect(node).toMatchObject({ name: "rack-1", group: "Rack", tags: ["db"], isHidden: true });
    const answer = await app.call("POST", `/api/clients/uploadBasicInfo?token=${token}`, {
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ os: "Debian" }),
    });
    expect(answer.status).toBe(200);
    expect((await run("list")).out).toBe(`${node.uuid}\track-1\tRack`);
  });

  it("tells the token once, with what to type on the machine", async () => {
    const { app, run } = await hub();
    const { out } = await run("add", "rack-1");
    expect(out).toMatch(/token {2}\w+/);
    const base = `http://${app.platform.host.hostName()}:${app.config.http.port}`;
    expect(out).toContain(`farhand pair ${base} --komari-token`);
    expect(out).not.toContain("accept any");
  });

  it("says what the option means that a self-signed certificate needs", async () => {
    const { app, run } = await hub({
      http: { tls: { mode: "self-signed" } },
      hub: { nezha: { listen: "127.0.0.1:0" } },
    });
    const { out } = await run("add", "rack-1");
    expect(out).toContain(`nezha-agent -s ${app.platform.host.hostName()}:0 -p`);
    expect(out).toMatch(/komari-agent -e https:\/\/\S+ -t \w+ --ignore-unsafe-cert$/m);
    expect(out).toContain("The certificate of this hub is self-signed");
  });

  it("gives a new token, and the old one is worth nothing", async () => {
    const { app, run } = await hub();
    const { token: old }: { token: string } = JSON.parse((await run("add", "a", "--json")).out);
    const { token }: { token: string } = JSON.parse((await run("token", "a", "--json")).out);
    const status = async (secret: string): Promise<number> => {
      const path = `/api/clients/uploadBasicInfo?token=${secret}`;
      const headers = { "content-type": "application/json" };
      return (await app.call("POST", path, { headers, body: "{}" })).status;
    };
    expect([await status(token), (await status(old)) >= 400]).toEqual([200, true]);
  });

  it("removes a node by its name, unless several have it", async () => {
    const { run } = await hub();
    await run("add", "twin");
    await run("add", "twin");
    expect((await run("remove", "twin")).err).toContain("Several nodes are called 'twin'");
    const uuid = (await run("list")).out.split("\t")[0] ?? "";
    expect((await run("remove", uuid)).code).toBe(0);
    expect((await run("remove", "twin")).code).toBe(0);
    expect((await run("list")).err).toContain("There are no nodes");
    const gone = await run("remove", "twin");
    expect(gone.code).toBe(1);
    expect(gone.err).toContain("There is no node 'twin'");
  });

  it.each([
    [""],
    ["add"],
    ["add x y"],
    ["list x"],
    ["nosuch x"],
    ["add x --nosuch"],
    ["add x --tag"],
  ])("explains itself for '%s', and opens nothing", async (line) => {
    const out = recordingOutput();
    const reach = () => Promise.reject(new Error("opened"));
    const words = line.split(" ").filter((word) => word !== "");
    expect(await nodeCommand(words, reach, out)).toBe(64);
    expect(out.err.join()).toContain("Usage: farhand node add NAME");
  });

  it("says what the hub refuses", async () => {
    const { run } = await hub();
    const { code, err } = await run("add", "x".repeat(1000));
    expect(code).toBe(1);
    expect(err).not.toBe("");
  });
});
