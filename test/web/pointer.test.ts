import { describe, expect, it } from "vitest";
import { PointerSender } from "../../src/web/views/console/input/pointer-sender.ts";
import { TouchGestures } from "../../src/web/views/console/input/touch.ts";

/** Time that passes when told to, with what waits for it. */
function createTime() {
  let now = 0;
  let waiting: { readonly at: number; readonly work: () => void }[] = [];
  return {
    now: () => now,
    later: (ms: number, work: () => void) => {
      const timer = { at: now + ms, work };
      waiting.push(timer);
      return () => {
        waiting = waiting.filter((other) => other !== timer);
      };
    },
    pass(ms: number) {
      now += ms;
      const due = waiting.filter(({ at }) => at <= now);
      waiting = waiting.filter(({ at }) => at > now);
      for (const { work } of due) work();
    },
  };
}

function createSender() {
  const time = createTime();
  const sent: number[][] = [];
  const network = { backlog: 0, isOpen: true };
  const sender = new PointerSender({
    send: (frame) => {
      if (network.isOpen) sent.push([...frame]);
      return network.isOpen;
    },
    backlog: () => network.backlog,
    now: time.now,
    later: time.later,
  });
  return { sender, sent, network, pass: time.pass };
}

describe("PointerSender", () => {
  it("sends the first position at once, and then the newest of many", () => {
    const { sender, sent, pass } = createSender();
    sender.moveTo(1, 1);
    for (let x = 2; x <= 50; x += 1) sender.moveTo(x, x);
    expect(sent).toEqual([[3, 0, 1, 0, 1]]);
    pass(8);
    expect(sent).toEqual([
      [3, 0, 1, 0, 1],
      [3, 0, 50, 0, 50],
    ]);
    pass(100);
    expect(sent).toHaveLength(2);
  });

  it("waits while the network is busy, and then sends only the newest", () => {
    const { sender, sent, network, pass } = createSender();
    network.backlog = 500;
    sender.moveTo(1, 1);
    pass(50);
    sender.moveTo(2, 2);
    pass(50);
    expect(sent).toEqual([]);
    network.backlog = 0;
    pass(10);
    expect(sent).toEqual([[3, 0, 2, 0, 2]]);
  });

  it("sends what waits before a button", () => {
    const { sender, sent } = createSender();
    sender.moveTo(1, 1);
    sender.moveTo(9, 9);
    sender.flush();
    expect(sent.at(-1)).toEqual([3, 0, 9, 0, 9]);
  });

  it("sums motion, loses no fraction of it and cuts it into reports", () => {
    const { sender, sent, pass } = createSender();
    sender.moveBy(0.6, 0);
    sender.moveBy(0.6, 0);
    sender.moveBy(300, -5);
    pass(8);
    expect(sent).toEqual([
      [4, 0, 127, 251],
      [4, 0, 127, 0],
      [4, 0, 47, 0],
    ]);
  });

  it("forgets motion when there is no connection", () => {
    const { sender, sent, network, pass } = createSender();
    network.isOpen = false;
    sender.moveBy(300, 300);
    pass(8);
    network.isOpen = true;
    pass(100);
    expect(sent).toEqual([]);
  });

  it("turns pixels and lines into steps of the wheel, down being negative", () => {
    const { sender, sent } = createSender();
    sender.wheel(0, 100, 0);
    sender.wheel(0, -3, 1);
    sender.wheel(0, 40, 0);
    sender.reversesWheel = true;
    sender.wheel(0, -60, 0);
    expect(sent).toEqual([
      [5, 0, 0, 255],
      [5, 0, 0, 1],
      [5, 0, 0, 255],
    ]);
  });
});

function createTouch() {
  const time = createTime();
  const seen: string[] = [];
  const touch = new TouchGestures({
    point: (x, y) => void seen.push(`point ${x},${y}`),
    move: (dx, dy) => void seen.push(`move ${dx},${dy}`),
    click: (button) => void seen.push(`click ${button}`),
    scroll: (dx, dy) => void seen.push(`scroll ${dx},${dy}`),
    now: time.now,
    later: time.later,
  });
  return { touch, seen, pass: time.pass };
}

describe("TouchGestures", () => {
  it("points where the finger is, and clicks for a tap", () => {
    const { touch, seen } = createTouch();
    touch.down(1, 10, 20);
    touch.up(1);
    expect(seen).toEqual(["point 10,20", "click left"]);
  });

  it("does not click after a drag, and tells how far it went", () => {
    const { touch, seen } = createTouch();
    touch.down(1, 0, 0);
    touch.move(1, 30, 0);
    touch.up(1);
    expect(seen).toEqual(["point 0,0", "point 30,0", "move 30,0"]);
  });

  it("clicks right for a long press, once", () => {
    const { touch, seen, pass } = createTouch();
    touch.down(1, 5, 5);
    pass(600);
    touch.up(1);
    expect(seen).toEqual(["point 5,5", "click right"]);
  });

  it("clicks right for a tap with two fingers, and scrolls with them", () => {
    const { touch, seen } = createTouch();
    touch.down(1, 0, 0);
    touch.down(2, 50, 0);
    touch.up(2);
    touch.up(1);
    expect(seen).toEqual(["point 0,0", "click right"]);
    seen.length = 0;
    touch.down(1, 0, 0);
    touch.down(2, 50, 0);
    touch.move(1, 0, 40);
    touch.move(2, 50, 40);
    touch.up(1);
    touch.up(2);
    expect(seen).toEqual(["point 0,0", "scroll 0,-20", "scroll 0,-20"]);
  });

  it("forgets everything when the browser takes the fingers away", () => {
    const { touch, seen, pass } = createTouch();
    touch.down(1, 0, 0);
    touch.cancel();
    pass(1000);
    touch.up(1);
    expect(seen).toEqual(["point 0,0"]);
  });
});
