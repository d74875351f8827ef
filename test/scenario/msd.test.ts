// Mass storage from the API to the disk that the computer sees.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { until } from "../../src/core/store.ts";
import { createTestApp, OWNER_HEADERS } from "../support/create-test-app.ts";
import type { TestApp, TestAppOptions } from "../support/create-test-app.ts";
import { tempDir } from "../support/temp-dir.ts";

interface WireMsd {
  readonly online: boolean;
  readonly busy: boolean;
  readonly storage: {
    readonly images: Readonly<Record<string, { size: number; complete: boolean }>>;
    readonly parts: Readonly<Record<string, { free: number }>>;
    readonly size: number;
    readonly free: number;
    readonly uploading: { written: number } | null;
  };
  readonly drive: {
    readonly image: { name: string } | null;
    readonly connected: boolean;
    readonly cdrom: boolean;
    readonly rw: boolean;
  };
}

interface Rig {
  readonly test: TestApp;
  readonly folder: string;
  post(path: string, body?: Uint8Array): Promise<{ status: number; result: Wire }>;
  msd(): Promise<WireMsd>;
}

type Wire = Readonly<Record<string, unknown>>;

async function rig(options: TestAppOptions = {}): Promise<Rig> {
  const folder = join(tempDir(), "images");
  mkdirSync(folder);
  const test = await createTestApp({
    ...options,
    config: { device: { msd: { path: folder, ...options.config } } },
  });
  await until(test.device.msd.state, ({ online }) => online);
  return {
    test,
    folder,
    async post(path, body) {
      const reply = await test.call("POST", path, {
        headers: OWNER_HEADERS,
        ...(body === undefined ? {} : { body }),
      });
      const { result }: { result: Wire } = JSON.parse(reply.body);
      return { status: reply.status, result };
    },
    msd: () => test.get<WireMsd>("/api/msd"),
  };
}

function bytesOf(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 7 + (index >> 8)) & 0xff;
  return bytes;
}

const sha = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Sends only the beginning of what it announces, then hangs up; resolves when the device has noticed. */
async function cutUpload({ url, device }: TestApp, path: string): Promise<void> {
  const outgoing = request(`${url}${path}`, {
    method: "POST",
    headers: { ...OWNER_HEADERS, "Content-Length": 3_000_000 },
  });
  outgoing.on("error", () => undefined);
  outgoing.write(bytesOf(700_000));
  await until(device.msd.state, ({ storage }) => (storage?.uploading ?? null) !== null);
  outgoing.destroy();
  await until(device.msd.state, ({ busy }) => !busy);
}

