import { describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "../../src/core/log.ts";
import { ListenError, listen } from "../../src/http/listen.ts";
import { createHttpServer } from "../../src/http/server.ts";
import { HTTP_CONFIG } from "../support/auth-fixture.ts";

function server() {
  const app = createHttpServer({ config: HTTP_CONFIG, log: silentLogger });
  onTestFinished(() => app.close());
  return app;
}

/** A server that fails for some hosts and remembers what it was asked for. */
function failing(errors: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  return {
    asked,
    app: {
      listen: ({ host }: { readonly host: string }) => {
        asked.push(host);
        const code = errors[host];
        return code === undefined
          ? Promise.resolve("")
          : Promise.reject(Object.assign(new Error(code), { code }));
      },
      server: { address: () => ({ address: "0.0.0.0", family: "IPv4", port: 8443 }) },
    },
  };
}

describe("listen", () => {
  it("tells which port the system chose", async () => {
    const { address, port } = await listen(server(), HTTP_CONFIG);
    expect(address).toBe("127.0.0.1");
    expect(port).toBeGreaterThan(0);
  });

  it("says that a port is taken, and what to do", async () => {
    const { port } = await listen(server(), HTTP_CONFIG);
    const second = listen(server(), { ...HTTP_CONFIG, port });
    await expect(second).rejects.toThrow(ListenError);
    await expect(second).rejects.toThrow(/in use by another program.*http\.port/);
  });

  it.each(["EAFNOSUPPORT", "EADDRNOTAVAIL"])(
    "falls back to IPv4 when '::' fails with %s",
    async (code) => {
      const { app, asked } = failing({ "::": code });
      const at = await listen(app, { ...HTTP_CONFIG, host: "::", port: 8443 });
      expect(asked).toEqual(["::", "0.0.0.0"]);
      expect(at).toEqual({ address: "0.0.0.0", port: 8443 });
    },
  );

  it.each([
    ["EACCES", 443, "CAP_NET_BIND_SERVICE"],
    ["EACCES", 8443, "may not be used by this user"],
    ["EADDRNOTAVAIL", 8443, "correct http.host"],
    ["EWHATEVER", 8443, "Cannot listen on 10.0.0.1 port 8443: EWHATEVER"],
  ])("explains %s on port %i", async (code, port, text) => {
    const { app } = failing({ "10.0.0.1": code });
    await expect(listen(app, { ...HTTP_CONFIG, host: "10.0.0.1", port })).rejects.toThrow(text);
  });

  it("explains a failure of the fallback too", async () => {
    const { app } = failing({ "::": "EAFNOSUPPORT", "0.0.0.0": "EADDRINUSE" });
    await expect(listen(app, { ...HTTP_CONFIG, host: "::", port: 80 })).rejects.toThrow("in use");
  });
});
