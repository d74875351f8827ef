import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeRoomBeside } from "../../src/http/room.ts";

describe("room beside a connection", () => {
  it("lets one more in for as long as the connection lasts", async () => {
    const accepted: Socket[] = [];
    const server = createServer((socket) => {
      accepted.push(socket);
    });
    server.maxConnections = 1;
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      for (const socket of accepted) socket.destroy();
      server.close();
    });
    const address = server.address() as AddressInfo;
    const join = async (): Promise<string> => {
      const socket = connect(address.port, "127.0.0.1");
      socket.on("error", () => undefined);
      return Promise.race([
        once(server, "drop").then(() => "dropped"),
        once(server, "connection").then(() => "accepted"),
      ]);
    };
    expect(await join()).toBe("accepted");
    expect(await join()).toBe("dropped");
    const [first] = accepted;
    if (first === undefined) throw new Error("Nobody was accepted");
    makeRoomBeside(server, first);
    expect(await join()).toBe("accepted");
    expect(await join()).toBe("dropped");
    first.destroy();
    await once(first, "close");
    expect(server.maxConnections).toBe(1);
    expect(await join()).toBe("dropped");
  });

  it("is not made beside one that is gone", () => {
    const server = createServer();
    server.maxConnections = 5;
    const gone = connect(1, "127.0.0.1");
    gone.on("error", () => undefined);
    gone.destroy();
    makeRoomBeside(server, gone);
    expect(server.maxConnections).toBe(5);
  });
});
