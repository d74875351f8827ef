import type { FastifyRequest } from "fastify";
import type { NodeRecord } from "../../hub/registry.ts";
import type { InstallHint } from "../../protocol/fleet/nodes.ts";

export interface InstallHintOptions {
  /** `hub.nezha.listen`: host and port for Nezha agents; empty when none may come. */
  readonly nezhaListen: string;
}

const HOST = /^[A-Za-z0-9.:[\]-]{1,255}$/;

/** Where the viewer sees this server; a name that could mean something to a shell is not repeated. */
function baseUrlOf({ protocol, host }: FastifyRequest): string {
  return `${protocol}://${HOST.test(host) ? host : "hub.example"}`;
}

function nezhaAddress(listen: string, base: string): string {
  const port = /:(\d+)$/.exec(listen)?.[1] ?? "5555";
  return `${new URL(base).hostname}:${port}`;
}

/** What to type on the machine. Tokens are letters and digits, so nothing needs quoting. */
export function installHints(
  request: FastifyRequest,
  { uuid }: NodeRecord,
  token: string,
  { nezhaListen }: InstallHintOptions,
): InstallHint[] {
  const base = baseUrlOf(request);
  const hints: InstallHint[] = [
    {
      agent: "farhand",
      title: "Farhand",
      command: `farhand pair ${base} --komari-token ${token}`,
    },
    {
      agent: "komari",
      title: "komari-agent",
      command: `komari-agent -e ${base} -t ${token}`,
    },
  ];
  if (nezhaListen === "") return hints;
  const server = nezhaAddress(nezhaListen, base);
  return [
    ...hints,
    {
      agent: "nezha",
      title: "nezha-agent 0.x",
      command: `nezha-agent -s ${server} -p ${token}`,
    },
    {
      agent: "nezha",
      title: "nezha-agent 1.x, 2.x",
      command: `env NZ_SERVER=${server} NZ_TLS=false NZ_CLIENT_SECRET=${token} NZ_UUID=${uuid} nezha-agent`,
    },
  ];
}
