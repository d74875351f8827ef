import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseEntries, withEntry, withoutEntry } from "../../../src/http/auth/htpasswd.ts";

describe("password file", () => {
  it("reads entries in order, ignoring comments, blank lines, line ends of Windows and what has no colon", () => {
    const entries = parseEntries("# users\r\nbob:h:1\r\n\r\n  \nnothing\nalice: h2 \n:no name\n");
    expect([...entries]).toEqual([
      ["bob", "h:1"],
      ["alice", "h2"],
    ]);
  });

  it("takes the first of two lines of a user", () => {
    expect(parseEntries("bob:one\nbob:two\n").get("bob")).toBe("one");
  });

  it("replaces in place and keeps everything else", () => {
    expect(withEntry("# note\nbob:1\n\nalice:2\n", "bob", "3")).toBe("# note\nbob:3\n\nalice:2\n");
  });

  it("adds at the end, also after a last line without line feed", () => {
    expect(withEntry("bob:1", "alice", "2")).toBe("bob:1\nalice:2\n");
    expect(withEntry("", "alice", "2")).toBe("alice:2\n");
  });

  it("removes every line of a user", () => {
    expect(withoutEntry("bob:1\n#bob:x\nal:2\nbob:3\n", "bob")).toBe("#bob:x\nal:2\n");
    expect(withoutEntry("bob:1\n", "bob")).toBe("");
  });

  it("finds what it wrote, whatever the file was", () => {
    fc.assert(
      fc.property(fc.string(), fc.stringMatching(/^[a-z]{1,8}$/), (text, user) => {
        const written = withEntry(text, user, "value");
        expect(parseEntries(written).get(user)).toBe("value");
        expect(parseEntries(withoutEntry(written, user)).has(user)).toBe(false);
      }),
    );
  });
});
