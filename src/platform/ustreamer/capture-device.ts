import type { FileStore } from "../files/port.ts";

/** How a kind of capture hardware wants to be read (hardware facts 6.1). */
export interface CaptureDevice {
  readonly path: string;
  /** Of the driver, for people; empty when unknown. */
  readonly title: string;
  readonly kind: "csi" | "usb";
}

/** The link that PiKVM's udev rules make. */
const WELL_KNOWN = "/dev/kvmd-video";
const CLASS = "/sys/class/video4linux";
/** The receiver of the camera connector, which an HDMI bridge hangs on. */
const CSI_TITLE = /unicam|tc358743|rp1-cfe/i;
/** Nodes of decoders, encoders and image processors are no capture hardware. */
const NOT_CAPTURE = /codec|isp|decoder|encoder|vdec|rpivid|hevc/i;

async function titleOf(files: FileStore, name: string): Promise<string> {
  return ((await files.read(`${CLASS}/${name}/name`).catch(() => undefined)) ?? "").trim();
}

async function describe(files: FileStore, path: string): Promise<CaptureDevice> {
  const title = await titleOf(files, path.slice(path.lastIndexOf("/") + 1));
  // PiKVM names the device so on boards with the bridge, where the node's own name is not to be had.
  const isCsi = CSI_TITLE.test(title) || (title === "" && path === WELL_KNOWN);
  return { path, title, kind: isCsi ? "csi" : "usb" };
}

/** The configured device, or with "auto" the first capture device of this machine; undefined without any. */
export async function findCaptureDevice(
  files: FileStore,
  configured: string,
): Promise<CaptureDevice | undefined> {
  if (configured !== "auto") return describe(files, configured);
  if (files.fingerprint(WELL_KNOWN) !== undefined) return describe(files, WELL_KNOWN);
  const names = (await files.list(CLASS).catch(() => [])).filter((name) => /^video\d+$/.test(name));
  const numbered = names.toSorted((a, b) => Number(a.slice(5)) - Number(b.slice(5)));
  for (const name of numbered) {
    const device = await describe(files, `/dev/${name}`);
    if (!NOT_CAPTURE.test(device.title)) return device;
  }
  return undefined;
}
