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
  const { command } = context.config.device.streamer;
  const path = await process.which(command);
  if (path === undefined) {
    const message = `${command} is not installed`;
    const cure = "Install the package ustreamer";
    return [{ check: "ustreamer", level: "missing", message, cure }];
  }
  const { stdout, exitCode } = await process.run(path, ["--version"]);
  if (exitCode === 0) return [fine("ustreamer", `${path} ${stdout.trim()}`)];
  const message = `${path} does not run (exit status ${exitCode ?? "unknown"})`;
  return [{ check: "ustreamer", level: "missing", message, cure: "Install it anew" }];
}

async function describeTool(
  { platform }: DoctorContext,
  tool: { readonly check: string; readonly command: string; readonly feature: string },
): Promise<DoctorFinding> {
  const { check, command, feature } = tool;
  const path = await platform.process.which(command);
  if (path !== undefined) return fine(check, path);
  const packageName = check === "ocr" ? "tesseract-ocr" : "ffmpeg";
  const message = `${command} is not installed: ${feature}`;
  return { check, level: "warn", message, cure: `Install the package ${packageName}` };
}

/** Programs that add to the picture. */
export async function checkPictureTools(context: DoctorContext): Promise<readonly DoctorFinding[]> {
  const { h264, ocr } = context.config.device.streamer;
  const encoder = {
    check: "h264",
    command: h264.ffmpeg,
    feature: "H.264 only where ustreamer makes it itself",
  };
  const reader = { check: "ocr", command: ocr.command, feature: "no text recognition" };
  return [
    ...(h264.encoder === "auto" || h264.encoder === "ffmpeg"
      ? [await describeTool(context, encoder)]
      : []),
    ...(ocr.enabled ? [await describeTool(context, reader)] : []),
  ];
}
