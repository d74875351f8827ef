import { describe, expect, it } from "vitest";
import { KvmJudge, readKvmAlert } from "../../../src/hub/alerts/kvm-judge.ts";
import { HUB_START, hubFixture, kvmStatus } from "../../support/hub-fixture.ts";

const UNKNOWN = { power: "unknown", picture: "unknown", health: "unknown" } as const;

describe("KvmJudge", () => {
  it("waits for as long as the rule says, and knows since when it is so", async () => {
    const { hub, addNode } = await hubFixture();
    const node = await addNode();
    const kvm = { of: () => kvmStatus({ power: "off" }) };
    const judge = new KvmJudge({ kind: "kvm", alert: "poweredOff", afterSeconds: 20 }, kvm);
    const look = (seconds: number, isOnline = true) =>
      judge.judge({
        node,
        report: undefined,
        isOnline,
        now: HUB_START + seconds * 1000,
        nowMs: 0.25 + seconds * 1000.1,
        round: 0,
        isRaised: false,
      });
    expect(look(0).isBad).toBeUndefined();
    expect(look(10).isBad).toBeUndefined();
    expect(look(20, false).isBad).toBeUndefined();
    expect(look(30)).toEqual({ isBad: true, value: undefined, since: HUB_START - 3 });
    judge.forget(node.id);
    expect(look(40).isBad).toBeUndefined();
    await hub.close();
  });
});

describe("what a KVM says", () => {
  it.each([
    ["poweredOff", { power: "off" }, true],
    ["poweredOff", {}, false],
    ["poweredOff", UNKNOWN, undefined],
    ["poweredOn", {}, true],
    ["poweredOn", { power: "off" }, false],
    ["poweredOn", UNKNOWN, undefined],
    ["noPicture", { picture: "noSignal" }, true],
    ["noPicture", { picture: "missing" }, true],
    ["noPicture", {}, false],
    // Nobody looks, so nothing is known.
    ["noPicture", { picture: "idle" }, undefined],
    ["noPicture", UNKNOWN, undefined],
    // A computer that is off has no picture to lose.
    ["noPicture", { power: "off", picture: "noSignal" }, false],
    ["unhealthy", { health: "warning" }, true],
    ["unhealthy", {}, false],
    ["unhealthy", UNKNOWN, undefined],
  ] as const)("%s with %j is %s", (alert, part, expected) => {
    expect(readKvmAlert(alert, kvmStatus(part))).toBe(expected);
  });
});
