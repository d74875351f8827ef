import { describe, expect, it } from "vitest";
import { ConfigSchema } from "../../src/config/schema.ts";
import { zhSettingTexts } from "../../src/web/i18n/zh-cn/setting-texts.ts";
import { describedSettings } from "../support/described-settings.ts";

const DESCRIBED = describedSettings(ConfigSchema);

describe("what is said about settings", () => {
  it("is said in Chinese about each of them, and about nothing else", () => {
    expect(Object.keys(zhSettingTexts).sort()).toEqual([...DESCRIBED.keys()].sort());
  });

  it("is really Chinese, and a sentence", () => {
    for (const [path, text] of Object.entries(zhSettingTexts)) {
      expect([path, /\p{Script=Han}/u.test(text)]).toEqual([path, true]);
      expect([path, text.endsWith("。")]).toEqual([path, true]);
    }
  });

  it("names in both languages the same settings, files and words of the configuration", () => {
    // What is written in Latin letters with a dot, slash or capital inside is a name.
    const namesIn = (text: string): readonly string[] =>
      [...new Set(text.match(/\b[a-z]+[A-Z][A-Za-z]+\b|\/(?:dev|api|sys|usr)\/[\w/-]+/g))].sort();
    for (const [path, english] of DESCRIBED) {
      expect([path, namesIn(zhSettingTexts[path] ?? "")]).toEqual([path, namesIn(english)]);
    }
  });
});
