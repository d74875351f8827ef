import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { DatagramError } from "../../../src/platform/net/port.ts";
import { createUdpSender } from "../../../src/platform/net/udp.ts";

async function listen(type: "udp4" | "udp6", host: string) {
  const socket = createSocket(type);
  socket.bind(0, host);
  await once(socket, "listening");
  return { socket, port: socket.address().port, next: once(socket, "message") };
}

describe("createUdpSender", () => {
  it("sends one datagram with exactly these bytes", async () => {
    const { socket, port, next } = await listen("udp4", "127.0.0.1");
    const payload = Uint8Array.from({ length: 102 }, (_, index) => index);
    await createUdpSender().send(payload, { host: "127.0.0.1", port });
    const [bytes] = (await next) as [Buffer];
    socket.close();
    expect([...bytes]).toEqual([...payload]);
  });

  it("may send to a broadcast address", async () => {
    const { socket, port, next } = await listen("udp4", "127.255.255.255");
    await createUdpSender().send(Uint8Array.of(7), { host: "127.255.255.255", port });
    const [bytes] = (await next) as [Buffer];
    socket.close();
    expect([...bytes]).toEqual([7]);
  });

  it("reports a target that cannot be reached as a datagram error", async () => {
    const sent = createUdpSender().send(Uint8Array.of(1), { host: "256.1.1.1.invalid", port: 9 });
    await expect(sent).rejects.toBeInstanceOf(DatagramError);
    const badPort = createUdpSender().send(Uint8Array.of(1), { host: "127.0.0.1", port: 70_000 });
    await expect(badPort).rejects.toThrow(/127\.0\.0\.1:70000/);
  });
});
