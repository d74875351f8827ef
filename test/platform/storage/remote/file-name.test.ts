import { describe, expect, it } from "vitest";
import { nameOfFile } from "../../../../src/platform/storage/remote/file-name.ts";

const URL_OF_FILE = new URL("https://host/path/from%20url.iso?x=1");

describe("nameOfFile", () => {
  it.each([
    [undefined, "from url.iso"],
    ["attachment", "from url.iso"],
    ['attachment; filename="a b.iso"', "a b.iso"],
    ["attachment; filename=plain.iso; size=3", "plain.iso"],
    ["attachment; filename=\"old.iso\"; filename*=UTF-8''n%C3%A9w.iso", "néw.iso"],
    ["attachment; filename*=UTF-8'en'x.iso", "x.iso"],
    ['attachment; filename="a\\"b.iso"', 'a"b.iso'],
    ['attachment; filename="../../etc/passwd"', "passwd"],
    ['attachment; filename="C:\\\\temp\\\\x.iso"', "x.iso"],
    ["attachment; filename*=UTF-8''%zz.iso", "%zz.iso"],
  ])("reads %s", (header, name) => {
    expect(nameOfFile(header, URL_OF_FILE)).toBe(name);
  });

  it("has no name for an address without one", () => {
    expect(nameOfFile(undefined, new URL("https://host/"))).toBe("");
  });
});
