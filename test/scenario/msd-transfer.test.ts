// Images from web servers, and images out again.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, get, request } from "node:http";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { until } from "../../src/core/store.ts";
import { createTestApp, OWNER_HEADERS } from "../support/create-test-app.ts";
import type { TestApp } from "../support/create-test-app.ts";
import { tempDir } from "../support/temp-dir.ts";

interface Rig {
  readonly test: TestApp;
  readonly folder: string;
  /** Each line of an answer as JSON. */
  records(path: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** The answer as bytes. */
  fetch(path: string): Promise<{ headers: Readonly<Record<string, unknown>>; body: Buffer }>;
}

async function rig(
  remote: Readonly<Record<string, unknown>> = { allowPrivate: true },
): Promise<Rig> {
  const folder = join(tempDir(), "images");
  mkdirSync(folder);
  const test = await createTestApp({ config: { device: { msd: { path: folder, remote } } } });
  await until(test.device.msd.state, ({ online }) => online);
  return {
    test,
    folder,
    async records(path) {
      const { body } = await test.call("POST", path);
      return body
        .trim()
        .split("\r\n")
        .map((line) => {
          const record: Readonly<Record<string, unknown>> = JSON.parse(line);
          return record;
        });
    },
    fetch: (path) =>
      new Promise((resolve, reject) => {
        const options = { headers: OWNER_HEADERS, agent: false };
        get(`${test.url}${path}`, options, (response) => {
          const parts: Buffer[] = [];
          response.on("data", (part: Buffer) => {
            parts.push(part);
          });
          response.once("error", reject);
          response.once("end", () => {
            resolve({ headers: response.headers, body: Buffer.concat(parts) });
          });
        }).once("error", reject);
      }),
  };
}

/** Sends a request and takes no byte of its answer's body; resolves, with a way to hang up, when the head is there. */
function begin({ url }: TestApp, method: string, path: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}${path}`, { method, headers: OWNER_HEADERS, agent: false });
    outgoing.once("error", reject);
    outgoing.once("response", (response) => {
      response.on("error", () => undefined);
      resolve(() => {
        outgoing.destroy();
      });
    });
    outgoing.end();
  });
}

async function webServer(handler: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => {
    handler(response);
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
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

const remotePath = (url: string, more = ""): string =>
  `/api/msd/write_remote?url=${encodeURIComponent(url)}${more}`;

describe("an upload from an address", () => {
  it("tells its progress record by record and stores the file under the server's name", async () => {
    const { records, folder } = await rig();
    const content = Buffer.alloc(3_000_000, "image");
    const url = await webServer((response) => {
      response.setHeader("Content-Disposition", 'attachment; filename="disc 1.iso"');
      response.setHeader("Content-Length", content.length).end(content);
    });
    const lines = await records(remotePath(`${url}/x`, "&prefix=linux"));
    const name = "linux/disc 1.iso";
    const image = (written: unknown) => ({
      ok: true,
      result: { image: { name, size: content.length, written } },
    });
    expect(lines[0]).toEqual(image(0));
    expect(lines[1]).toEqual(image(expect.any(Number)));
    expect(lines.at(-1)).toEqual(image(content.length));
    expect(readFileSync(join(folder, name)).equals(content)).toBe(true);
  });

  it("ends with an error record when the server hangs up, and leaves nothing when asked to", async () => {
    const { records, folder, test } = await rig();
    const url = await webServer((response) => {
      response.setHeader("Content-Length", 1_000_000).write(Buffer.alloc(100_000));
      setImmediate(() => {
        response.destroy();
      });
    });
    const lines = await records(remotePath(url, "&image=a.iso&remove_incomplete=1"));
    expect(lines.at(-1)).toMatchObject({ ok: false, result: { error: "ClientError" } });
    expect(lines.at(-2)).toMatchObject({ ok: true, result: { image: { name: "a.iso" } } });
    await until(test.device.msd.state, ({ busy }) => !busy);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("answers what goes wrong before the first byte as an ordinary error", async () => {
    const { test, folder } = await rig();
    writeFileSync(join(folder, "here.iso"), "x");
    const missing = await webServer((response) => {
      response.writeHead(404).end();
    });
    const endless = await webServer((response) => {
      response.write("some");
      response.end("thing");
    });
    const fine = await webServer((response) => {
      response.setHeader("Content-Length", 1).end("x");
    });
    const huge = await webServer((response) => {
      response.setHeader("Content-Length", 2 ** 52).write("x");
    });
    const failure = async (path: string): Promise<readonly unknown[]> => {
      const { status, body } = await test.call("POST", path);
      const { result }: { result: { error: string } } = JSON.parse(body);
      return [status, result.error];
    };
    expect(await failure(remotePath("http://127.0.0.1:1/"))).toEqual([400, "ClientConnectorError"]);
    expect(await failure(remotePath(missing))).toEqual([400, "ClientResponseError"]);
    expect(await failure(remotePath(endless))).toEqual([400, "ClientError"]);
    expect(await failure(remotePath(fine, "&image=here.iso"))).toEqual([
      400,
      "MsdImageExistsError",
    ]);
    // The server names no file and the request does not either.
    expect(await failure(remotePath(fine))).toEqual([400, "ValidatorError"]);
    expect(await failure(remotePath(huge, "&image=huge.iso"))).toEqual([
      400,
      "MsdImageTooLargeError",
    ]);
    expect(test.device.msd.state.value.busy).toBe(false);
  });

  it("calls nobody in local networks unless that is permitted, and nobody when switched off", async () => {
    let calls = 0;
    const url = await webServer((response) => {
      calls += 1;
      response.end();
    });
    const guarded = await rig({});
    const refused = await guarded.records(remotePath(`${url}/x.iso`));
    expect(refused).toMatchObject([{ ok: false, result: { error: "RemoteAddressError" } }]);
    const off = await rig({ enabled: false, allowPrivate: true });
    expect(await off.records(remotePath(`${url}/x.iso`))).toMatchObject([
      { result: { error: "MsdRemoteDisabledError" } },
    ]);
    expect(calls).toBe(0);
  });

  it("ends when its client goes away", async () => {
    const { test } = await rig();
    const url = await webServer((response) => {
      response.setHeader("Content-Length", 1_000_000).write(Buffer.alloc(100_000));
    });
    const hangUp = await begin(test, "POST", remotePath(url, "&image=a.iso"));
    await until(test.device.msd.state, ({ storage }) => (storage?.uploading ?? null) !== null);
    hangUp();
    await until(test.device.msd.state, ({ busy }) => !busy);
    expect(test.device.msd.state.value.storage?.images["a.iso"]).toMatchObject({ complete: false });
  });
});

describe("a download", () => {
  const content = Buffer.alloc(2_500_000, "some image ");

  it("gives the file with its length, under its name", async () => {
    const { folder, fetch: take } = await rig();
    mkdirSync(join(folder, "sub"));
    writeFileSync(join(folder, "sub/ä 1.img"), content);
    const { headers, body } = await take("/api/msd/read?image=sub/%C3%A4%201.img");
    expect(headers).toMatchObject({
      "content-type": "application/octet-stream",
      "content-length": String(content.length),
      "content-disposition": "attachment; filename*=UTF-8''%C3%A4%201.img",
    });
    expect(body.equals(content)).toBe(true);
  });

  it.each([
    ["zstd", ".zst", ["zstd", "-dqc"]],
    ["lzma", ".xz", ["xz", "-dqc"]],
  ] as const)("compresses with %s", async (mode, suffix, [program, flags]) => {
    const { folder, fetch: take } = await rig();
    writeFileSync(join(folder, "a.img"), content);
    const { headers, body } = await take(`/api/msd/read?image=a.img&compress=${mode}`);
    expect(headers["content-disposition"]).toBe(`attachment; filename*=UTF-8''a.img${suffix}`);
    expect(headers["content-length"]).toBeUndefined();
    expect(body.length).toBeLessThan(content.length / 10);
    const plain = execFileSync(program, [flags], { input: body, maxBuffer: 2 ** 25 });
    expect(plain.equals(content)).toBe(true);
  });

  it("excludes other operations until its client has it all, or hangs up", async () => {
    const { test, folder } = await rig();
    writeFileSync(join(folder, "big.img"), Buffer.alloc(64 * 1024 * 1024));
    const hangUp = await begin(test, "GET", "/api/msd/read?image=big.img");
    const { downloading } = test.device.msd.state.value.storage ?? {};
    expect(downloading).toMatchObject({ name: "big.img", sizeBytes: 64 * 1024 * 1024 });
    const other = await test.call("POST", "/api/msd/remove?image=big.img");
    expect(other.status).toBe(409);
    hangUp();
    await until(
      test.device.msd.state,
      ({ busy, storage }) => !busy && storage?.downloading === null,
    );
    expect((await test.call("POST", "/api/msd/remove?image=big.img")).status).toBe(200);
  });
});
