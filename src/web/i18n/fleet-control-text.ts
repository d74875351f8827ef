import { enFleetControl } from "./en/fleet-control.ts";
import { createText } from "./text.ts";
import { zhFleetControl } from "./zh-cn/fleet-control.ts";

/** What the fleet's page says about commands and terminals on nodes. */
export const controlText = createText({ en: enFleetControl, "zh-CN": zhFleetControl });
