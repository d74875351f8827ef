import { describe, expect, it } from "vitest";
import { ValidationError } from "../../src/core/errors.ts";
import { silentLogger } from "../../src/core/log.ts";
import { SignInLog } from "../../src/hub/sign-in-log.ts";
import type { Tables } from "../../src/hub/series/series.ts";
import { StoredAudit } from "../../src/hub/stored-audit.ts";
import { hubFixture } from "../support/hub-fixture.ts";
import type { HubFixture } from "../support/hub-fixture.ts";
import { recordingLogger } from "../support/recording-logger.ts";

/** As a full disk does: nothing can be added to the table. */
const FULL = "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END";
const ACTOR = { user: "admin", address: "192.0.2.1" };

describe("the audit table", () => {
  it("tells the newest first, page by page, by user, act and node", async () => {
    const { hub } = await hubFixture();
    for (let node = 1; node <= 5; node += 1) {
      const user = node % 2 === 0 ? "bob" : "admin";
      await hub.audit.record({ actor: { ...ACTOR, user }, action: "node.add", node });
    }
    await hub.audit.record({ actor: ACTOR, action: "site.change", detail: "name" });
    const [newest, ...older] = await hub.audit.list({ limit: 3 });
    expect(newest).toMatchObject({ action: "site.change", node: 0, detail: "name", ...ACTOR });
    expect(older.map(({ node }) => node)).toEqual([5, 4]);
    const next = await hub.audit.list({ limit: 2, before: older[1]?.id ?? 0 });
    expect(next.map(({ node }) => node)).toEqual([3, 2]);
    const nodesOf = async (query: Parameters<typeof hub.audit.list>[0]) =>
      (await hub.audit.list(query)).map(({ node }) => node);
    expect(await nodesOf({ user: "bob" })).toEqual([4, 2]);
    expect(await nodesOf({ action: "node.add", node: 3 })).toEqual([3]);
    expect(await nodesOf({ user: "bob", node: 3 })).toEqual([]);
    expect(await nodesOf({ limit: Number.NaN })).toEqual([0]);
  });

  it.each([
    ["changed", "UPDATE audit SET user = 'somebody else'"],
    ["removed", "DELETE FROM audit"],
    [
      "replaced",
      "INSERT OR REPLACE INTO audit (id, at, user, address, action, node, detail) VALUES (1, 0, '', '', '', 0, '')",
    ],
    [
      "overwritten by an insertion",
      "INSERT INTO audit (id, at, user, address, action, node, detail) VALUES (1, 0, '', '', '', 0, '') ON CONFLICT (id) DO UPDATE SET user = ''",
    ],
  ])("lets no row be %s, whoever asks", async (_, sql) => {
    const { hub, storage } = await hubFixture();
    await hub.audit.record({ actor: ACTOR, action: "node.add", node: 1 });
    await expect(storage.tables.write([{ sql, values: [] }])).rejects.toThrow("stay");
    expect(await hub.audit.list({})).toMatchObject([{ id: 1, ...ACTOR, action: "node.add" }]);
  });

  it("keeps words short and on one line", async () => {
    const { hub } = await hubFixture();
    const detail = `one\r\n\u001b[2Jtwo\u2028${"x".repeat(5000)}`;
    await hub.audit.record({ actor: ACTOR, action: "node.edit", detail });
    const [entry] = await hub.audit.list({});
    expect(entry?.detail).toMatch(/^one \[2Jtwo x+\.\.\.$/);
    expect(entry?.detail).toHaveLength(1024);
  });
});

describe("a line of the audit table", () => {
  it("outlasts a power cut", async () => {
    const { storage, clock } = await hubFixture();
    const kinds: string[] = [];
    const tables: Tables = {
      read: (statement) => storage.tables.read(statement),
      write: () => Promise.resolve(void kinds.push("write")),
      writeSafely: () => Promise.resolve(void kinds.push("writeSafely")),
    };
    const audit = new StoredAudit(tables, clock, silentLogger);
    await audit.act({ actor: ACTOR, action: "node.edit" }, () => kinds.push("done"));
    expect(kinds).toEqual(["writeSafely", "done"]);
  });
});

describe("an act that is to be on record", () => {
  it("is done when its line is in the file, and not before", async () => {
    const { hub } = await hubFixture();
    const seen: string[] = [];
    const act = {
      actor: ACTOR,
      action: "node.add",
      detail: "alpha",
      outcome: (node: number) => ({ action: "node.added", node }),
    };
    const result = await hub.audit.act(act, async () => {
      for (const { action, detail } of await hub.audit.list({})) seen.push(`${action} ${detail}`);
      return 7;
    });
    expect([result, seen]).toEqual([7, ["node.add alpha"]]);
    const lines = (await hub.audit.list({})).map(({ action, node, user }) => [action, node, user]);
    expect(lines).toEqual([
      ["node.added", 7, "admin"],
      ["node.add", 0, "admin"],
    ]);
  });

  it("leaves a line with the code of its failure, without what people have typed", async () => {
    const { hub } = await hubFixture();
    const act = { actor: ACTOR, action: "account.edit", detail: "bob" };
    const fail = (): never => {
      throw new ValidationError("'hunter2' is too short");
    };
    await expect(hub.audit.act(act, fail)).rejects.toThrow("hunter2");
    await expect(hub.audit.act(act, () => Promise.reject(new Error("x")))).rejects.toThrow("x");
    expect((await hub.audit.list({})).map(({ detail }) => detail)).toEqual([
      "Not done, INTERNAL: bob",
      "bob",
      "Not done, VALIDATION: bob",
      "bob",
    ]);
  });

  it("is not done when it cannot be recorded", async () => {
    const { hub, storage } = await hubFixture();
    await storage.tables.write([{ sql: FULL, values: [] }]);
    let isDone = false;
    const doIt = (): void => {
      isDone = true;
    };
    const doing = hub.audit.act({ actor: ACTOR, action: "node.edit" }, doIt);
    await expect(doing).rejects.toThrow("no room");
    expect(isDone).toBe(false);
  });

  it("stays done when what came of it cannot be recorded, and the log says so", async () => {
    const { storage, clock } = await hubFixture();
    const log = recordingLogger();
    const audit = new StoredAudit(storage.tables, clock, log);
    const act = { actor: ACTOR, action: "node.add", outcome: () => ({ action: "node.added" }) };
    const result = await audit.act(act, async () => {
      await storage.tables.write([{ sql: FULL, values: [] }]);
      return "done";
    });
    expect(result).toBe("done");
    expect(log.records).toMatchObject([{ level: "error", fields: { action: "node.added" } }]);
  });
});

function signInLog({ hub, clock }: HubFixture): SignInLog {
  const isAccount = (user: string): boolean => ["admin", "bob"].includes(user);
  return new SignInLog({ audit: hub.audit, clock, log: silentLogger, isAccount });
}

describe("sign-ins in the audit table", () => {
  it("are written at once, and repeated ones from the same place summed up", async () => {
    const fixture = await hubFixture();
    const book = signInLog(fixture);
    for (let count = 0; count < 100; count += 1) book.signedIn("admin", "192.0.2.1", "password");
    book.signedIn("admin", "192.0.2.2", "oidc");
    book.signedOut("admin");
    book.accountsChanged(["bob"]);
    await fixture.clock.advance(0);
    const acts = async () =>
      (await fixture.hub.audit.list({})).map(
        ({ action, address, detail }) => `${action} ${address} ${detail}`,
      );
    expect(await acts()).toEqual([
      "account.change  The password or role of 'bob' changed, or the account is gone",
      "session.end  ",
      "session.open 192.0.2.2 by oidc",
      "session.open 192.0.2.1 by password",
    ]);
    await book.close();
    expect((await acts())[0]).toBe(
      "session.open 192.0.2.1 by password, 99 more times within 15 minutes",
    );
  });

  it("that are refused make a few rows, however many there are", async () => {
    const fixture = await hubFixture();
    const book = signInLog(fixture);
    for (let count = 0; count < 5000; count += 1) {
      book.refused(count % 2 === 0 ? "admin" : `guess${count}`, `198.51.100.${count % 200}`);
    }
    await fixture.clock.advance(15 * 60_000);
    const rows = await fixture.hub.audit.list({ action: "session.refused", limit: 1000 });
    expect(rows).toHaveLength(17);
    const total = rows.reduce((sum, { detail }) => sum + Number.parseInt(detail, 10), 0);
    expect(total).toBe(5000);
    await book.close();
  });

  it("name accounts only: a password that was typed as the name is not written down", async () => {
    const fixture = await hubFixture();
    const book = signInLog(fixture);
    book.refused("admin", "192.0.2.1");
    book.refused("my-secret-password", "192.0.2.1");
    await book.close();
    const [row, ...others] = await fixture.hub.audit.list({});
    expect(others).toEqual([]);
    expect(row).toMatchObject({ user: "admin", address: "192.0.2.1", action: "session.refused" });
    expect(row?.detail).toBe(
      "2 refused attempts within 15 minutes: 'admin', names that are no account or none at all",
    );
  });

  it("go on when nothing can be written, and the log says so", async () => {
    const { clock } = await hubFixture();
    const log = recordingLogger();
    const audit = { record: () => Promise.reject(new Error("disk full")) };
    const book = new SignInLog({ audit, clock, log, isAccount: () => true });
    book.signedIn("admin", "192.0.2.1", "password");
    await book.close();
    expect(log.records).toMatchObject([{ level: "error", fields: { problem: "disk full" } }]);
  });
});
