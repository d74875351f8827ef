import { EXIT_USAGE } from "./io.ts";
import type { CliOutput } from "./output.ts";
import type { PairPasarguardParts } from "./pair-pasarguard.ts";

/** What the pairing commands need of this process. */
export type PairParts = PairPasarguardParts;

type PairCommand = (words: readonly string[], parts: PairParts, out: CliOutput) => Promise<number>;

/** With whom, by option; each is loaded when it is used. */
const PARTNERS: Readonly<Record<string, () => Promise<PairCommand>>> = {
  "--pasarguard": async () => (await import("./pair-pasarguard.ts")).pairPasarguardCommand,
};

/** `farhand pair --PARTNER`: what this device and another program have to know of each other. */
export async function pairCommand(
  [partner = "", ...words]: readonly string[],
  parts: PairParts,
  out: CliOutput,
): Promise<number> {
  const load = Object.hasOwn(PARTNERS, partner) ? PARTNERS[partner] : undefined;
  if (load === undefined) {
    out.stderr(`Usage: farhand pair ${Object.keys(PARTNERS).join("|")} [options]`);
    return EXIT_USAGE;
  }
  const command = await load();
  return command(words, parts, out);
}
