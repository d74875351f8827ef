// The far end of the UART: a simulated CH9329 with its computer, which runs outside this machine (host/chip-server.ts)
// and so keeps its state when the power of this one is cut.
import type { ChipReport, ChipWishes } from "../host/chip-server.ts";
import { ask } from "./http.ts";
import { controlUrl } from "./job.ts";

export function readChip(): Promise<ChipReport> {
  return ask(`${controlUrl()}/chip`);
}

/** Changes something on the chip's side. */
export async function tellChip(wishes: ChipWishes): Promise<void> {
  await ask(`${controlUrl()}/chip`, wishes);
}
