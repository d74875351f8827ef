import { silentLogger } from "../../core/log.ts";
import { prepareCoreCommand } from "../../proxy/core-command.ts";
import { CoreStartError } from "../../proxy/proxy-errors.ts";
import { fine } from "./finding.ts";
import type { DoctorContext, DoctorFinding } from "./finding.ts";

const CHECK = "proxy";

/** What restricts the core. */
async function checkRestrictions({ platform }: DoctorContext): Promise<readonly DoctorFinding[]> {
  if ((await platform.process.which("setpriv")) !== undefined) return [];
  const message = "The core would run without its restrictions: setpriv is not installed";
  return [{ check: CHECK, level: "warn", message, cure: "Install the package util-linux" }];
}

/** The core that a panel would start, where the role is on. */
export async function checkProxyCore(context: DoctorContext): Promise<readonly DoctorFinding[]> {
  const { config, platform } = context;
  if (!config.roles.includes("proxy")) return [];
  try {
    const { core } = config.proxy;
    const parts = { config: core, process: platform.process, files: platform.files };
    const { family, version } = await prepareCoreCommand({ ...parts, log: silentLogger });
    const name = family === "xray" ? "Xray" : "V2Ray";
    return [fine(CHECK, `${name} ${version}`), ...(await checkRestrictions(context))];
  } catch (error) {
    if (!(error instanceof CoreStartError)) throw error;
    const cure = "Install xray as /usr/local/bin/xray, or correct proxy.core";
    return [{ check: CHECK, level: "missing", message: error.message, cure }];
  }
}
