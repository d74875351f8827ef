import { describe, expect, it } from "vitest";
import { StorageError } from "../../src/core/errors.ts";
import { DEFAULT_SITE, openSiteSettings } from "../../src/hub/site-settings.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { openTestStorage } from "../support/hub-storage.ts";
import type { Tables } from "../../src/hub/series/series.ts";

describe("the settings of the public page", () => {
  it("begin with safe ones and are there again when they are read anew", async () => {
    const { tables } = await openTestStorage(fakeClock());
    const site = await openSiteSettings(tables);
    expect(site.values).toEqual(DEFAULT_SITE);
    expect(site.values).toMatchObject({ isPrivate: false, customHead: "", customBody: "" });
    await site.change({ siteName: "Fleet", isPrivate: true });
    await site.setThemeSettings("night", '{"columns":3}');
    const again = await openSiteSettings(tables);
    expect(again.values).toEqual({ ...DEFAULT_SITE, siteName: "Fleet", isPrivate: true });
    expect([again.themeSettings("night"), again.themeSettings("other")]).toEqual([
      '{"columns":3}',
      "{}",
    ]);
  });

  it("keep both of two changes that are made at once", async () => {
    const { tables } = await openTestStorage(fakeClock());
    const site = await openSiteSettings(tables);
    await Promise.all([site.change({ siteName: "A" }), site.change({ description: "B" })]);
    expect(site.values).toMatchObject({ siteName: "A", description: "B" });
    expect((await openSiteSettings(tables)).values).toEqual(site.values);
  });

  it("refuse what is too long, and go on", async () => {
    const { tables } = await openTestStorage(fakeClock());
    const site = await openSiteSettings(tables);
    const bad = [{ siteName: "x".repeat(257) }, { customHead: "x".repeat(65_537) }];
    for (const change of bad) {
      await expect(site.change(change)).rejects.toMatchObject({ kind: "invalid" });
    }
    await expect(site.setThemeSettings("../night", "{}")).rejects.toMatchObject({
      kind: "invalid",
    });
    await expect(site.setThemeSettings("n", "x".repeat(70_000))).rejects.toThrow("longer");
    expect(site.values).toEqual(DEFAULT_SITE);
    await site.change({ siteName: "ok" });
    expect(site.values.siteName).toBe("ok");
  });

  it("stay as they were when they cannot be written", async () => {
    const { tables } = await openTestStorage(fakeClock());
    const write = (): Promise<never> => Promise.reject(new StorageError("disk full"));
    const read: Tables["read"] = (query) => tables.read(query);
    const site = await openSiteSettings({ read, write, writeSafely: write });
    await expect(site.change({ siteName: "lost" })).rejects.toThrow("disk full");
    await expect(site.setThemeSettings("night", "{}")).rejects.toThrow("disk full");
    expect(site.values).toEqual(DEFAULT_SITE);
  });

  it("can be read whatever an older or later version has left there", async () => {
    const { tables } = await openTestStorage(fakeClock());
    const sql = "INSERT INTO site_setting (key, value) VALUES (?, ?)";
    const stored = JSON.stringify({ siteName: 5, description: "kept", fromLater: true });
    await tables.write([{ sql, values: ["page", stored] }]);
    const { values } = await openSiteSettings(tables);
    expect(values).toEqual({ ...DEFAULT_SITE, description: "kept" });
  });
});
