import { pairAgentCommand } from "./pair-agent.ts";
import type { CliOutput } from "./output.ts";
import type { PairPasarguardParts } from "./pair-pasarguard.ts";
import type { AgentPairParts } from "./pair-request.ts";

/** What the pairing commands need of this process. */
export type PairParts = PairPasarguardParts & AgentPairParts;

type PairCommand = (words: readonly string[], parts: PairParts, out: CliOutput) => Promise<number>;

/** With whom, by option; each is loaded when it is used. */
const PARTNERS: Readonly<Record<string, () => Promise<PairCommand>>> = {
  "--pasarguard": async () => (await import("./pair-pasarguard.ts")).pairPasarguardCommand,
};

/**
 * `farhand pair --PARTNER`: what this device and another program have to know of each other. `farhand pair ADDRESS`:
 * this machine on a monitoring server.
 */
export async function pairCommand(
  words: readonly string[],
  parts: PairParts,
  out: CliOutput,
): Promise<number> {
  const [partner = "", ...rest] = words;
  const load = Object.hasOwn(PARTNERS, partner) ? PARTNERS[partner] : undefined;
  if (load === undefined) return pairAgentCommand(words, parts, out);
  const command = await load();
  return command(rest, parts, out);
}
