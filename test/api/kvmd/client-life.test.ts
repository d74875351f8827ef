// Clients that hang up at the worst moment: while their file is looked for, or while their answer waits for its turn.
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { until } from "../../../src/core/store.ts";
import { createTestApp, OWNER, OWNER_HEADERS } from "../../support/create-test-app.ts";
import type { TestApp } from "../../support/create-test-app.ts";
import { tempDir } from "../../support/temp-dir.ts";

const LOGIN = `X-KVMD-User: ${OWNER.user}\r\nX-KVMD-Passwd: ${OWNER.password}\r\n`;
const asking = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: kvm\r\n${LOGIN}\r\n`;

async function withImage(): Promise<TestApp> {
  const folder = join(tempDir(), "images");
  mkdirSync(folder);
  writeFileSync(join(folder, "a.img"), Buffer.alloc(8 * 1024 * 1024));
  const test = await createTestApp({ config: { device: { msd: { path: folder } } } });
  await until(test.device.msd.state, ({ online }) => online);
  return test;
}

function send({ url }: TestApp, text: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => undefined);
    socket.write(text, () => {
      resolve(socket);
    });
  });
}

const gone = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once("close", () => {
      resolve();
    });
    socket.resetAndDestroy();
  });

describe("a client that hangs up before its answer begins", () => {
  it("leaves no download behind", async () => {
    const test = await withImage();
    const { msd } = test.device;
    const connections: Socket[] = [];
    test.app.server.server.on("connection", (socket: Socket) => {
      connections.push(socket);
    });
    // In the moment in which the image is looked for.
    const stop = msd.state.subscribe(({ busy }) => {
      if (busy) for (const socket of connections) socket.destroy();
    });
    const started = until(msd.state, ({ busy }) => busy);
    await send(test, asking("/api/msd/read?image=a.img"));
    await started;
    stop();
    await until(msd.state, ({ busy }) => !busy);
    expect((await test.call("POST", "/api/msd/remove?image=a.img")).status).toBe(200);
  });

  it("leaves no download behind when its answer was waiting for another on the same connection", async () => {
    const test = await withImage();
    await test.ws("/api/ws?stream=1");
    await until(test.device.streamer.state, ({ streamer }) => streamer !== null);
    const { msd } = test.device;
    const started = until(msd.state, ({ busy }) => busy);
    const path = "/api/msd/read?image=a.img";
    const socket = await send(test, asking("/streamer/stream") + asking(path));
    await started;
    await gone(socket);
    const { storage } = await until(msd.state, ({ busy }) => !busy);
    expect(storage?.downloading).toBeNull();
  });
});

describe("a client that has read a download to its end", () => {
  it("may ask for the next operation at once", async () => {
    const test = await withImage();
    const path = "/api/msd/read?image=a.img";
    for (let round = 0; round < 5; round += 1) {
      expect((await test.call("GET", path, { headers: OWNER_HEADERS })).status).toBe(200);
      expect((await test.call("POST", "/api/msd/set_params?image=a.img")).status).toBe(200);
    }
  });
});
