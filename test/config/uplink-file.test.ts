import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { withoutUplink, withUplink } from "../../src/config/uplink-file.ts";
import type { WrittenUplink } from "../../src/config/uplink-file.ts";
import type { RoleName } from "../../src/config/schema.ts";

const KOMARI: WrittenUplink = { protocol: "komari", url: "https://hub.example", token: "t1" };
const NEZHA: WrittenUplink = {
  protocol: "nezha",
  server: "dash.example:8008",
  secret: "s",
  uuid: "00000000-0000-4000-8000-000000000001",
};
const DEVICE: readonly RoleName[] = ["device"];

const FILE = `# my box
roles: [device] # the KVM
http:
  # behind nginx
  port: 8080
agent:
  uplinks:
    # the old hub
    - { protocol: komari, url: "https://old.example/", token: old }
  intervalSeconds: 2 # often
`;

describe("adding an uplink to a file", () => {
  it("leaves comments and everything else as it is", () => {
    const text = withUplink(FILE, KOMARI, DEVICE);
    for (const comment of ["# my box", "# the KVM", "# behind nginx", "# the old hub", "# often"]) {
      expect(text).toContain(comment);
    }
    expect(parse(text)).toEqual({
      roles: ["device", "agent"],
      http: { port: 8080 },
      agent: {
        uplinks: [{ protocol: "komari", url: "https://old.example/", token: "old" }, KOMARI],
        intervalSeconds: 2,
      },
    });
  });

  it("changes nothing the second time", () => {
    const once = withUplink(FILE, NEZHA, DEVICE);
    expect(withUplink(once, NEZHA, DEVICE)).toBe(once);
  });

  it("takes the place of an earlier one to the same server", () => {
    const text = withUplink(FILE, { ...KOMARI, url: "https://old.example" }, DEVICE);
    expect(parse(text)).toMatchObject({
      agent: { uplinks: [{ protocol: "komari", url: "https://old.example", token: "t1" }] },
    });
  });

  it.each([
    ["an empty file", ""],
    ["a file of comments", "# nothing yet\n"],
    ["an empty list", "agent:\n  uplinks: []\n"],
    ["an empty section", "agent:\n"],
  ])("begins with %s", (_, before) => {
    const text = withUplink(before, KOMARI, DEVICE);
    expect(parse(text)).toEqual({ roles: ["device", "agent"], agent: { uplinks: [KOMARI] } });
  });

  it("keeps the roles that another source has set", () => {
    expect(parse(withUplink("", KOMARI, ["hub", "agent"]))).not.toHaveProperty("roles");
    expect(parse(withUplink("", KOMARI, ["hub"]))).toMatchObject({ roles: ["hub", "agent"] });
  });

  it("does not touch a file that it does not understand", () => {
    expect(() => withUplink("roles: [device\n  x: {", KOMARI, DEVICE)).toThrow(/not valid YAML/);
  });
});

describe("removing an uplink from a file", () => {
  it("takes the role away with the last one, and nothing else", () => {
    const both = withUplink(withUplink(FILE, KOMARI, DEVICE), NEZHA, DEVICE);
    const one = withoutUplink(both, "https://hub.example/");
    const none = withoutUplink(
      withoutUplink(one ?? "", "dash.example:8008") ?? "",
      "https://old.example",
    );
    expect(parse(one ?? "")).toMatchObject({ roles: ["device", "agent"] });
    expect(parse(none ?? "")).toEqual({
      roles: ["device"],
      http: { port: 8080 },
      agent: { uplinks: [], intervalSeconds: 2 },
    });
  });

  it("keeps the only role", () => {
    const text = withoutUplink(withUplink("roles: [agent]\n", KOMARI, ["agent"]), KOMARI.url);
    expect(parse(text ?? "")).toMatchObject({ roles: ["agent"] });
  });

  it("says when there is none", () => {
    expect(withoutUplink(FILE, "https://elsewhere.example")).toBeUndefined();
    expect(withoutUplink("", "https://hub.example")).toBeUndefined();
  });
});
