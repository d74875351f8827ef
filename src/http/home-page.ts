import type { Config } from "../config/schema.ts";

/** What `/` shows: the fleet, the device's console, or a copy of PiKVM's pages. */
export type HomePage = "fleet" | "console" | "pikvm" | "none";

/** The one place that decides it. A machine that is both shows the fleet, of which the device is a part. */
export function homePageOf({ roles, device }: Pick<Config, "roles" | "device">): HomePage {
  if (roles.includes("hub")) return "fleet";
  if (!roles.includes("device")) return "none";
  return device.web.pikvmRoot === "" ? "console" : "pikvm";
}
