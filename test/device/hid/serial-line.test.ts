import { describe, expect, it } from "vitest";
import { SerialLine } from "../../../src/device/hid/serial-line.ts";
import type { Outcome, ReplyRules } from "../../../src/device/hid/serial-line.ts";
import { silentLogger } from "../../../src/core/log.ts";
import type { Logger } from "../../../src/core/log.ts";
import type { ByteLink } from "../../../src/platform/serial/port.ts";
import { fakeClock, settle } from "../../support/fake-clock.ts";
import type { FakeClock } from "../../support/fake-clock.ts";

/** A reply is one byte; its upper half names the request it answers. */
const RULES: ReplyRules<number> = {
  createDecoder: (onReply) => ({
    push: (bytes) => {
      for (const byte of bytes) onReply(byte);
    },
    expire: () => undefined,
  }),
  accepts: (expected, reply) => reply >> 4 === expected,
};

/** A link whose every event the test decides. */
class ManualLink implements ByteLink {
  readonly name = "manual";
  readonly sent: Uint8Array[] = [];
  isClosed = false;
  finishSend: () => void = () => undefined;
  failSend: (error: Error) => void = () => undefined;
  receive: (bytes: Uint8Array) => void = () => undefined;
  vanish: (reason: Error | undefined) => void = () => undefined;

  send(bytes: Uint8Array): Promise<void> {
    this.sent.push(bytes);
    return new Promise((resolve, reject) => {
      this.finishSend = resolve;
      this.failSend = reject;
    });
  }

  onReceive(listener: (bytes: Uint8Array) => void): () => void {
    this.receive = listener;
    return () => undefined;
  }

  onClose(listener: (reason: Error | undefined) => void): () => void {
    this.vanish = listener;
    return () => undefined;
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

interface Bench {
  readonly link: ManualLink;
  readonly clock: FakeClock;
  readonly line: SerialLine<number>;
  readonly outcomes: Outcome<number>[];
  readonly lost: (Error | undefined)[];
  ask(expected: number): void;
}

function bench(log: Logger = silentLogger): Bench {
  const link = new ManualLink();
  const clock = fakeClock();
  const outcomes: Outcome<number>[] = [];
  const lost: (Error | undefined)[] = [];
  const onLost = (reason: Error | undefined): void => {
    lost.push(reason);
  };
  const line = new SerialLine({ link, clock, log, rules: RULES, replyTimeoutMs: 100, onLost });
  return {
    link,
    clock,
    line,
    outcomes,
    lost,
    ask(expected) {
      line.exchange(Uint8Array.of(expected), expected, (outcome) => {
        outcomes.push(outcome);
      });
    },
  };
}

describe("SerialLine", () => {
  it("hands the bytes over before exchange returns, and delivers the answer once", async () => {
    const { link, clock, outcomes, ask } = bench();
    ask(1);
    expect(link.sent).toEqual([Uint8Array.of(1)]);
    link.finishSend();
    await settle();
    link.receive(Uint8Array.of(0x15, 0x16));
    expect(outcomes).toEqual([{ type: "reply", reply: 0x15 }]);
    await clock.advance(1000);
    expect(outcomes).toHaveLength(1);
  });

  it("discards answers to other requests and those that nobody waits for", async () => {
    const { link, outcomes, ask } = bench();
    link.receive(Uint8Array.of(0x11));
    ask(1);
    link.finishSend();
    await settle();
    link.receive(Uint8Array.of(0x21, 0x31));
    expect(outcomes).toEqual([]);
    link.receive(Uint8Array.of(0x12));
    expect(outcomes).toEqual([{ type: "reply", reply: 0x12 }]);
  });

  it("keeps an answer back until the request is handed over, so that sends never overlap", async () => {
    const { link, clock, outcomes, ask } = bench();
    ask(1);
    link.receive(Uint8Array.of(0x10));
    await settle();
    expect(outcomes).toEqual([]);
    link.finishSend();
    await settle();
    expect(outcomes).toEqual([{ type: "reply", reply: 0x10 }]);
    expect(clock.pending).toBe(0);
  });

  it("times out without an answer", async () => {
    const { link, clock, outcomes, ask } = bench();
    ask(1);
    link.finishSend();
    await clock.advance(99);
    expect(outcomes).toEqual([]);
    await clock.advance(1);
    expect(outcomes).toEqual([{ type: "timeout" }]);
  });

  it("takes an answer that a stalled process finds together with the end of its time", async () => {
    const { link, clock, outcomes, ask } = bench();
    ask(1);
    link.finishSend();
    await settle();
    clock.setTimer(100, () => {
      link.receive(Uint8Array.of(0x15));
    });
    await clock.advance(1000);
    expect(outcomes).toEqual([{ type: "reply", reply: 0x15 }]);
    expect(clock.pending).toBe(0);
  });

  it("counts a link that takes no bytes for that time as lost", async () => {
    const { line, clock, outcomes, ask } = bench();
    ask(1);
    await clock.advance(100);
    expect(outcomes).toMatchObject([{ type: "lost" }]);
    expect(line.isLost).toBe(true);
  });

  it("reports the loss of the link to who waits, else to its owner", async () => {
    const reason = new Error("pulled");
    const waiting = bench();
    waiting.ask(1);
    waiting.link.vanish(reason);
    expect(waiting.outcomes).toEqual([{ type: "lost", reason }]);
    expect(waiting.lost).toEqual([]);
    const idle = bench();
    idle.link.vanish(reason);
    idle.link.vanish(reason);
    expect(idle.lost).toEqual([reason]);
    idle.ask(1);
    expect(idle.outcomes).toEqual([{ type: "lost", reason }]);
    await settle();
    expect(idle.link.sent).toEqual([]);
  });

  it("reports a send that failed as loss", async () => {
    const { link, outcomes, ask } = bench();
    ask(1);
    const reason = new Error("input/output error");
    link.failSend(reason);
    await settle();
    expect(outcomes).toEqual([{ type: "lost", reason }]);
  });

  it("delivers nothing after it was closed", async () => {
    const { line, link, clock, outcomes, lost, ask } = bench();
    ask(1);
    await line.close();
    link.finishSend();
    link.receive(Uint8Array.of(0x10));
    await clock.advance(1000);
    expect(link.isClosed).toBe(true);
    expect(outcomes).toEqual([]);
    expect(lost).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("shows the bytes of both directions at the debug level only", async () => {
    const lines: object[] = [];
    const log: Logger = {
      ...silentLogger,
      debug: (fields) => {
        lines.push(fields);
      },
    };
    const quiet = bench(log);
    quiet.ask(1);
    expect(lines).toEqual([]);
    const loud = bench({ ...log, isLevelEnabled: (level) => level === "debug" });
    loud.ask(0xab);
    loud.link.receive(Uint8Array.of(1, 2));
    await settle();
    expect(lines).toEqual([
      { direction: "out", bytes: "ab" },
      { direction: "in", bytes: "01 02" },
    ]);
  });
});
