import { describe, expect, it } from "vitest";
import { parseArgs } from "../../src/cli/args.ts";
import { RouteList } from "../../src/cli/route-list.ts";
import { routesCommand } from "../../src/cli/routes.ts";
import { recordingOutput } from "../support/recording-output.ts";

function declared(): RouteList {
  const list = new RouteList();
  const power = { access: "operator", dialect: "unknown yet" };
  list.note({ method: "POST", url: "/api/atx/power", config: power });
  power.dialect = "kvmd";
  list.note({ method: ["POST", "GET"], url: "/health", config: { access: "public" } });
  list.note({ method: "GET", url: "/api/rpc2", config: { dialect: "komari" } });
  list.note({ method: "GET", url: "/apix", config: {} });
  return list;
}

describe("farhand routes", () => {
  it("prints method, URL, dialect and access in columns", async () => {
    const output = recordingOutput();
    expect(await routesCommand(parseArgs(["routes"]), output, declared())).toBe(0);
    expect(output.out.join("\n").split("\n")).toEqual([
      "METHOD  URL             DIALECT  ACCESS",
      "POST    /api/atx/power  kvmd     operator",
      "GET     /api/rpc2       komari   unstated",
      "GET     /apix           http     unstated",
      "GET     /health         http     public",
      "POST    /health         http     public",
    ]);
  });

  it("folds the files that pages are made of, but for programs", async () => {
    const list = new RouteList();
    for (const name of ["a.js", "b.css"]) {
      list.note({ method: ["GET", "HEAD"], url: `/assets/${name}`, config: { access: "public" } });
    }
    const [text, json] = [recordingOutput(), recordingOutput()];
    await routesCommand(parseArgs(["routes"]), text, list);
    expect(text.out.join("\n").split("\n").slice(1)).toEqual([
      "GET     /assets/*  http     public",
      "HEAD    /assets/*  http     public",
    ]);
    await routesCommand(parseArgs(["routes", "--json"]), json, list);
    expect(JSON.parse(json.out.join("\n"))).toHaveLength(4);
  });

  it("describes our own API on request", async () => {
    const output = recordingOutput();
    await routesCommand(parseArgs(["routes", "--openapi"]), output, declared());
    expect(JSON.parse(output.out.join("\n"))).toMatchObject({ openapi: "3.1.0", paths: {} });
  });

  it("prints JSON on request", async () => {
    const output = recordingOutput();
    await routesCommand(parseArgs(["routes", "--json"]), output, declared());
    expect(JSON.parse(output.out.join("\n"))).toHaveLength(5);
  });
});
