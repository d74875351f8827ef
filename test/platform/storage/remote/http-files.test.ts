import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../../../src/core/clock.ts";
import type { FoundAddress } from "../../../../src/platform/storage/remote/checked-lookup.ts";
import { createHttpFiles } from "../../../../src/platform/storage/remote/http-files.ts";
import type { RemoteOptions } from "../../../../src/platform/storage/remote/port.ts";
import { fakeClock } from "../../../support/fake-clock.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(handler: Handler): Promise<{ url: string; port: number; calls: string[] }> {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    calls.push(request.url ?? "");
    handler(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, port, calls };
}

function options(change: Partial<RemoteOptions> = {}): RemoteOptions {
  const { signal } = new AbortController();
  const limits = { allowPrivate: true, insecure: false, timeoutMs: 15_000, maxRedirects: 3 };
  return { ...limits, signal, ...change };
}

const files = createHttpFiles({ clock: systemClock });

async function gathered(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

const sendFile: Handler = (_request, response) => {
  response.setHeader("Content-Length", 5).end("image");
};

describe("files of web servers", () => {
  it("come with name and size, then byte by byte", async () => {
    const { url } = await serve(sendFile);
    const file = await files.open(`${url}/folder/a%20b.iso`, options());
    expect([file.name, file.sizeBytes]).toEqual(["a b.iso", 5]);
    expect(await gathered(file.chunks())).toBe("image");
  });

  it("are asked for without compression", async () => {
    let encoding: unknown;
    const { url } = await serve((request, response) => {
      encoding = request.headers["accept-encoding"];
      sendFile(request, response);
    });
    (await files.open(url, options())).close();
    expect(encoding).toBe("identity");
  });

  it("are refused at addresses of this machine and of local networks", async () => {
    const { url, port, calls } = await serve(sendFile);
    const guarded = options({ allowPrivate: false });
    for (const address of [
      url,
      `http://localhost:${port}/`,
      `http://[::1]:${port}/`,
      `http://0x7f.1:${port}/`,
      `http://2130706433:${port}/`,
      `http://[::ffff:127.0.0.1]:${port}/`,
      "http://169.254.169.254/latest/meta-data",
    ]) {
      await expect(files.open(address, guarded)).rejects.toMatchObject({ code: "REMOTE_ADDRESS" });
    }
    expect(calls).toEqual([]);
  });

  it("are refused at a public name that leads inside", async () => {
    const inside: readonly FoundAddress[] = [{ address: "10.0.0.7", family: 4 }];
    const guarded = createHttpFiles({
      clock: systemClock,
      policy: { find: () => Promise.resolve(inside) },
    });
    await expect(
      guarded.open("http://images.example/x.iso", options({ allowPrivate: false })),
    ).rejects.toMatchObject({ code: "REMOTE_ADDRESS" });
  });

  it("are fetched from the address that was checked: the name is asked for once", async () => {
    const { port } = await serve(sendFile);
    const asked: string[] = [];
    const found = createHttpFiles({
      clock: systemClock,
      policy: {
        find: (host) => {
          asked.push(host);
          return Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
        },
      },
    });
    const file = await found.open(`http://images.invalid:${port}/x.iso`, options());
    expect(await gathered(file.chunks())).toBe("image");
    expect(asked).toEqual(["images.invalid"]);
  });

  it("are followed through redirects, each of which is checked", async () => {
    const { url } = await serve((request, response) => {
      if (request.url === "/real.iso") sendFile(request, response);
      else response.writeHead(302, { Location: "/real.iso" }).end();
    });
    expect((await files.open(`${url}/start`, options())).name).toBe("real.iso");

    const { port, calls } = await serve((_request, response) => {
      response.writeHead(302, { Location: "http://inside.example/x.iso" }).end();
    });
    // Only 127.0.0.1 is "public" here, where the first server is.
    const guarded = createHttpFiles({
      clock: systemClock,
      policy: {
        isPublic: (address) => address === "127.0.0.1",
        find: (host) => {
          const address = host === "start.example" ? "127.0.0.1" : "127.0.0.2";
          return Promise.resolve([{ address, family: 4 }]);
        },
      },
    });
    await expect(
      guarded.open(`http://start.example:${port}/`, options({ allowPrivate: false })),
    ).rejects.toMatchObject({
      code: "REMOTE_ADDRESS",
      message: expect.stringContaining("inside.example"),
    });
    expect(calls).toEqual(["/"]);
  });

  it("are given up after too many redirects, or one to another kind of address", async () => {
    const loop = await serve((_request, response) => {
      response.writeHead(307, { Location: "/again" }).end();
    });
    await expect(files.open(loop.url, options())).rejects.toMatchObject({
      code: "REMOTE_RESPONSE",
    });
    expect(loop.calls).toHaveLength(4);
    const other = await serve((_request, response) => {
      response.writeHead(302, { Location: "file:///etc/passwd" }).end();
    });
    await expect(files.open(other.url, options())).rejects.toMatchObject({
      code: "REMOTE_RESPONSE",
    });
  });

  it("must be there and announce their size", async () => {
    const missing = await serve((_request, response) => {
      response.writeHead(404).end();
    });
    await expect(files.open(missing.url, options())).rejects.toMatchObject({
      code: "REMOTE_RESPONSE",
      message: expect.stringContaining("404"),
    });
    const chunked = await serve((_request, response) => {
      response.write("some");
      response.end("thing");
    });
    await expect(files.open(chunked.url, options())).rejects.toMatchObject({
      code: "REMOTE_FILE",
      message: "No Content-Length found",
    });
  });

  it("say so when nobody listens or answers", async () => {
    await expect(files.open("http://127.0.0.1:1/x", options())).rejects.toMatchObject({
      code: "REMOTE_CONNECT",
    });
    const silent = await serve(() => undefined);
    await expect(files.open(silent.url, options({ timeoutMs: 50 }))).rejects.toMatchObject({
      code: "REMOTE_CONNECT",
      message: expect.stringContaining("50 ms"),
    });
  });

  it("say so when they break off or fall silent", async () => {
    const broken = await serve((_request, response) => {
      response.setHeader("Content-Length", 100).write("begin");
      setImmediate(() => {
        response.destroy();
      });
    });
    const first = await files.open(broken.url, options());
    await expect(gathered(first.chunks())).rejects.toMatchObject({ code: "REMOTE_FILE" });
    const silent = await serve((_request, response) => {
      response.setHeader("Content-Length", 100).write("begin");
    });
    const clock = fakeClock();
    const second = await createHttpFiles({ clock }).open(silent.url, options());
    const outcome = gathered(second.chunks()).catch((error: unknown) => error);
    await clock.advance(15_000);
    expect(await outcome).toMatchObject({
      code: "REMOTE_FILE",
      message: expect.stringContaining("silent"),
    });
  });

  it("are given up when the caller goes away", async () => {
    const silent = await serve(() => undefined);
    const controller = new AbortController();
    const opening = files.open(silent.url, options({ signal: controller.signal }));
    controller.abort();
    await expect(opening).rejects.toMatchObject({ kind: "cancelled" });
  });
});
