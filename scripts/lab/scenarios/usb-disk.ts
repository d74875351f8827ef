// Disk images by the USB port: an uploaded image is a disk or a disc of the computer, with the right bytes.
import { createHash, randomBytes } from "node:crypto";
import { closeSync, openSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { call, get, post } from "../guest/api.ts";
import { run } from "../guest/daemon.ts";
import { until } from "../guest/wait.ts";
import type { Scenario } from "../guest/scenario.ts";

/** A disc has 300 sectors of 2 KiB at least. */
const BYTES = 640 << 10;
const NAME = "lab.img";

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** The block device behind the gadget: its name, once it has a medium of that size. */
function findDrive(prefix: "sd" | "sr", sectors: number): string | undefined {
  return readdirSync("/sys/block").find((name) => {
    if (!name.startsWith(prefix) || !realpathSync(`/sys/block/${name}`).includes("dummy_hcd")) {
      return false;
    }
    return Number(readFileSync(`/sys/block/${name}/size`, "utf8")) === sectors;
  });
}

/** Reads it past the computer's cache. */
async function readDrive(name: string): Promise<Buffer> {
  await run("blockdev", "--flushbufs", `/dev/${name}`);
  return readFileSync(`/dev/${name}`);
}

/** Nobody polls for media here as a desktop would: an access makes the kernel look. */
function touchDrives(prefix: "sd" | "sr"): void {
  for (const name of readdirSync("/sys/block").filter((entry) => entry.startsWith(prefix))) {
    try {
      closeSync(openSync(`/dev/${name}`, "r"));
    } catch {
      // Without a medium it cannot be opened.
    }
  }
}

async function awaitDrive(prefix: "sd" | "sr", sectors: number): Promise<string> {
  return await until(`a medium of ${sectors} sectors in a drive (${prefix})`, () => {
    touchDrives(prefix);
    return findDrive(prefix, sectors);
  });
}

const connect = (isOn: boolean): Promise<void> =>
  post(`/api/msd/set_connected?connected=${isOn ? 1 : 0}`);

export const usbDisk: Scenario = {
  name: "usb-disk",
  async run({ check, measure }) {
    const content = randomBytes(BYTES);
    const startedAt = performance.now();
    await post(`/api/msd/write?image=${NAME}`, content);
    measure("upload", BYTES / (1 << 20) / ((performance.now() - startedAt) / 1000), "MiB/s");

    await post(`/api/msd/set_params?image=${NAME}&cdrom=0&rw=0`);
    await connect(true);
    const disk = await awaitDrive("sd", BYTES / 512);
    check("the image is a disk", true);
    const readAt = performance.now();
    check("with the right bytes", digest(await readDrive(disk)) === digest(content));
    measure("read", BYTES / (1 << 20) / ((performance.now() - readAt) / 1000), "MiB/s");
    check("that cannot be written", readFileSync(`/sys/block/${disk}/ro`, "utf8").trim() === "1");
    await connect(false);
    await awaitDrive("sd", 0);
    check("disconnected, the drive is empty", true);

    await post(`/api/msd/set_params?image=${NAME}&cdrom=0&rw=1`);
    await connect(true);
    const writable = await awaitDrive("sd", BYTES / 512);
    const change = "written by the computer";
    await run(
      "sh",
      "-c",
      `printf '${change}' | dd of=/dev/${writable} conv=notrunc,fsync bs=512 seek=64`,
    );
    await connect(false);
    await awaitDrive("sd", 0);
    const { storage } = await get<{ storage: { images: Record<string, unknown> } }>("/api/msd");
    check("the image is listed", NAME in storage.images, Object.keys(storage.images));
    const { bytes } = await call("GET", `/api/msd/read?image=${NAME}`);
    check("what the computer wrote is in the image", bytes.includes(change));

    await post(`/api/msd/set_params?image=${NAME}&cdrom=1&rw=0`);
    await connect(true);
    const disc = await awaitDrive("sr", BYTES / 512);
    check("the image is a disc", digest(await readDrive(disc)) === digest(bytes));
    await connect(false);
    await post(`/api/msd/remove?image=${NAME}`);
  },
};
