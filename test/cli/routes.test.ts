import { describe, expect, it } from "vitest";
import { parseArgs } from "../../src/cli/args.ts";
import { RouteList, routesCommand } from "../../src/cli/routes.ts";
import { recordingOutput } from "../support/recording-output.ts";

function declared(): RouteList {
  const list = new RouteList();
  list.note({ method: "POST", url: "/api/atx/power", config: { access: "operator" } });
  list.note({ method: ["POST", "GET"], url: "/health", config: { access: "public" } });
  list.note({ method: "GET", url: "/api/rpc2" });
  list.note({ method: "GET", url: "/apix", config: {} });
  return list;
}

describe("farhand routes", () => {
  it("prints method, URL, dialect and access in columns", async () => {
    const output = recordingOutput();
    expect(await routesCommand(parseArgs(["routes"]), output, declared().rows)).toBe(0);
    expect(output.out.join("\n").split("\n")).toEqual([
      "METHOD  URL             DIALECT  ACCESS",
      "POST    /api/atx/power  kvmd     operator",
      "GET     /api/rpc2       komari   unstated",
      "GET     /apix           http     unstated",
      "GET     /health         http     public",
      "POST    /health         http     public",
    ]);
  });

  it("prints JSON on request", async () => {
    const output = recordingOutput();
    await routesCommand(parseArgs(["routes", "--json"]), output, declared().rows);
    expect(JSON.parse(output.out.join("\n"))).toHaveLength(5);
  });
});
