import { describe, expect, it } from "vitest";
import { createLogger } from "../../../src/platform/journal/logger.ts";

function setUp(level: string) {
  const lines: { level: number; msg: string }[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line));
  return { lines, ...createLogger(level, { write, flushSync: () => undefined }) };
}

const LEVELS = ["debug", "info", "warn", "error", "fatal"] as const;

describe("createLogger", () => {
  it.each(LEVELS)("writes from %s on, and nothing below", (least) => {
    const { log, lines } = setUp(least);
    for (const level of LEVELS) log[level]({}, level);
    expect(lines.map(({ msg }) => msg)).toEqual(LEVELS.slice(LEVELS.indexOf(least)));
    expect(LEVELS.filter((level) => log.isLevelEnabled(level))).toEqual(
      lines.map(({ msg }) => msg),
    );
    expect(log.isLevelEnabled("trace")).toBe(false);
  });

  it("changes the level of loggers that were made before, children of children included", () => {
    const { log, lines, setLevel } = setUp("info");
    const child = log.child({ sub: "atx" }).child({ line: 7 });
    child.debug({}, "not yet");
    setLevel("debug");
    child.debug({}, "now");
    setLevel("error");
    child.warn({}, "no longer");
    expect(lines).toMatchObject([{ level: 20, msg: "now", sub: "atx", line: 7 }]);
  });

  it("never writes a secret", () => {
    const { log, lines } = setUp("info");
    log.child({ token: "t0ken" }).info({ account: { passwd: "p4ss" } }, "Signed in");
    expect(JSON.stringify(lines)).not.toMatch(/t0ken|p4ss/);
  });
});
