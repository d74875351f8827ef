import { describe, expect, it } from "vitest";
import { findCaptureDevice } from "../../../src/platform/ustreamer/capture-device.ts";
import { createFileStore } from "../../../src/platform/files/node-files.ts";
import type { FileStore } from "../../../src/platform/files/port.ts";

/** A machine with these video nodes, by name. */
function machine(
  titles: Readonly<Record<string, string>>,
  links: readonly string[] = [],
): FileStore {
  return {
    ...createFileStore(),
    list: () => Promise.resolve(Object.keys(titles)),
    read: (path) => Promise.resolve(titles[path.split("/").at(-2) ?? ""]),
    fingerprint: (path) => (links.includes(path) ? "there" : undefined),
  };
}

describe("findCaptureDevice", () => {
  it("takes the first node that captures, by number", async () => {
    const files = machine({
      video10: "bcm2835-codec-decode\n",
      video12: "bcm2835-isp\n",
      video4: "USB Video: USB Video\n",
      "v4l-subdev0": "tc358743\n",
      video31: "USB2.0 Camera\n",
    });
    expect(await findCaptureDevice(files, "auto")).toEqual({
      path: "/dev/video4",
      title: "USB Video: USB Video",
      kind: "usb",
    });
  });

  it("knows the receiver of a CSI bridge", async () => {
    const files = machine({ video0: "unicam-image\n" });
    expect(await findCaptureDevice(files, "auto")).toMatchObject({ kind: "csi" });
  });

  it("prefers the link that PiKVM makes", async () => {
    const files = machine({ video0: "USB Video\n" }, ["/dev/kvmd-video"]);
    expect(await findCaptureDevice(files, "auto")).toMatchObject({ path: "/dev/kvmd-video" });
  });

  it("takes the configured device as it is", async () => {
    const files = machine({ video2: "USB Video\n" });
    expect(await findCaptureDevice(files, "/dev/video2")).toMatchObject({ path: "/dev/video2" });
  });

  it("finds nothing where there is nothing", async () => {
    expect(await findCaptureDevice(machine({}), "auto")).toBeUndefined();
  });
});
