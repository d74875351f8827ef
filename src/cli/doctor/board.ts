import { boardPreset } from "../../config/boards.ts";
import { fine } from "./finding.ts";
import type { DoctorContext, DoctorFinding } from "./finding.ts";

/** Which board this is and whether it is simulated. */
export async function checkBoard(context: DoctorContext): Promise<readonly DoctorFinding[]> {
  const { config, platform } = context;
  if (platform.kind === "sim") {
    const message = "Simulated board: nothing here touches real hardware";
    const cure =
      "Set platform to linux to use real hardware; auto does so when a KVM board, a USB device controller or a CH340/CH9329 adapter is found";
    return [{ check: "board", level: "warn", message, cure }];
  }
  const identity = await platform.host.identity();
  const name = config.device.board === "auto" ? identity.preset : config.device.board;
  const { title } = boardPreset(name);
  const message = `${identity.model ?? "Unnamed computer"}; preset ${name} (${title})`;
  if (name !== "generic") return [fine("board", message)];
  const cure = "Fine for USB and serial parts; for ATX set the pins under device.atx";
  return [{ check: "board", level: "warn", message, cure }];
}
