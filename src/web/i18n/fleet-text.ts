import { enFleet } from "./en/fleet.ts";
import { createText } from "./text.ts";
import { zhFleet } from "./zh-cn/fleet.ts";

/** What the fleet's pages say. */
export const fleetText = createText({ en: enFleet, "zh-CN": zhFleet });
