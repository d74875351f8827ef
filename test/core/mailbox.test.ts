import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Mailbox } from "../../src/core/mailbox.ts";

describe("Mailbox", () => {
  it("is empty at first", () => {
    const mailbox = new Mailbox<string, number>();
    expect(mailbox.size).toBe(0);
    expect(mailbox.take()).toBeUndefined();
  });

  it("hands out the newest item of each key, in the order in which keys became pending", () => {
    const mailbox = new Mailbox<string, number>();
    mailbox.post("atx", 1);
    mailbox.post("hid", 2);
    mailbox.post("atx", 3);
    expect(mailbox.take()).toEqual({ key: "atx", item: 3 });
    expect(mailbox.take()).toEqual({ key: "hid", item: 2 });
    expect(mailbox.take()).toBeUndefined();
  });

  it("puts a key that was taken behind the others when it returns", () => {
    const mailbox = new Mailbox<string, number>();
    mailbox.post("atx", 1);
    mailbox.post("hid", 2);
    mailbox.take();
    mailbox.post("atx", 3);
    expect(mailbox.take()).toEqual({ key: "hid", item: 2 });
  });

  it("merges where replacing would lose something", () => {
    const mailbox = new Mailbox<string, number>();
    const sum = (a: number, b: number): number => a + b;
    mailbox.post("wheel", 2, sum);
    mailbox.post("wheel", 5, sum);
    expect(mailbox.take()).toEqual({ key: "wheel", item: 7 });
  });

  it("forgets everything when cleared", () => {
    const mailbox = new Mailbox<string, number>();
    mailbox.post("atx", 1);
    mailbox.clear();
    expect(mailbox.size).toBe(0);
  });

  it("never holds more items than there are keys, and always the newest", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer())), (posts) => {
        const mailbox = new Mailbox<number, number>();
        for (const [key, item] of posts) mailbox.post(key, item);
        const newest = new Map(posts);
        expect(mailbox.size).toBe(newest.size);
        for (let next = mailbox.take(); next !== undefined; next = mailbox.take()) {
          expect(next.item).toBe(newest.get(next.key));
        }
      }),
    );
  });
});
