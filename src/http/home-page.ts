import type { Config } from "../config/schema.ts";

/** What `/` shows: the fleet, a Komari theme in its place, the device's console, or a copy of PiKVM's pages. */
export type HomePage = "fleet" | "theme" | "console" | "pikvm" | "none";

/** The one place that decides it. A machine that is both shows the fleet, of which the device is a part. */
export function homePageOf({
  roles,
  device,
  hub,
}: Pick<Config, "roles" | "device" | "hub">): HomePage {
  if (roles.includes("hub")) return hub.themes.active === "" ? "fleet" : "theme";
  if (!roles.includes("device")) return "none";
  return device.web.pikvmRoot === "" ? "console" : "pikvm";
}
