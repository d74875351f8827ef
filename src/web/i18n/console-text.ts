import { enConsole } from "./en/console.ts";
import { createText } from "./text.ts";
import { zhConsole } from "./zh-cn/console.ts";

/** What the device's console says. */
export const consoleText = createText({ en: enConsole, "zh-CN": zhConsole });
