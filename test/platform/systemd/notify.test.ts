import { describe, expect, it } from "vitest";
import { MissingPartError } from "../../../src/core/errors.ts";
import { silentLogger } from "../../../src/core/log.ts";
import { openUnixDatagram } from "../../../src/platform/systemd/datagram.ts";
import { createServiceNotifier } from "../../../src/platform/systemd/notify.ts";
import { settle } from "../../support/fake-clock.ts";
import { scriptedRunner, succeed } from "../../support/scripted-runner.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { listenForDatagrams } from "../../support/unix-datagrams.ts";

const withProgram = () => scriptedRunner({ "systemd-notify": () => succeed("") });
const LONGER_THAN_ANY_SOCKET_PATH = `/${"x".repeat(200)}`;

/** Messages are sent as soon as the addon is loaded, which takes a few turns of the event loop the first time. */
async function receiveAll(listener: { receive(): string | undefined }, count: number) {
  const messages: string[] = [];
  while (messages.length < count) {
    const message = listener.receive();
    if (message === undefined) await settle();
    else messages.push(message);
  }
  return messages;
}

describe("createServiceNotifier", () => {
  it.each([
    ["a path", () => `${tempDir()}/notify`],
    ["an abstract name", () => `@farhand-test-${process.pid}`],
  ])("sends datagrams to %s, in order", async (_kind, makeName) => {
    const notifySocket = makeName();
    const listener = listenForDatagrams(notifySocket);
    const runner = withProgram();
    const service = createServiceNotifier({ notifySocket, process: runner, log: silentLogger });
    service.status("starting\nREADY=1");
    service.ready();
    service.alive();
    service.stopping();
    const messages = await receiveAll(listener, 4);
    listener.close();
    expect(messages).toEqual(["STATUS=starting READY=1", "READY=1", "WATCHDOG=1", "STOPPING=1"]);
    expect(runner.runs).toEqual([]);
  });

  it("tells how often the watchdog wants to hear something", () => {
    const watchdog = (watchdogUsec: string | undefined) =>
      createServiceNotifier({
        notifySocket: "@nobody",
        watchdogUsec,
        process: withProgram(),
        log: silentLogger,
      }).watchdogMs;
    expect(watchdog("30000000")).toBe(30_000);
    expect(watchdog(undefined)).toBeUndefined();
    expect(watchdog("0")).toBeUndefined();
    expect(watchdog("soon")).toBeUndefined();
  });

  it("does nothing when no service manager started the program", async () => {
    const runner = withProgram();
    const service = createServiceNotifier({
      notifySocket: undefined,
      watchdogUsec: "1000000",
      process: runner,
      log: silentLogger,
    });
    service.ready();
    service.status("x");
    service.alive();
    service.stopping();
    await settle();
    expect(runner.runs).toEqual([]);
    expect(service.watchdogMs).toBeUndefined();
  });

  it("uses systemd's program for start and stop where datagrams are missing, and switches the watchdog off", async () => {
    const runner = withProgram();
    const service = createServiceNotifier({
      notifySocket: "/run/notify",
      process: runner,
      log: silentLogger,
      openSocket: () => Promise.reject(new MissingPartError("koffi is not installed")),
    });
    service.ready();
    service.status("busy");
    await settle();
    service.alive();
    service.stopping();
    expect(runner.runs.map(({ args }) => args)).toEqual([
      ["READY=1", "WATCHDOG_USEC=0"],
      ["STOPPING=1", "WATCHDOG_USEC=0"],
    ]);
  });

  it("goes on when not even that program is there", async () => {
    const service = createServiceNotifier({
      notifySocket: "/run/notify",
      process: scriptedRunner(),
      log: silentLogger,
      openSocket: () => Promise.reject(new MissingPartError("koffi is not installed")),
    });
    service.ready();
    await settle();
    expect(() => {
      service.stopping();
    }).not.toThrow();
    await settle();
  });

  it("does not mind that nobody listens", async () => {
    const service = createServiceNotifier({
      notifySocket: `${tempDir()}/gone`,
      process: withProgram(),
      log: silentLogger,
    });
    service.ready();
    await settle();
    expect(() => {
      service.alive();
    }).not.toThrow();
  });
});

describe("openUnixDatagram", () => {
  it("says whether somebody took the message", async () => {
    const name = `${tempDir()}/s`;
    const socket = await openUnixDatagram(name);
    expect(socket.send("early")).toBe(false);
    const listener = listenForDatagrams(name);
    expect(socket.send("now")).toBe(true);
    expect(listener.receive()).toBe("now");
    listener.close();
    const impossible = await openUnixDatagram(LONGER_THAN_ANY_SOCKET_PATH);
    expect(impossible.send("x")).toBe(false);
  });
});
