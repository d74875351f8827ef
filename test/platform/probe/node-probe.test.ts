import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { CancelledError, MissingPartError, ReplyTimeoutError } from "../../../src/core/errors.ts";
import { createNetworkProbe } from "../../../src/platform/probe/node-probe.ts";
import { NetworkError } from "../../../src/platform/web/port.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { scriptedRunner } from "../../support/scripted-runner.ts";

const servers: Server[] = [];
const connections = new Set<Socket>();
afterEach(() => {
  for (const connection of connections) connection.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.on("connection", (socket: Socket) => {
    connections.add(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

const LIMITS = { timeoutMs: 15_000, signal: new AbortController().signal };

/** The kernel gives no ICMP socket. */
const refuse = () => Promise.resolve(() => -1);

function probeWith(
  ping?: (args: readonly string[]) => { exitCode: number; stdout: string; stderr: string },
) {
  const process = scriptedRunner(ping === undefined ? {} : { ping });
  return {
    process,
    probe: createNetworkProbe({ clock: systemClock, process, loadSocketCall: refuse }),
  };
}

describe("TCP probe", () => {
  it("measures the time until the connection stands", async () => {
    const port = await listening(createTcpServer());
    const { probe } = probeWith();
    const elapsed = await probe.connect("127.0.0.1", port, LIMITS);
    expect(elapsed).toBeGreaterThan(0);
    expect(elapsed).toBeLessThan(LIMITS.timeoutMs);
  });

  it("fails when nobody listens", async () => {
    const port = await listening(createTcpServer());
    for (const server of servers.splice(0)) server.close();
    await expect(probeWith().probe.connect("127.0.0.1", port, LIMITS)).rejects.toThrow(
      NetworkError,
    );
  });
});

describe("HTTP probe", () => {
  it("measures until the head, and through the body when that is wanted", async () => {
    const port = await listening(
      createServer((_request, response) => {
        response.writeHead(404);
        response.write("x");
        setTimeout(() => {
          response.end("y");
        }, 40);
      }),
    );
    const { probe } = probeWith();
    const target = { url: `http://127.0.0.1:${port}/`, address: "127.0.0.1" };
    const head = await probe.get(target, LIMITS);
    const body = await probe.get({ ...target, readsBody: true }, LIMITS);
    expect(head).toMatchObject({ status: 404, certificate: undefined });
    expect(body.elapsedMs).toBeGreaterThanOrEqual(35);
  });

  it("goes to the address that was found, with the name of the target", async () => {
    let host: string | undefined;
    const port = await listening(
      createServer((request, response) => {
        host = request.headers.host;
        response.end();
      }),
    );
    const url = `http://name.invalid:${port}/`;
    const { status } = await probeWith().probe.get({ url, address: "127.0.0.1" }, LIMITS);
    expect([status, host]).toEqual([200, `name.invalid:${port}`]);
  });

  it("ends in time and when it is told to", async () => {
    const port = await listening(createTcpServer(() => undefined));
    const target = { url: `http://127.0.0.1:${port}/`, address: "127.0.0.1" };
    const { probe } = probeWith();
    await expect(probe.get(target, { ...LIMITS, timeoutMs: 20 })).rejects.toThrow(
      ReplyTimeoutError,
    );
    const stopping = new AbortController();
    const running = probe.get(target, { ...LIMITS, signal: stopping.signal });
    stopping.abort();
    await expect(running).rejects.toThrow(CancelledError);
  });
});

describe("ICMP probe", () => {
  it("asks the program where the kernel gives no socket", async () => {
    const { probe, process } = probeWith(() => ({
      exitCode: 0,
      stdout: "64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=0.417 ms\n",
      stderr: "",
    }));
    expect(await probe.echo("192.0.2.1", LIMITS)).toBe(0.417);
    expect(process.runs[0]?.args).toEqual(["-n", "-c", "1", "-W", "15", "192.0.2.1"]);
  });

  it("tells silence from other failures of the program", async () => {
    const lost = probeWith(() => ({ exitCode: 1, stdout: "0 received", stderr: "" }));
    await expect(lost.probe.echo("192.0.2.1", LIMITS)).rejects.toThrow(ReplyTimeoutError);
    const broken = probeWith(() => ({
      exitCode: 2,
      stdout: "",
      stderr: "ping: connect: Network is unreachable\n",
    }));
    await expect(broken.probe.echo("192.0.2.1", LIMITS)).rejects.toThrow(/unreachable/);
  });

  it("says what to do where there is neither", async () => {
    const failed = probeWith().probe.echo("127.0.0.1", LIMITS);
    await expect(failed).rejects.toThrow(MissingPartError);
    await expect(failed).rejects.toThrow(/ping_group_range/);
  });
});

describe("name resolution", () => {
  it("leaves addresses alone and fails in words for names that do not exist", async () => {
    const { probe } = probeWith();
    expect(await probe.resolve("192.0.2.9", LIMITS)).toBe("192.0.2.9");
    expect(await probe.resolve("::1", LIMITS)).toBe("::1");
    expect(await probe.resolve("localhost", LIMITS)).toMatch(/^(?:127\.0\.0\.1|::1)$/);
    await expect(probe.resolve("name.invalid", LIMITS)).rejects.toThrow(/is not known/);
  });

  it("does not wait for ever for a name server", async () => {
    const clock = fakeClock();
    const probe = createNetworkProbe({ clock, process: scriptedRunner(), loadSocketCall: refuse });
    const stopping = new AbortController();
    const running = probe.resolve("localhost", { timeoutMs: 1000, signal: stopping.signal });
    stopping.abort();
    await expect(running).rejects.toThrow(CancelledError);
    expect(clock.pending).toBe(0);
  });
});
