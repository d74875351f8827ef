import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { until } from "../../../src/core/store.ts";
import { addAccount } from "../../support/app-accounts.ts";
import { createTestApp } from "../../support/create-test-app.ts";
import type { TestApp } from "../../support/create-test-app.ts";
import type { HttpReply } from "../../support/http-request.ts";
import { tempDir } from "../../support/temp-dir.ts";

const MSD = "/redfish/v1/Managers/BMC/VirtualMedia/MSD";
const RESET = "/redfish/v1/Systems/0/Actions/ComputerSystem.Reset";

function post(test: TestApp, path: string, body: unknown = {}): Promise<HttpReply> {
  return test.call("POST", path, { body: JSON.stringify(body) });
}

async function read(test: TestApp, path: string): Promise<Record<string, unknown>> {
  const { status, body } = await test.call("GET", path);
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${body}`);
  const document: Record<string, unknown> = JSON.parse(body);
  return document;
}

async function withImages(): Promise<TestApp> {
  const dataDir = tempDir();
  mkdirSync(join(dataDir, "images"));
  for (const name of ["boot.ISO", "stick.img"]) {
    writeFileSync(join(dataDir, "images", name), new Uint8Array(1024 * 1024));
  }
  const test = await createTestApp({ dataDir });
  await until(
    test.device.msd.state,
    ({ online, storage }) => online && Object.keys(storage?.images ?? {}).length === 2,
  );
  return test;
}

describe("the Redfish service", () => {
  it("answers the same below both of its paths, and the root to everybody", async () => {
    const test = await createTestApp();
    const paths = ["/redfish/v1", "/redfish/v1/", "/api/redfish/v1"];
    const roots = await Promise.all(paths.map((path) => test.call("GET", path, { headers: {} })));
    expect(roots.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(roots.map(({ body }) => body)).size).toBe(1);
    expect(await read(test, "/api/redfish/v1/Systems")).toEqual(
      await read(test, "/redfish/v1/Systems"),
    );
  });

  it("lets viewers read and operators act", async () => {
    const test = await createTestApp();
    const headers = await addAccount(test, "vera", "viewer");
    const asVera = (method: string, path: string) => test.call(method, path, { headers });
    const answers = await Promise.all([
      asVera("GET", "/redfish/v1/Systems/0"),
      asVera("GET", MSD),
      asVera("POST", RESET),
      asVera("PATCH", "/redfish/v1/Systems/0"),
      asVera("POST", `${MSD}/Actions/VirtualMedia.EjectMedia`),
      test.call("GET", "/redfish/v1/Systems", { headers: {} }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 403, 403, 403, 401]);
  });

  it("answers misses and failures as the API does", async () => {
    const test = await createTestApp();
    const wrongMethod = await test.call("DELETE", "/redfish/v1/Systems");
    const [nowhere, bogus] = await Promise.all([
      test.call("GET", "/redfish/v1/Chassis"),
      test.call("GET", "/redfish/v1/Systems/bogus"),
    ]);
    expect([wrongMethod.status, wrongMethod.headers["allow"], nowhere.status]).toEqual([
      405,
      "GET",
      404,
    ]);
    expect(JSON.parse(bogus.body)).toEqual({
      ok: false,
      result: { error: "HttpError", error_msg: "Missing or invalid Server ID" },
    });
  });

  it("takes the boot order action that it advertises", async () => {
    const test = await createTestApp();
    const { status, body } = await post(
      test,
      "/redfish/v1/Systems/0/Actions/ComputerSystem.SetDefaultBootOrder",
    );
    expect([status, body]).toEqual([204, ""]);
  });
});

describe("Redfish power", () => {
  it("switches the computer off and says so", async () => {
    const test = await createTestApp({
      // It is still pressed when the next one is asked for.
      config: { device: { atx: { clickSeconds: 10 } } },
      seed: { isOn: true },
    });
    await until(test.device.atx.state, ({ leds }) => leds.power);
    expect((await read(test, "/redfish/v1/Systems/0"))["PowerState"]).toBe("On");
    const { status } = await post(test, RESET, { ResetType: "PushPowerButton" });
    await until(test.device.atx.state, ({ acts }) => acts.power);
    const busy = await post(test, RESET, { ResetType: "PushPowerButton" });
    expect([status, busy.status]).toEqual([204, 409]);
  });

  it("does nothing, without complaint, where there are no buttons", async () => {
    const test = await createTestApp({ config: { device: { atx: { enabled: false } } } });
    const { status } = await post(test, RESET, { ResetType: "On" });
    const systems = await read(test, "/redfish/v1/Systems");
    expect([status, systems["Members@odata.count"]]).toEqual([204, 0]);
  });

  it("queues resets of switch ports that are not there", async () => {
    const test = await createTestApp();
    const path = "/redfish/v1/Systems/SwitchPort3/Actions/ComputerSystem.Reset";
    const { status } = await post(test, path, { ResetType: "On" });
    expect(status).toBe(204);
  });

  it.each([undefined, {}, { ResetType: "on" }, { ResetType: 1 }, []])(
    "refuses the body %j",
    async (body) => {
      const test = await createTestApp();
      const { status } = await test.call("POST", RESET, {
        body: body === undefined ? "no json" : JSON.stringify(body),
      });
      expect(status).toBe(400);
    },
  );
});

describe("Redfish virtual media", () => {
  it("shows an image that ends in .iso as a disc, and others as a disk", async () => {
    const test = await withImages();
    const insert = `${MSD}/Actions/VirtualMedia.InsertMedia`;
    const first = await post(test, insert, { Image: "boot.ISO" });
    const disc = await read(test, MSD);
    const second = await post(test, insert, { Image: "stick.img", WriteProtected: false });
    const disk = await read(test, MSD);
    expect([first.status, second.status]).toEqual([204, 204]);
    expect(disc).toMatchObject({
      Image: "boot.ISO",
      Inserted: true,
      WriteProtected: true,
      Oem: { PiKVM: { DriveOptical: true } },
    });
    expect(disk).toMatchObject({
      Image: "stick.img",
      WriteProtected: false,
      Oem: { PiKVM: { DriveOptical: false } },
    });
  });

  it("keeps what is in the drive when the next image does not exist", async () => {
    const test = await withImages();
    const insert = `${MSD}/Actions/VirtualMedia.InsertMedia`;
    await post(test, insert, { Image: "boot.ISO" });
    const missing = await post(test, insert, { Image: "nope.iso" });
    expect(JSON.parse(missing.body)).toMatchObject({ result: { error: "MsdUnknownImageError" } });
    expect(await read(test, MSD)).toMatchObject({ Image: "boot.ISO", Inserted: true });
  });

  it("ejects, and says when there is nothing to eject", async () => {
    const test = await withImages();
    const eject = `${MSD}/Actions/VirtualMedia.EjectMedia`;
    await post(test, `${MSD}/Actions/VirtualMedia.InsertMedia`, { Image: "boot.ISO" });
    const [first, second] = [await post(test, eject), await post(test, eject)];
    expect([first.status, second.status]).toEqual([204, 400]);
    expect(JSON.parse(second.body)).toMatchObject({ result: { error: "MsdDisconnectedError" } });
    expect(await read(test, MSD)).toMatchObject({ Image: null, Inserted: false });
  });

  it("refuses with its own error where there is no drive", async () => {
    const test = await createTestApp({ config: { device: { msd: { enabled: false } } } });
    const insert = await post(test, `${MSD}/Actions/VirtualMedia.InsertMedia`, { Image: "a.iso" });
    expect(insert.status).toBe(400);
    expect(await read(test, MSD)).toMatchObject({
      Inserted: null,
      Oem: { PiKVM: { MsdEnabled: false } },
    });
  });
});
