import { describe, expect, it } from "vitest";
import { LatestSender } from "../../src/http/latest-sender.ts";

describe("a sender of the latest", () => {
  it("keeps one item for a peer that does not read, however many come", () => {
    const sent: number[] = [];
    let done: () => void = () => undefined;
    const sender = new LatestSender<number>((item, whenSent) => {
      sent.push(item);
      done = whenSent;
    });
    for (let item = 0; item < 10_000; item += 1) sender.post(item);
    expect(sent).toEqual([0]);
    done();
    expect(sent).toEqual([0, 9999]);
    done();
    expect(sent).toEqual([0, 9999]);
    sender.post(7);
    expect(sent).toEqual([0, 9999, 7]);
  });
});
