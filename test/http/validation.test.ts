import Type from "typebox";
import { describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "../../src/core/log.ts";
import { createHttpServer } from "../../src/http/server.ts";
import { createValidator } from "../../src/http/validation.ts";
import { HTTP_CONFIG } from "../support/auth-fixture.ts";

const Paging = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
  all: Type.Optional(Type.Boolean()),
});

describe("createValidator", () => {
  it("fills in defaults", () => {
    expect(createValidator(Paging, "querystring")({})).toEqual({ value: { limit: 20 } });
  });

  it("turns the texts of a query into numbers and the like", () => {
    const validate = createValidator(Paging, "querystring");
    expect(validate({ limit: "5", all: "true" })).toEqual({ value: { limit: 5, all: true } });
  });

  it("takes a body as it is", () => {
    expect(createValidator(Paging, "body")({ limit: "5" }).error).toBeInstanceOf(Error);
  });

  it("leaves the value it was given alone", () => {
    const given = Object.freeze({ all: "true" });
    createValidator(Paging, "querystring")(given);
    expect(given).toEqual({ all: "true" });
  });

  it("names the field that is wrong", () => {
    const validate = createValidator(Paging, "querystring");
    expect(validate({ limit: "101" }).error?.message).toMatch(/^querystring\.limit must be <= 100/);
  });

  it("refuses what is nested more deeply than can be looked through", () => {
    const deep: unknown = JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
    const validate = createValidator(Type.Object({ value: Type.Unknown() }), "body");
    const { error } = validate({ value: deep });
    expect(error).toMatchObject({ code: "VALIDATION", message: "body is nested too deeply" });
  });
});

describe("routes with schemas", () => {
  it("get converted values and refuse the rest with 400", async () => {
    const app = createHttpServer({ config: HTTP_CONFIG, log: silentLogger });
    onTestFinished(() => app.close());
    const schema = { querystring: Paging };
    app.get("/list", { schema, config: { access: "public" } }, ({ query }) => query);
    expect((await app.inject({ url: "/list?limit=3" })).json()).toEqual({ limit: 3 });
    const refused = await app.inject({ url: "/list?limit=x" });
    expect(refused.statusCode).toBe(400);
    expect(refused.json()).toMatchObject({ error: "VALIDATION" });
  });
});
