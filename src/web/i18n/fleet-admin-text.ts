import { enFleetAdmin } from "./en/fleet-admin.ts";
import { createText } from "./text.ts";
import { zhFleetAdmin } from "./zh-cn/fleet-admin.ts";

/** What the fleet's administration says. */
export const adminText = createText({ en: enFleetAdmin, "zh-CN": zhFleetAdmin });