describe("mass storage", () => {
  it("shows the computer the very bytes that were uploaded, until they are ejected", async () => {
    const { test, post, msd, folder } = await rig();
    const image = bytesOf(2 * 1024 * 1024 + 77);
    const written = await post("/api/msd/write?image=boot.iso&prefix=linux", image);
    expect(written.result).toEqual({
      image: { name: "linux/boot.iso", size: image.length, written: image.length },
    });
    expect(sha(readFileSync(join(folder, "linux/boot.iso")))).toBe(sha(image));
    expect((await msd()).storage.images["linux/boot.iso"]).toMatchObject({ complete: true });

    expect((await post("/api/msd/set_params?image=linux/boot.iso&cdrom=1")).status).toBe(200);
    expect(test.platform.target.state.value.disk).toBeNull();
    expect((await post("/api/msd/set_connected?connected=1")).status).toBe(200);
    expect(test.platform.target.state.value.disk).toMatchObject({
      name: "boot.iso",
      sizeBytes: image.length,
      cdrom: true,
      writable: false,
    });
    const seen = await test.platform.gadget.readDisk(1_000_000, 4096);
    expect(sha(seen)).toBe(sha(image.subarray(1_000_000, 1_004_096)));
    expect((await msd()).drive).toMatchObject({ connected: true, cdrom: true, rw: false });

    expect((await post("/api/msd/set_connected?connected=0")).status).toBe(200);
    expect(test.platform.target.state.value.disk).toBeNull();
    expect((await msd()).drive).toMatchObject({
      connected: false,
      image: { name: "linux/boot.iso" },
    });
  });

  it("lets the computer write to a flash disk, and never to a disc", async () => {
    const { test, post, msd, folder } = await rig();
    writeFileSync(join(folder, "flash.img"), Buffer.alloc(1024 * 1024));
    await post("/api/msd/set_params?image=flash.img&cdrom=0&rw=1");
    await post("/api/msd/set_connected?connected=1");
    await test.platform.gadget.writeDisk(512, Buffer.from("hello"));
    await post("/api/msd/set_connected?connected=0");
    expect(readFileSync(join(folder, "flash.img")).subarray(512, 517).toString()).toBe("hello");

    await post("/api/msd/set_params?cdrom=1&rw=1");
    expect((await msd()).drive).toMatchObject({ cdrom: true, rw: false });
  });

  it("refuses what the drive's state does not permit, in PiKVM's words", async () => {
    const { test, post, folder } = await rig();
    writeFileSync(join(folder, "a.iso"), bytesOf(1024 * 1024));
    const failure = async (path: string): Promise<unknown> => (await post(path)).result["error"];
    expect(await failure("/api/msd/set_connected?connected=1")).toBe("MsdImageNotSelected");
    expect(await failure("/api/msd/set_connected?connected=0")).toBe("MsdDisconnectedError");
    await post("/api/msd/set_params?image=a.iso");
    await post("/api/msd/set_connected?connected=1");
    for (const path of [
      "/api/msd/set_connected?connected=1",
      "/api/msd/set_params?cdrom=0",
      "/api/msd/remove?image=a.iso",
    ]) {
      expect(await failure(path)).toBe("MsdConnectedError");
    }
    test.platform.gadget.faults.locked = true;
    expect(await failure("/api/msd/set_connected?connected=0")).toBe("MsdLockedError");
    test.platform.gadget.faults.locked = false;
    expect((await post("/api/msd/reset")).status).toBe(200);
    expect(test.platform.target.state.value.disk).toBeNull();
  });

  it("notices that the computer has ejected the medium by itself, and that the cable is out", async () => {
    const { test, post, msd, folder } = await rig();
    writeFileSync(join(folder, "a.iso"), bytesOf(1024 * 1024));
    await post("/api/msd/set_params?image=a.iso");
    await post("/api/msd/set_connected?connected=1");
    test.platform.gadget.unplug();
    expect(test.platform.target.state.value.disk).toBeNull();
    expect((await msd()).drive.connected).toBe(true);
    test.platform.gadget.replug();
    expect(test.platform.target.state.value.disk).toMatchObject({ sizeBytes: 1024 * 1024 });
    test.platform.gadget.ejectByComputer();
    expect((await msd()).drive).toMatchObject({ connected: false, image: { name: "a.iso" } });
  });

  it("marks a cut upload as incomplete, refuses to connect it, and lets it be removed", async () => {
    const { test, post, msd, folder } = await rig();
    await cutUpload(test, "/api/msd/write?image=cut.iso");
    expect((await msd()).storage.images["cut.iso"]).toMatchObject({ complete: false });
    expect(existsSync(join(folder, ".__cut.iso.incomplete"))).toBe(true);
    await post("/api/msd/set_params?image=cut.iso&cdrom=0");
    const refused = await post("/api/msd/set_connected?connected=1");
    expect(refused.result["error"]).toBe("MsdImageIncompleteError");
    expect((await post("/api/msd/remove?image=cut.iso")).status).toBe(200);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("leaves nothing of a cut upload when asked to", async () => {
    const { test, folder, msd } = await rig();
    await cutUpload(test, "/api/msd/write?image=cut.iso&remove_incomplete=1");
    expect(readdirSync(folder)).toEqual([]);
    expect((await msd()).storage.images).toEqual({});
  });

  it("cuts off a sender that falls silent, so that others may upload", async () => {
    const { test, msd } = await rig({ config: { idleSeconds: 1 } });
    const outgoing = request(`${test.url}/api/msd/write?image=slow.iso`, {
      method: "POST",
      headers: { ...OWNER_HEADERS, "Content-Length": 1000 },
    });
    const closed = new Promise<void>((resolve) => {
      outgoing.once("close", () => {
        resolve();
      });
    });
    outgoing.on("error", () => undefined);
    outgoing.write("begin");
    await until(test.device.msd.state, ({ busy }) => busy);
    await closed;
    await until(test.device.msd.state, ({ busy }) => !busy);
    expect((await msd()).storage.images).toMatchObject({ "slow.iso": { complete: false } });
  });

  it("lets one client at a time upload, and tells the others to come later", async () => {
    const { test, post } = await rig();
    const outgoing = request(`${test.url}/api/msd/write?image=first.iso`, {
      method: "POST",
      headers: { ...OWNER_HEADERS, "Content-Length": 10 },
    });
    const answered = new Promise<number | undefined>((resolve) => {
      outgoing.once("response", (response) => {
        response.resume();
        resolve(response.statusCode);
      });
    });
    outgoing.write("12345");
    await until(test.device.msd.state, ({ storage }) => storage?.uploading !== null);
    const second = await post("/api/msd/write?image=second.iso", bytesOf(10));
    expect([second.status, second.result["error"]]).toEqual([409, "MsdIsBusyError"]);
    outgoing.end("67890");
    expect(await answered).toBe(200);
  });

  it("demands the length of an upload before the first byte", async () => {
    const { test } = await rig();
    const reply = await new Promise<string>((resolve, reject) => {
      const outgoing = request(
        `${test.url}/api/msd/write?image=x.iso`,
        { method: "POST", headers: { ...OWNER_HEADERS, "Transfer-Encoding": "chunked" } },
        (response) => {
          response.setEncoding("utf8");
          response.once("data", resolve);
        },
      );
      outgoing.once("error", reject);
      outgoing.end("some bytes");
    });
    expect(reply).toContain("None argument is not a valid int");
  });

  it("tells WebSocket clients only what changed", async () => {
    const { test, post } = await rig();
    const ws = await test.ws();
    const full = await ws.waitFor("msd");
    expect(Object.keys(full.event).sort()).toEqual([
      "busy",
      "drive",
      "enabled",
      "online",
      "storage",
    ]);
    await post("/api/msd/write?image=a.img", bytesOf(100));
    const images = await ws.waitFor("msd", (event) =>
      JSON.stringify(event).startsWith('{"storage":{"images":{"a.img":{"complete":true'),
    );
    expect(images.event).not.toHaveProperty("drive");
    await post("/api/msd/set_params?image=a.img");
    const drive = await ws.waitFor("msd", (event) => Object.keys(event).join(",") === "drive");
    expect(drive.event["drive"]).toMatchObject({ image: { name: "a.img", in_storage: true } });
    await ws.close();
  });
});
