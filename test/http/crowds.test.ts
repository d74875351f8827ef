import { EventEmitter, once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { peerOf } from "../../src/http/address.ts";
import { Crowds, watchCrowds } from "../../src/http/crowds.ts";
import { createHttpServer } from "../../src/http/server.ts";
import { HTTP_CONFIG } from "../support/auth-fixture.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { recordingLogger } from "../support/recording-logger.ts";

const PROXY = "198.51.100.1";

let lastPort = 1000;
class FakeSocket extends EventEmitter {
  readonly remoteAddress: string;
  readonly remotePort: number;
  isCut = false;

  constructor(remoteAddress: string, remotePort = (lastPort += 1)) {
    super();
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
  }

  destroy(): void {
    this.isCut = true;
    this.emit("close");
  }
}

function setUp(most = 2) {
  const clock = fakeClock();
  const log = recordingLogger();
  const crowds = new Crowds({ most, isExempt: (address) => address === PROXY, clock, log });
  const join = (address: string) => {
    const fake = new FakeSocket(address);
    const socket = fake as unknown as Socket;
    return { fake, socket, isIn: crowds.admit(socket) };
  };
  const isIn = (address: string): boolean => join(address).isIn;
  return { crowds, clock, log, join, isIn };
}

describe("connections that prove nothing", () => {
  it("are so many of one address, and other addresses do not feel it", () => {
    const { crowds, join, isIn } = setUp();
    expect([isIn("192.0.2.1"), isIn("::ffff:192.0.2.1")]).toEqual([true, true]);
    const third = join("192.0.2.1");
    expect([third.isIn, third.fake.isCut]).toEqual([false, true]);
    expect(isIn("192.0.2.2")).toBe(true);
    expect(crowds.refused).toBe(1);
  });

  it("of one IPv6 network count together", () => {
    const { isIn } = setUp();
    expect([isIn("2001:db8::1"), isIn("2001:db8::2"), isIn("2001:db8::3")]).toEqual([
      true,
      true,
      false,
    ]);
    expect(isIn("2001:db8:0:1::1")).toBe(true);
  });

  it("make room when they end, once each", () => {
    const { join, isIn } = setUp();
    const first = join("192.0.2.1");
    expect(isIn("192.0.2.1")).toBe(true);
    first.fake.destroy();
    first.fake.emit("close");
    expect([isIn("192.0.2.1"), isIn("192.0.2.1")]).toEqual([true, false]);
  });

  it("do not count any more when they have proven who they are, however often", () => {
    const { crowds, join, isIn } = setUp();
    const agent = join("192.0.2.1");
    crowds.releaseOnce(agent.socket);
    crowds.releaseOnce(agent.socket);
    agent.fake.destroy();
    expect([isIn("192.0.2.1"), isIn("192.0.2.1"), isIn("192.0.2.1")]).toEqual([true, true, false]);
  });

  it("count each for itself when a peer comes with one port to two listeners", () => {
    const { crowds, join, isIn } = setUp();
    const web = join("192.0.2.1");
    const agent = new FakeSocket("192.0.2.1", web.fake.remotePort);
    expect(crowds.admit(agent as unknown as Socket)).toBe(true);
    expect(isIn("192.0.2.1")).toBe(false);
    crowds.release(peerOf(agent));
    agent.destroy();
    web.fake.destroy();
    expect([isIn("192.0.2.1"), isIn("192.0.2.1"), isIn("192.0.2.1")]).toEqual([true, true, false]);
  });

  it("of a trusted proxy have no such limit", () => {
    const { crowds, isIn } = setUp();
    expect(Array.from({ length: 50 }, () => isIn(PROXY))).not.toContain(false);
    expect(crowds.refused).toBe(0);
  });

  it("are in the log once a minute", async () => {
    const { clock, log, isIn } = setUp(1);
    for (let count = 0; count < 20; count += 1) isIn("192.0.2.1");
    expect(log.records).toHaveLength(1);
    await clock.advance(60_000);
    isIn("192.0.2.1");
    expect(log.records).toHaveLength(2);
  });
});

describe("a server that watches crowds", () => {
  it("cuts who is too many, and lets those in again who come after proof", async () => {
    const clock = fakeClock();
    const log = recordingLogger();
    const app = createHttpServer({ config: HTTP_CONFIG, log });
    onTestFinished(() => app.close());
    const crowds = new Crowds({ most: 1, isExempt: () => false, clock, log });
    app.decorateRequest("principal", null);
    app.decorateRequest("agent", null);
    app.addHook("onRequest", (request, _reply, done) => {
      if (request.url === "/agent") request.agent = { node: 1, uuid: "u" };
      done();
    });
    watchCrowds(app, crowds);
    app.get("/agent", { config: { access: "public" } }, () => "yes");
    const port = Number(new URL(await app.listen({ host: "127.0.0.1", port: 0 })).port);
    const open = async (): Promise<Socket> => {
      const socket = connect(port, "127.0.0.1");
      onTestFinished(() => {
        socket.destroy();
      });
      socket.on("error", () => undefined);
      await once(socket, "connect");
      return socket;
    };
    const agent = await open();
    const second = await open();
    await once(second, "close");
    expect(crowds.refused).toBe(1);
    agent.write("GET /agent HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(agent, "data");
    const third = await open();
    third.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const [answer] = (await once(third, "data")) as [Buffer];
    expect(String(answer)).toContain("404");
  });
});
