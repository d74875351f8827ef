import { describe, expect, it } from "vitest";
import { TERMINAL_ENDINGS } from "../../src/api/kvmd/terminal.ts";
import { TERMINAL_ENDS } from "../../src/protocol/fleet/terminal.ts";
import { enTerminalEnds } from "../../src/web/i18n/en/terminal-ends.ts";
import { fillText } from "../../src/web/i18n/fill-text.ts";
import { endSentence } from "../../src/web/i18n/terminal-ends.ts";
import type { EndWords } from "../../src/web/i18n/terminal-ends.ts";
import { zhTerminalEnds } from "../../src/web/i18n/zh-cn/terminal-ends.ts";

const problem = (code: string): string | undefined => (code === "CONTROL_BUSY" ? "!" : undefined);
const EN: EndWords = { end: (key, params = {}) => fillText(enTerminalEnds[key], params), problem };
const ZH: EndWords = { end: (key, params = {}) => fillText(zhTerminalEnds[key], params), problem };

describe("why a terminal has ended", () => {
  const codes = [...new Set([...Object.keys(TERMINAL_ENDS), ...Object.keys(TERMINAL_ENDINGS)])];

  it("is said in both languages for every code of nodes and of the device, and for no other", () => {
    const words = ["ended", "endedWhy", "refused", ...codes].sort();
    expect(Object.keys(enTerminalEnds).sort()).toEqual(words);
    expect(Object.keys(zhTerminalEnds).sort()).toEqual(words);
    const untranslated = Object.values(zhTerminalEnds).filter(
      (text) => !/\p{Script=Han}/u.test(text),
    );
    expect(untranslated).toEqual([]);
  });

  it("is a code that fits into a closing frame", () => {
    expect(codes.filter((code) => !/^[A-Za-z]{1,60}$/.test(code))).toEqual([]);
  });

  it("is a sentence in both languages", () => {
    expect(endSentence("idle", EN)).toBe("The terminal has ended: Nothing happened for too long.");
    expect(endSentence("nodeOffline", ZH)).toBe("终端已结束：该节点没有连接。");
  });

  it("is a sentence without a reason, for an error, and for a code of a newer server, too", () => {
    expect(endSentence("", EN)).toBe("The terminal has ended.");
    expect(endSentence("CONTROL_BUSY", ZH)).toBe("终端无法打开。!");
    expect(endSentence("moonPhase", EN)).toBe("The terminal has ended: moonPhase.");
  });
});
