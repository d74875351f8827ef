// The far end of the UART: a simulated CH9329 with its computer, which runs outside this machine (host/chip-server.ts)
// and so keeps its state when the power of this one is cut.
import type { ChipReport, ChipWishes } from "../host/chip-server.ts";
import { controlUrl } from "./job.ts";

export async function readChip(): Promise<ChipReport> {
  const response = await fetch(`${controlUrl()}/chip`);
  const report: ChipReport = JSON.parse(await response.text());
  return report;
}

/** Changes something on the chip's side. */
export async function tellChip(wishes: ChipWishes): Promise<void> {
  await fetch(`${controlUrl()}/chip`, { method: "POST", body: JSON.stringify(wishes) });
}
