import { enSettings } from "./en/settings.ts";
import { createText } from "./text.ts";
import { zhSettings } from "./zh-cn/settings.ts";

/** What the settings pages say. */
export const settingsText = createText({ en: enSettings, "zh-CN": zhSettings });
