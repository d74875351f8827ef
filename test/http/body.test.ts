import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "../../src/core/log.ts";
import { createHttpServer } from "../../src/http/server.ts";
import { loadConfig } from "../../src/config/load.ts";
import { fakeClock, settle } from "../support/fake-clock.ts";

describe("the deadline of a body", () => {
  it("ends with the connection, also when the request was answered before its body had come", async () => {
    const loaded = await loadConfig({ env: {}, readFile: () => Promise.resolve(undefined) });
    if (!loaded.ok) throw new Error("the defaults are a configuration");
    const { http } = loaded.loaded.config;
    const clock = fakeClock();
    const config = { ...http, tls: { ...http.tls, mode: "off" as const } };
    const app = createHttpServer({ config, log: silentLogger, clock });
    app.addHook("onRequest", (_request, reply) => reply.code(403).send("no"));
    app.post("/x", () => "yes");
    await app.listen({ port: 0, host: "127.0.0.1" });
    onTestFinished(() => app.close());
    const address = app.server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const client = connect(port, "127.0.0.1");
    const answered = new Promise((resolve) => {
      client.once("data", resolve);
    });
    client.write("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nbegin");
    await answered;
    await settle();
    expect(clock.pending).toBe(1);
    client.destroy();
    await expect.poll(() => clock.pending).toBe(0);
  });
});
