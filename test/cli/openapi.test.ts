import { describe, expect, it } from "vitest";
import { openapiOf } from "../../src/cli/openapi.ts";
import { RouteList } from "../../src/cli/route-list.ts";
import { createTestApp } from "../support/create-test-app.ts";
import { inertSettings } from "../support/inert-settings.ts";

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly description: string;
  readonly security: readonly object[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    required: boolean;
  }[];
  readonly requestBody?: {
    readonly content: { readonly "application/json": { readonly schema: object } };
  };
  readonly responses: object;
}

interface Document {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** The document of a machine that is everything, as a reader of the JSON has it. */
async function everything() {
  const list = new RouteList();
  await createTestApp({
    config: { roles: ["device", "hub"] },
    settings: inertSettings(),
    onRoute: (route) => {
      list.note(route);
    },
  });
  const document: Document = JSON.parse(JSON.stringify(openapiOf(list.routes, "1.2.3")));
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );
  return { document, operations, rows: list.rows };
}

describe("the OpenAPI document", () => {
  it("has every route of our own API, and none of others", async () => {
    const { document, operations, rows } = await everything();
    expect([document.openapi, document.info.version]).toEqual(["3.1.0", "1.2.3"]);
    const own = rows.filter(({ dialect }) => ["native", "fleet"].includes(dialect));
    const wanted = own.map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, "{$1}")}`);
    const found = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(found.toSorted()).toEqual(wanted.toSorted());
    expect(found.length).toBeGreaterThan(60);
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(
      found.length,
    );
  });

  it("declares what stands in a path, and who may use it", async () => {
    const { operations } = await everything();
    const problems = operations.flatMap(({ path, method, operation }) => {
      const { parameters = [] } = operation;
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = parameters.filter((one) => one.in === "path").map(({ name }) => name);
      const isRight =
        names.join() === declared.join() &&
        /For everybody|Role: (?:viewer|operator|admin)\./.test(operation.description) &&
        Object.keys(operation.responses).length === 2;
      return isRight ? [] : [`${method} ${path}`];
    });
    expect(problems).toEqual([]);
    const nodes = operations.filter(({ path }) => path === "/native/fleet/nodes");
    expect(
      nodes.map(({ method, operation }) => `${method} ${operation.description}`).toSorted(),
    ).toEqual(["get For everybody.", "post Role: admin."]);
    expect(
      nodes.map(({ operation }) => operation.security.some((one) => Object.keys(one).length === 0)),
    ).toEqual(nodes.map(({ method }) => method === "get"));
  });

  it("says what may be sent, and that what has a default need not be", async () => {
    const { operations } = await everything();
    const of = (id: string) =>
      operations.find(({ operation }) => operation.operationId === id)?.operation;
    const body = of("postNativeTokens")?.requestBody?.content["application/json"].schema;
    expect(body).toMatchObject({
      type: "object",
      required: ["name", "role"],
      additionalProperties: false,
      properties: { expiresAt: { default: null } },
    });
    const query = of("getNativeFleetAudit")?.parameters?.map(({ name, required }) => [
      name,
      required,
    ]);
    expect(query).toEqual([
      ["before", false],
      ["limit", false],
      ["user", false],
      ["action", false],
      ["node", false],
    ]);
    expect(of("getNativeFleetLive")?.responses).toHaveProperty("101");
    expect(of("postNativeRestart")).not.toHaveProperty("requestBody");
  });
});
