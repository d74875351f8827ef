import { fine } from "./finding.ts";
import type { DoctorContext, DoctorFinding } from "./finding.ts";

async function describeDevice(context: DoctorContext, name: string): Promise<DoctorFinding> {
  const { inventory } = context;
  const title = (await inventory.text(`/sys/class/video4linux/${name}/name`)) ?? "unnamed";
  const path = `/dev/${name}`;
  const node = await inventory.node(path);
  if (node?.readable === true && node.writable) return fine("video", `${path}: ${title}`);
  const cure = "Add this user to group video and log in again";
  const message = `${path}: ${title}; not accessible`;
  return { check: "video", level: "missing", message, cure };
}

/** Capture devices. */
export async function checkVideo(context: DoctorContext): Promise<readonly DoctorFinding[]> {
  const names = await context.inventory.names("/sys/class/video4linux");
  const devices = names.filter((name) => /^video\d+$/.test(name));
  if (devices.length > 0) {
    return Promise.all(devices.map((name) => describeDevice(context, name)));
  }
  const cure = "Plug in an HDMI capture device, or enable the overlay of a CSI bridge (tc358743)";
  return [{ check: "video", level: "missing", message: "No video device", cure }];
}

/** The program that streams the picture. */
export async function checkStreamer(context: DoctorContext): Promise<readonly DoctorFinding[]> {
  const { process } = context.platform;
  const path = await process.which("ustreamer");
  if (path === undefined) {
    const cure = "Install the package ustreamer";
    return [{ check: "ustreamer", level: "missing", message: "ustreamer is not installed", cure }];
  }
  const { stdout, exitCode } = await process.run(path, ["--version"]);
  if (exitCode === 0) return [fine("ustreamer", `${path} ${stdout.trim()}`)];
  const message = `${path} does not run (exit status ${exitCode ?? "unknown"})`;
  return [{ check: "ustreamer", level: "missing", message, cure: "Install it anew" }];
}
