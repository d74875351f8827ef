import { loadConfig } from "../../src/config/load.ts";
import type { AgentConfig } from "../../src/config/schema.ts";

/** The agent's part of the configuration with these settings, defaults for the rest. */
export async function agentConfig(
  part: Readonly<Record<string, unknown>> = {},
): Promise<AgentConfig> {
  const file = "test.yaml";
  const readFile = () => Promise.resolve(JSON.stringify({ agent: part }));
  const result = await loadConfig({ file, env: {}, readFile });
  if (!result.ok)
    throw new Error(result.problems.map(({ path, rule }) => `${path} ${rule}`).join());
  return result.loaded.config.agent;
}
