import { enCommon } from "./en/common.ts";
import { createText } from "./text.ts";
import { zhCommon } from "./zh-cn/common.ts";

/** What every page says. */
export const commonText = createText({ en: enCommon, "zh-CN": zhCommon });
